"""Follow what happened: plan the letters that are owed, put it on the feed, owe deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from common.messaging import erasure
from common.messaging.consumer import Received, Waits
from common.persistence.transaction import Tx
from events import Event, name_of
from events.registry import ContactState, OrganisationFacts, TrainerAnonymised
from events.words import OrganisationKind
from notifications.model import telling
from notifications.model.feed import bodies_of
from notifications.model.message import Message, Status, message_id
from notifications.model.telling import BY_TEMPLATE, OVERTAKES, RULES
from notifications.model.vacancies import DECISIVE, WHILE_OPEN, is_over
from notifications.store import contacts, deliveries, endpoints, feed, former, messages
from notifications.usecases import before_parties, readdressing
from notifications.usecases.before_parties import Heard


async def follow(tx: Tx, received: Sequence[Received]) -> Sequence[Waits]:
    """Do all that a run of events asks for, in a few statements; where some of them wait, return those instead."""
    items = [Heard(item, item.event, item.parties) for item in received if item.event is not None]
    items = await before_parties.complete(tx, items)
    await _keep_desks(tx, [heard.event for heard in items])
    owed, waits = await _owed(tx, items)
    if waits:
        return waits
    if owed or any(type(heard.event) in _WRITES for heard in items):
        await contacts.take_turn(tx)
    over = await _vacancies_over(tx, items, owed)
    await messages.plan(tx, owed)
    await _drop_untrue(tx, over)
    await _overtake(tx, items)
    for heard in items:
        if isinstance(heard.event, TrainerAnonymised):
            tx.cause = heard.item.envelope
            await erasure.erase(tx, heard.event.trainer_id, forget_contact)
            tx.cause = None
    await _publish(tx, items)
    return ()


_WRITES: Final = frozenset({*OVERTAKES, TrainerAnonymised})
"""Events that change letters, or vacancies that letters are about."""


async def keep_contact(tx: Tx, state: ContactState) -> None:
    """Keep how a party is reached, tell a former address of the change, and go on with what waited for the party."""
    before = (await contacts.contacts_of(tx, {state.party_id})).get(state.party_id)
    await contacts.put_contact(tx, state)
    if before is None:
        await endpoints.ask_confirmed(tx, state.party_id)
    if tx.cause is not None and readdressing.is_moved(before, state):
        await readdressing.tell_former(tx, tx.cause, before, state)
    if state.email is not None:
        await messages.hurry(tx, state.party_id)


async def forget_contact(tx: Tx, party_id: UUID) -> int:
    """Forget how a party is reached and drop what is planned for it; return how many rows held something."""
    planned = await messages.planned_for(tx, party_id)
    for message in planned:
        await messages.store.apply(tx, *message.drop(tx.now, "recipient_erased"))
    await messages.unqueue(tx, [message.id for message in planned])
    return await contacts.erase_contact(tx, party_id) + await former.erase(tx, party_id) + len(planned)


async def _keep_desks(tx: Tx, events: Iterable[Event]) -> None:
    for event in events:
        if isinstance(event, OrganisationFacts) and event.kind is OrganisationKind.DESK:
            await contacts.put_desk(tx, event.organisation_id, event.region)


async def _owed(tx: Tx, items: Sequence[Heard]) -> tuple[list[Message], list[Waits]]:
    """Return the letters that are owed, and what waits for an address; nobody who was erased is written to."""
    told = [heard for heard in items if type(heard.event) in RULES]
    desks = await contacts.desks_of(tx, {heard.parties.region for heard in told if heard.parties.region})
    addressed = [
        (heard, role, recipient)
        for heard in told
        for role in RULES[type(heard.event)].to(heard.event)
        for recipient in telling.recipients(role, heard.parties, desks)
    ]
    reached = await contacts.contacts_of(tx, {recipient for *_, recipient in addressed})
    waits = [Waits(heard.item, f"contact/{recipient}") for heard, _, recipient in addressed if recipient not in reached]
    owed = [
        _message(heard, role, recipient)
        for heard, role, recipient in addressed
        if recipient in reached and not reached[recipient].erased
    ]
    return await _once_per_address(tx, owed, reached), waits


async def _once_per_address(tx: Tx, owed: Sequence[Message], reached: Mapping[UUID, Any]) -> list[Message]:
    """Return the letters without those that say to an address what another of its organisations is told already."""
    kept, known = [], set()
    for message in owed:
        email = reached[message.recipient_id].email
        if email and BY_TEMPLATE[message.template].once_per_address:
            others = await contacts.at_address(tx, email) - {message.recipient_id}
            letter = (message.template, message.about, email.lower())
            if letter in known or await messages.has_gone_to(tx, others, message.template, message.about):
                continue
            known.add(letter)
        kept.append(message)
    return kept


def _message(heard: Heard, role: str, recipient: UUID) -> Message:
    template, because = RULES[type(heard.event)].template, heard.item.envelope
    facts: dict[str, Any] = heard.event.model_dump(mode="json", by_alias=False)
    named = {part: str(id_) for part, id_ in telling.names(heard.parties).items()}
    return Message(
        id=message_id(because.source, because.id, recipient, template),
        version=0,
        recipient_id=recipient,
        role=role,
        template=template,
        event_source=because.source,
        because_of=because.id,
        about=telling.about(heard.event),
        case_id=because.case,
        facts={**facts, "parties": named},
        parties=telling.own_part(role, recipient, heard.parties),
        status=Status.PLANNED,
        planned_at=because.time,
    )


async def _vacancies_over(tx: Tx, items: Sequence[Heard], owed: Sequence[Message]) -> list[UUID]:
    """Record which vacancies ended or were reopened; return those that are over and about which letters are owed."""
    asking = {message.about for message in owed if message.template in WHILE_OPEN}
    published: dict[UUID, list[str]] = {id_: [] for id_ in asking}
    for heard in items:
        if (name := name_of(heard.event.type)) in DECISIVE:
            published.setdefault(telling.about(heard.event), []).append(name)
    known = await contacts.follow_vacancies(tx, published)
    return [id_ for id_ in asking if is_over(known[id_])]


async def _drop_untrue(tx: Tx, over: Sequence[UUID]) -> None:
    """Drop letters that speak of looking for somebody where the vacancy is over.

    They are planned all the same, so that each event has its letters whenever it is handled: one that is dropped is
    seen with its reason.
    """
    if over:
        await _drop(tx, await messages.planned_about(tx, over, WHILE_OPEN))


async def _overtake(tx: Tx, items: Sequence[Heard]) -> None:
    """Drop what an event overtook; a letter about a later event of the same run stays."""
    place = {heard.item.envelope.id: number for number, heard in enumerate(items)}
    after: dict[UUID, list[tuple[int, Event]]] = {}
    for number, heard in enumerate(items):
        if type(heard.event) in OVERTAKES:
            after.setdefault(telling.about(heard.event), []).append((number, heard.event))
    if not after:
        return
    templates = {name for told in after.values() for _, event in told for name in OVERTAKES[type(event)]}
    planned = [
        message
        for message in await messages.planned_about(tx, after, templates)
        if any(
            place.get(message.because_of, -1) < number and telling.is_overtaken(message.template, message.role, event)
            for number, event in after[message.about]
        )
    ]
    await _drop(tx, planned)


async def _drop(tx: Tx, overtaken: Sequence[Message]) -> None:
    for message in overtaken:
        await messages.store.apply(tx, *message.drop(tx.now, "overtaken"))
    await messages.unqueue(tx, [message.id for message in overtaken])


async def _publish(tx: Tx, items: Sequence[Heard]) -> None:
    rows = {}
    for heard in items:
        envelope, owners = heard.item.envelope, heard.parties.ids()
        if owners:
            bodies = bodies_of(envelope, heard.event, heard.parties)
            rows[envelope.id] = {
                "event_id": envelope.id,
                "event": name_of(envelope.type),
                "subject": envelope.subject,
                "recorded_at": envelope.time,
                "owners": sorted(owners),
                "body": bodies.shown,
                "whole_body": bodies.whole,
                "party_bodies": {str(party): text for party, text in bodies.by_party.items()} or None,
            }
    places = await feed.append(tx, list(rows.values()))
    if places:
        await _owe(tx, [{**rows[id_], "position": place} for id_, place in places.items()])


async def _owe(tx: Tx, new: Sequence[Mapping[str, Any]]) -> None:
    listening = await endpoints.present(tx)
    await deliveries.owe(
        tx,
        [
            {
                "endpoint_id": endpoint.id,
                "event_id": row["event_id"],
                "position": row["position"],
                "subject": row["subject"],
            }
            for row in new
            for endpoint in listening
            if endpoint.owner_id in row["owners"] and endpoint.wants(row["event"])
        ],
    )
