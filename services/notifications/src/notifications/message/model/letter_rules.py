"""Which event has which letter, and for which recipients, as the files say; one that no file names has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from events import Event, name_of
from events.parties import REGION, SCHOOL_SIDE, Parties
from events.sides import TELLING, cut
from notifications.message.model.letter_files import PARTY_OF, Rule, discovered, indexed
from notifications.message.model.selections import ALL

_CUT: Final[Mapping[str, frozenset[str]]] = {"school": SCHOOL_SIDE, "trainer": frozenset({"trainer"})} | {
    "company": frozenset({"company"})
}

_LETTERS: Final = discovered()
BY_TEMPLATE: Final[Mapping[str, Rule]] = indexed((rule.template, rule) for rule in _LETTERS)
RULES: Final[Mapping[type[Event], Rule]] = indexed((rule.event, rule) for rule in _LETTERS if rule.event is not None)
ADDRESS_CHANGED: Final = BY_TEMPLATE["address-changed"]
"""The letter to a former address: no event has it, but a contact whose address changed."""
WHILE_OPEN: Final = tuple(rule.template for rule in _LETTERS if rule.while_open)
"""Letters that are true only while the vacancy is open."""
SUPERSEDES: Final[Mapping[type[Event], Sequence[str]]] = {
    event: [rule.template for rule in _LETTERS if event in rule.superseded_by]
    for event in dict.fromkeys(event for rule in _LETTERS for event in rule.superseded_by)
}
"""The unsent letters about the same thing that an event makes pointless."""


def recipients(role: str, parties: Parties, desks: Mapping[str, Sequence[UUID]]) -> Sequence[UUID]:
    """Return the recipients of a letter to a role; a school is addressed at the location, a desk by its region."""
    if role == "desk":
        return desks.get(parties.region or "", ())
    found = getattr(parties, PARTY_OF[role])
    return () if found is None else (found,)


def own_part(role: str, recipient: UUID, parties: Parties) -> Parties:
    """Return the parties of a letter itself: its recipient, at every level, and the region."""
    if role in _CUT:
        return parties.only(*_CUT[role], REGION)
    return replace(parties.only(REGION), organisation=recipient)


def names(parties: Parties) -> dict[str, UUID]:
    """Return the parties that a revealing letter may name, by role."""
    found = {role: getattr(parties, PARTY_OF[role]) for role in ALL}
    return {role: id_ for role, id_ in found.items() if id_ is not None}


def readable(template: str, role: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the facts that a recipient may read of an event, as in cases and the feed; the others are None."""
    rule = BY_TEMPLATE[template]
    if rule.event is None or role == "desk":
        return facts
    return cut(name_of(rule.event.type), facts, {"organisation" if role == "owner" else role}, TELLING)


def is_superseded(template: str, role: str, by: Event) -> bool:
    """Return whether an event supersedes an unsent letter; one with the same letter does so for its own recipients."""
    if template not in SUPERSEDES.get(type(by), ()):
        return False
    rule = RULES.get(type(by))
    return rule is None or rule.template != template or role in rule.to(by)
