"""Copy what others published, and complete what they published long ago."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from common.messaging.consumer import Received
from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from events.contracts import ContractDrafted
from events.matching import ProposalMade
from events.parties import SCHOOL_SIDE, Parties
from events.registry import ContactState, OrganisationFacts, VacancyFacts
from events.words import OrganisationKind
from notifications.fact import store
from notifications.fact.model import about
from notifications.fact.tables import parties

TERM: Final = "retention.message_content"
UNIT: Final = "metadataDays"


async def keep_desks(tx: Tx, received: Sequence[Received]) -> None:
    """Copy the region of each desk."""
    for item in received:
        if isinstance(item.event, OrganisationFacts) and item.event.kind is OrganisationKind.DESK:
            await store.put_desk(tx, item.event.organisation_id, item.event.region)


async def keep_contact(tx: Tx, state: ContactState) -> Any | None:
    """Copy how a party is reached; return how it was reached before, None where it was not known."""
    before = (await store.contacts_of(tx, {state.party_id})).get(state.party_id)
    await store.put_contact(tx, state)
    return before


async def learn_and_complete_parties(
    tx: Tx, received: Sequence[Received], learned: store.Learned = parties
) -> dict[UUID, Parties]:
    """Return who takes part, by event id; of an event without the attribute also those whom an earlier one named.

    Stores in ``learned`` whom such events name, in their order: a later run completes its events from it.
    """
    found = {item.envelope.id: item.parties for item in received}
    incomplete = _incomplete(received)
    if not incomplete:
        return found
    known, named = await store.parties_of(tx, learned, {id_ for _, id_ in incomplete}), {}
    for item, id_ in incomplete:
        if isinstance(item.event, _NAME_ALL):
            known[id_] = named[id_] = item.parties
        elif id_ in known:
            own = {**known[id_].by_role(), **item.parties.by_role()}
            found[item.envelope.id] = Parties(**own)  # type: ignore[arg-type]
    await store.put_parties(tx, learned, named)
    return found


_NAME_ALL: Final = (VacancyFacts, ProposalMade, ContractDrafted)


def _incomplete(received: Sequence[Received]) -> list[tuple[Received, UUID]]:
    """Return the events without the attribute, each with the vacancy, proposal or contract that it is about."""
    return [
        (item, about(item.event))
        for item in received
        if item.event is not None
        and item.envelope.parties is None
        and item.event.taking_part >= SCHOOL_SIDE
        and "organisation" not in item.event.taking_part
    ]


async def purge_vacancies(tx: Tx) -> int:
    """Delete what is known of vacancies that ended long ago; return how many rows that were.

    Raises:
        MissingDependency: the policy has not arrived.
    """
    before = await cutoff(tx, TERM, UNIT)
    return 0 if before is None else await store.purge_vacancies(tx, before)


PURGE: Final = Purge(table="vacancies", policy=TERM, forget=purge_vacancies)
