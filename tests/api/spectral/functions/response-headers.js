// The header fields that an answer of each status has.
const ALWAYS = ["API-Version"];
const LIMITS = ["RateLimit", "RateLimit-Policy"];
const ALSO = { 401: ["WWW-Authenticate"], 403: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"] };

function wanted(status, response) {
  const names = [...ALWAYS, ...LIMITS, ...(ALSO[status] ?? [])];
  const body = response.content?.["application/json"]?.schema?.properties ?? {};
  if (/^2/.test(status) && "version" in body) names.push("ETag");
  if (status === "201" && "id" in body) names.push("Location");
  if (status === "304") names.push("ETag");
  return names;
}

export default (responses, _options, context) =>
  Object.entries(responses ?? {}).flatMap(([status, response]) => {
    const method = context.path[2];
    const missing = wanted(status, response).filter(
      (name) => !(name in (response.headers ?? {})) && !(name === "Location" && method !== "post"),
    );
    if (!missing.length) return [];
    return [{ message: `${status} lacks the header ${missing.join(", ")}.`, path: [...context.path, status] }];
  });
