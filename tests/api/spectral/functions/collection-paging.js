// A GET at a plural noun is a collection, and comes in pages; a noun with a double s, such as fairness, is no plural.
const isCollection = (path) => /\/[a-z][a-z-]*[^s]s$/.test(path);

function faultOf(operation) {
  const answer = operation.responses?.["200"];
  const schema = answer?.content?.["application/json"]?.schema;
  if (!schema) return undefined; // a stream or a file
  const properties = schema.properties ?? {};
  if (properties.items?.type !== "array" || !("nextCursor" in properties)) return "answers with items and nextCursor";
  const parameters = Object.fromEntries((operation.parameters ?? []).map((each) => [each.name, each]));
  if (parameters.cursor?.in !== "query") return "takes cursor";
  const limit = parameters.limit?.schema;
  if (!limit || limit.default !== 50 || limit.maximum !== 500 || limit.minimum !== 1) return "takes limit, 50 of 1 to 500";
  if (!("Link" in (answer.headers ?? {}))) return "has a Link header";
  return undefined;
}

export default (paths, _options, context) =>
  Object.entries(paths ?? {}).flatMap(([path, methods]) => {
    const fault = methods.get && isCollection(path) ? faultOf(methods.get) : undefined;
    return fault ? [{ message: `A collection ${fault}: ${path}`, path: [...context.path, path, "get"] }] : [];
  });
