// JSON that comes in is closed, however it is composed.
function isClosed(schema) {
  if (!schema) return false;
  if (schema.oneOf) return schema.oneOf.every(isClosed);
  if ([schema.type].flat().includes("array")) return isClosed(schema.items);
  return [schema.type].flat().includes("object") && schema.additionalProperties === false;
}

export default (content, _options, context) =>
  Object.entries(content ?? {}).flatMap(([media, { schema }]) => {
    if (!/[/+]json$/.test(media) || isClosed(schema)) return [];
    return [{ message: "A JSON body must have additionalProperties: false.", path: [...context.path, media] }];
  });
