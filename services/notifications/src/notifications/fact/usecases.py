"""Copy what others published, and complete what they published long ago."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from common.messaging.consumer import Received
from common.persistence.terms import Purge, cutoff
from common.persistence.transaction import Tx
from events.contracts import ContractDrafted, ContractEvent
from events.matching import ProposalMade
from events.parties import SCHOOL_SIDE, Parties
from events.registry import ContactState, OrganisationFacts, VacancyFacts
from events.words import OrganisationKind
from notifications.fact import store
from notifications.fact.model import DESCRIBED, FOLLOWED, Work, about, described, followed
from notifications.fact.tables import parties

TERM: Final = "retention.message_content"
UNIT: Final = "metadataDays"


async def keep_desks(tx: Tx, received: Sequence[Received]) -> None:
    """Copy the region of each desk."""
    for item in received:
        if isinstance(item.event, OrganisationFacts) and item.event.kind is OrganisationKind.DESK:
            await store.put_desk(tx, item.event.organisation_id, item.event.region)


async def keep_works(tx: Tx, received: Sequence[Received]) -> None:
    """Keep what the work of each vacancy and contract is, so that letters can name it.

    What vacancies and contracts of before this table are about is not known: their letters leave it out.
    """
    events = [item.event for item in received if isinstance(item.event, (*DESCRIBED, *FOLLOWED))]
    if not events:
        return
    asked = {event.vacancy_id for event in events if isinstance(event, ContractDrafted)}
    known = await store.works_of(tx, {about(event) for event in events} | asked)
    written: dict[UUID, tuple[UUID | None, Work]] = {}
    gone: set[UUID] = set()
    for event in events:
        id_ = about(event)
        work = described(event, known.get(event.vacancy_id))
        if work is None and id_ in known:
            work = followed(known[id_], event)
        if work is None:
            known.pop(id_, None)
            written.pop(id_, None)
            gone.add(id_)
        else:
            known[id_] = work
            written[id_] = (event.trainer_id if isinstance(event, ContractEvent) else None, work)
            gone.discard(id_)
    await store.drop_works(tx, gone)
    await store.put_works(tx, written)


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


async def purge_works(tx: Tx) -> int:
    """Delete what the work was once it is over so long that no letter can be about it; return how many rows.

    Raises:
        MissingDependency: the policy has not arrived.
    """
    before = await cutoff(tx, TERM, UNIT)
    return 0 if before is None else await store.purge_works(tx, before.date())


PURGES: Final = (
    Purge(table="vacancies", policy=TERM, forget=purge_vacancies),
    Purge(table="works", policy=TERM, forget=purge_works),
)
