// A request header that operations of a kind take.
export default (operation, { name, required, unless = [], whenAnswerHas }) => {
  if (unless.some((mark) => operation[mark])) return [];
  if (whenAnswerHas) {
    const answer = operation.responses?.["200"]?.content?.["application/json"]?.schema?.properties ?? {};
    if (!(whenAnswerHas in answer)) return [];
  }
  const found = (operation.parameters ?? []).find((each) => each.in === "header" && each.name === name);
  if (found && Boolean(found.required) === required) return [];
  return [{ message: `The header ${name} must be ${required ? "a required" : "an optional"} parameter.` }];
};
