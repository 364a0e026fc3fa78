"""Events written before envelopes named their parties: completed with what earlier ones of their kind told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from common.messaging.consumer import Received
from common.persistence.transaction import Tx
from events import Event
from events.contracts import ContractDrafted
from events.matching import ProposalMade
from events.parties import SCHOOL_SIDE, Parties
from events.registry import VacancyFacts
from notifications.model.telling import about
from notifications.store import contacts


@dataclass(frozen=True, slots=True)
class Heard:
    """An event and who takes part in what it is about."""

    item: Received
    event: Event
    parties: Parties


async def complete(tx: Tx, items: Sequence[Heard]) -> list[Heard]:
    """Return the events, those without the attribute with every party that an earlier event named."""
    old = [(heard, id_) for heard in items if heard.item.envelope.parties is None and (id_ := _about(heard.event))]
    if not old:
        return list(items)
    await contacts.put_parties(tx, {id_: heard.parties for heard, id_ in old if isinstance(heard.event, _NAME_ALL)})
    known = await contacts.parties_of(tx, {id_ for _, id_ in old})
    filled = {heard.item.envelope.id: _filled(heard.parties, known[id_]) for heard, id_ in old if id_ in known}
    return [replace(heard, parties=filled.get(heard.item.envelope.id, heard.parties)) for heard in items]


_NAME_ALL: Final = (VacancyFacts, ProposalMade, ContractDrafted)


def _about(event: Event) -> UUID | None:
    """Return the vacancy, proposal or contract that it is about."""
    if not event.taking_part >= SCHOOL_SIDE or "organisation" in event.taking_part:
        return None
    return about(event)


def _filled(parties: Parties, known: Parties) -> Parties:
    return Parties(**{**known.by_role(), **parties.by_role()})  # type: ignore[arg-type]
