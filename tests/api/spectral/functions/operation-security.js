// Who may call each operation.
const METHODS = ["get", "put", "post", "patch", "delete"];

function faultOf(operation, known) {
  const needs = operation.security ?? [];
  if (operation["x-public"]) return needs.length ? "is public and yet asks for a token" : undefined;
  if (needs.length !== 1 || Object.keys(needs[0]).join() !== "oauth2") return "needs oauth2, or x-public with a reason";
  const scopes = needs[0].oauth2;
  if (scopes.length !== 1) return "needs exactly one scope";
  return scopes[0] in known ? undefined : `asks for the scope ${scopes[0]}, which is not declared`;
}

export default (document) => {
  const known = document.components?.securitySchemes?.oauth2?.flows?.clientCredentials?.scopes ?? {};
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    METHODS.filter((method) => operations[method]).flatMap((method) => {
      const fault = faultOf(operations[method], known);
      return fault ? [{ message: `${method} ${path} ${fault}.`, path: ["paths", path, method, "security"] }] : [];
    }),
  );
};
