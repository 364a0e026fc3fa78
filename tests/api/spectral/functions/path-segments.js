// The segments of every path.
// Nouns that are no plural by their form, or have none.
const PLURALS = new Set(["people", "eligibility"]);
const isTemplate = (segment) => /^\{[a-z][a-zA-Z0-9]*\}$/.test(segment);
const isPlural = (segment) => segment.endsWith("s") || PLURALS.has(segment);

function faultOf(path) {
  if (!path.startsWith("/") || path.endsWith("/")) return "begins with a slash and does not end in one";
  const segments = path.slice(1).split("/");
  if (/^v\d+$/.test(segments[0])) return "leaves the version to the server's address";
  if (isTemplate(segments[0]) || !isPlural(segments[0])) return "begins with a plural noun";
  for (const [index, segment] of segments.entries()) {
    if (isTemplate(segment)) continue;
    if (segment.startsWith("_")) {
      if (index !== segments.length - 1) return "has an operation (_…) in the last segment only";
      if (!/^_[a-z]+(-[a-z]+)*$/.test(segment)) return "names operations in kebab-case";
      continue;
    }
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(segment)) return "is kebab-case, without extension";
    const next = segments[index + 1];
    if (next && isTemplate(next) && !isPlural(segment)) return "has a plural noun before an id";
  }
  return undefined;
}

export default (paths, _options, context) =>
  Object.keys(paths ?? {}).flatMap((path) => {
    const fault = faultOf(path);
    return fault ? [{ message: `A path ${fault}: ${path}`, path: [...context.path, path] }] : [];
  });
