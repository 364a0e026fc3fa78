// What the name of a property promises about time.
const PROMISES = [
  [/[a-z0-9]On$/, "date"],
  [/[a-z0-9]At$/, "date-time"],
  [/[a-z0-9]Time$/, "time-local"],
  [/Date|^date/, "date"],
];
const text = (schema) => [schema?.type].flat().includes("string");

export default (properties, _options, context) =>
  Object.entries(properties ?? {}).flatMap(([name, schema]) => {
    if (typeof schema !== "object" || schema === null || schema.$ref) return [];
    if ([schema.type].flat().includes("boolean")) return []; // inCompanyTime is a yes or no
    const wanted = PROMISES.find(([shape]) => shape.test(name))?.[1];
    if (!wanted || (text(schema) && schema.format === wanted)) return [];
    return [{ message: `${name} must be a string of format ${wanted}.`, path: [...context.path, name] }];
  });
