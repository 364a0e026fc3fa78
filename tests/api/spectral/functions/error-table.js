// Which errors an operation must tell of, by what it is.
const has = (operation, name) => (operation.parameters ?? []).some((parameter) => parameter.name === name);

export default (operation, _options, context) => {
  const [, path, method] = context.path;
  const wanted = ["400", "406", "429", "500", "503"];
  if (operation.security?.length) wanted.push("401", "403");
  if (path.includes("{")) wanted.push("404");
  if (method !== "get") wanted.push("409", "422");
  if (operation.requestBody) wanted.push("413", "415");
  if (has(operation, "If-Match")) wanted.push("412", "428");
  const missing = wanted.filter((status) => !(status in (operation.responses ?? {})));
  return missing.length ? [{ message: `The error table lacks ${missing.join(", ")}.` }] : [];
};
