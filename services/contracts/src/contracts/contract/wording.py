"""A contract's clauses as a text to read, in Dutch and in English; names come in here and are kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.fact.model import Contact
from events.words import Party

Language: TypeAlias = Literal["nl", "en"]
Names: TypeAlias = Mapping[Party, Contact]
"""What is known of the parties today; a party that was erased has no name any more."""

FOLDER: Final = Path(__file__).parent / "texts"
_MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "nl": (
        "januari", "februari", "maart", "april", "mei", "juni",
        "juli", "augustus", "september", "oktober", "november", "december",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


def render(clauses: Mapping[str, Any], names: Names, language: Language) -> str:
    """Return the document's text: the edition's standard wording, filled in."""
    template = _TEXTS.get_template(f"{clauses['edition']}/contract.{language}.txt.j2")
    return template.render(
        clauses=clauses,
        names={party.value: _named(names.get(party)) for party in Party},
        day=lambda iso: _day(iso, language),
        money=lambda cents: _money(cents, language),
        percent=lambda rate: f"{Decimal(rate) * 100:.0f}",
    )


def _named(contact: Contact | None) -> dict[str, str] | None:
    if contact is None:
        return None
    number = contact.brin or contact.kvk
    return {"name": contact.name, "number": number or "", "contact": contact.contact_name or ""}


def _day(iso: str, language: Language) -> str:
    found = date.fromisoformat(iso)
    return f"{found.day} {_MONTHS[language][found.month - 1]} {found.year}"


def _money(cents: int, language: Language) -> str:
    text = f"{Decimal(cents) / 100:,.2f}"
    return f"€ {text.translate(str.maketrans(',.', '.,'))}" if language == "nl" else f"€{text}"


_TEXTS: Final = Environment(
    loader=FileSystemLoader(FOLDER),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701 - plain text, never shown as HTML
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
