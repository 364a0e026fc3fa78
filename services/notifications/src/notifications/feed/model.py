"""The part of an event that outsiders see: the structured CloudEvent, blind about a candidate until all have agreed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from events import Event, name_of
from events.matching import ProposalAccepted, ProposalConverted, ProposalEvent, SearchEvent
from events.sides import TELLING, Side, cut, sides_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from common.envelope import Envelope
    from events.parties import Parties

_REVEALS: Final = (ProposalAccepted, ProposalConverted)
"""Proposals of which the parties know each other; a later end hides them again."""
_WHO: Final = frozenset({"trainerId", "companyId"})
"""Ids that reveal a candidate; what a party has of a candidate is the proposal's id."""
_IDS: Final = _WHO | {"proposalId", "vacancyId", "boardId", "schoolId", "locationId", "rankingId", "contractId"}
_SHOWN: Final = frozenset(
    {
        *("specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "data"),
        *("partitionkey", "sequence", "sequencetype", "correlationid"),
    }
)
"""Attributes of the search for candidates that are shown; not its cause, which may be one trainer at many vacancies."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """The exact texts that receivers of an event get, in push and pull alike."""

    shown: str
    """To everybody whom it concerns, but for whom there is another text."""
    whole: str | None = None
    """To staff, where the text above hides something."""
    by_party: dict[UUID, str] = field(default_factory=dict)
    """To parties that may read more than everybody, such as why they declined themselves."""


def bodies_of(envelope: Envelope, event: Event, parties: Parties) -> Bodies:
    """Return what is shown of an event, and to whom of its parties."""
    data: dict[str, Any] = event.model_dump(mode="json", by_alias=True)
    attributes, sides = envelope.structured(data), _sides(parties)
    if not isinstance(event, ProposalEvent | SearchEvent):
        # Of a whole batch, which may be about many people: it would link what has nothing else in common.
        attributes.pop("traceparent", None)
    shown, whole = _text(_cut(attributes, event, set(sides.values()))), _text(attributes)
    if shown == whole:
        return Bodies(whole)
    texts = {side: _text(_cut(attributes, event, {side})) for side in set(sides.values())}
    return Bodies(shown, whole, {party: texts[side] for party, side in sides.items() if texts[side] != shown})


def _cut(attributes: dict[str, Any], event: Event, sides: Collection[Side]) -> dict[str, Any]:
    """Return what each of these sides may read."""
    name, data = name_of(event.type), attributes["data"]
    if not isinstance(event, ProposalEvent | SearchEvent):
        return {**attributes, "data": cut(name, data, sides, TELLING)}
    if isinstance(event, ProposalEvent) and set(sides) == {"trainer"}:
        return {**attributes, "data": cut(name, data, sides, data.keys() - _IDS)}
    blind = {attribute: value for attribute, value in attributes.items() if attribute in _SHOWN}
    known = _IDS if isinstance(event, _REVEALS) else _IDS - _WHO
    return {**blind, "data": cut(name, data, sides, data.keys() - known)}


def _sides(parties: Parties) -> dict[UUID, Side]:
    """Return the side of each party that can have a feed or a webhook."""
    roles = ((role, value) for role, value in parties.by_role().items() if isinstance(value, UUID))
    return {value: side for role, value in roles for side in sides_of([f"{role}={value}"])}


def _text(attributes: dict[str, Any]) -> str:
    return json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))
