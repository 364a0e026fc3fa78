// A page that shows cases follows what happens; without this script it is read again by hand.
const main = document.querySelector("main[data-changes]");
if (main && !document.querySelector(".sign-in")) {
  const changes = new EventSource(main.dataset.changes);
  changes.onmessage = async () => {
    if (main.contains(document.activeElement) && document.activeElement.matches("input")) return;
    const answer = await fetch(location.href);
    if (!answer.ok || answer.redirected) return changes.close();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    main.replaceChildren(...page.querySelector("main").childNodes);
  };
}
