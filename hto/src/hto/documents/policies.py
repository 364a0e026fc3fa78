"""The page of all rules, in two languages: each row with its period, source and owner, and whether it was read."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from registry.policy.wording import subject

if TYPE_CHECKING:
    from hto.policies import Rows
    from rules.words import Language

PAGES: Final[dict[Language, str]] = {"nl": "regels.md", "en": "rules.md"}
_WORDS: Final = {
    "nl": {
        "title": "Alle regels",
        "intro": "Gemaakt uit de regels die deze versie meelevert, met `make docs`. Een regel is *gecontroleerd* als "
        "iemand hem heeft vergeleken met de tekst van nu. `hto policies due` noemt de regels die nog gelezen moeten "
        "worden. De bronnen staan er zoals de regel ze noemt.",
        "head": "| regel | van | tot en met | bron | gecontroleerd |",
        "owner": "Verantwoordelijk",
        "never": "nee",
        "read": "door {by}, op {on}",
        "total": "{rows} regels, waarvan {read} gecontroleerd.",
    },
    "en": {
        "title": "All rules",
        "intro": "Made from the rules that this version ships, by `make docs`. A rule is *verified* once a person "
        "compared it with the text of today. `hto policies due` names the rules that must still be read.",
        "head": "| rule | from | until | source | verified |",
        "owner": "Owner",
        "never": "no",
        "read": "by {by}, on {on}",
        "total": "{rows} rows, {read} of them verified.",
    },
}


def page(rows: Rows, language: Language) -> str:
    """Return the page of all rows in one language."""
    words = _WORDS[language]
    total = words["total"].format(rows=len(rows), read=sum(row["verified"] for row in rows))
    lines = [f"# {words['title']}", "", words["intro"], "", total]
    for code, group in groupby(rows, key=lambda row: str(row["code"]).partition(".")[0]):
        found = subject(code)
        lines += ["", f"## {found.name(language)}", "", f"{words['owner']}: {found.owner(language)}.", ""]
        lines += [words["head"], "|---|---|---|---|---|"]
        for row in group:
            read = (
                words["read"].format(by=row["verifiedBy"], on=row["verifiedOn"]) if row["verified"] else words["never"]
            )
            source = row["source"].replace("|", "\\|")
            lines.append(f"| `{row['code']}` | {row['validFrom']} | {row['validUntil'] or ''} | {source} | {read} |")
    return "\n".join(lines) + "\n"
