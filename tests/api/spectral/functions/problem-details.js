// Every error has one form.
const MEMBERS = ["type", "title", "status", "detail", "instance"];

export default (responses, _options, context) =>
  Object.entries(responses ?? {}).flatMap(([status, response]) => {
    if (!/^[45]/.test(status)) return [];
    const path = [...context.path, status];
    const media = Object.keys(response.content ?? {});
    if (media.length !== 1 || media[0] !== "application/problem+json")
      return [{ message: `${status} must be application/problem+json and nothing else.`, path }];
    const known = response.content[media[0]].schema?.properties ?? {};
    const missing = MEMBERS.filter((member) => !(member in known));
    if (missing.length) return [{ message: `The problem of ${status} lacks ${missing.join(", ")}.`, path }];
    const fault = Object.keys(known.invalidParams?.items?.properties ?? {});
    const incomplete = ["name", "reason", "code"].some((member) => !fault.includes(member));
    return incomplete ? [{ message: `The problem of ${status} lacks invalidParams[{name, reason, code}].`, path }] : [];
  });
