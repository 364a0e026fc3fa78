"""Follow what happened: learn who takes part, plan the letters that are owed, put it on the feed, owe deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from common import erasure
from common.consumer import Received
from common.decision import Missing
from common.transaction import Tx
from events import Event, name_of
from events.registry import ContactState, OrganisationFacts, TrainerAnonymised
from events.words import OrganisationKind
from notifications.model import parties as taking_part
from notifications.model.feed import body_of
from notifications.model.message import Message, Status, message_id
from notifications.model.parties import Parties
from notifications.model.telling import OVERTAKES, RULES
from notifications.store import contacts, deliveries, endpoints, feed, messages

Known = Mapping[UUID, Parties]


async def follow(tx: Tx, received: Sequence[Received]) -> None:
    """Do all that a run of events asks for, in a few statements."""
    items = [(item, item.event) for item in received if item.event is not None]
    await contacts.put_parties(tx, [found for _, event in items if (found := taking_part.learned(event))])
    await _keep_desks(tx, [event for _, event in items])
    known = await _parties(tx, [event for _, event in items])
    await messages.plan(tx, await _owed(tx, items, known))
    await _overtake(tx, items)
    await _publish(tx, items, known)
    for item, event in items:
        if isinstance(event, TrainerAnonymised):
            tx.cause = item.envelope
            await erasure.erase(tx, event.trainer_id, forget_contact)
            tx.cause = None


async def keep_contact(tx: Tx, state: ContactState) -> None:
    """Keep how a party is reached, and send what waited for its address."""
    await contacts.put_contact(tx, state)
    if state.email is not None:
        await messages.hurry(tx, state.party_id)


async def forget_contact(tx: Tx, party_id: UUID) -> int:
    """Forget how a party is reached and drop what is planned for it; return how many rows held something."""
    planned = await messages.planned_for(tx, party_id)
    for message in planned:
        await messages.store.apply(tx, *message.drop(tx.now, "recipient_erased"))
    await messages.unqueue(tx, [message.id for message in planned])
    return await contacts.erase_contact(tx, party_id) + len(planned)


async def _keep_desks(tx: Tx, events: Iterable[Event]) -> None:
    for event in events:
        if isinstance(event, OrganisationFacts) and event.kind is OrganisationKind.DESK:
            await contacts.put_desk(tx, event.organisation_id, event.region)


async def _parties(tx: Tx, events: Sequence[Event]) -> Known:
    wanted = {id_: event.subject_kind() for event in events if (id_ := taking_part.concerned(event))}
    known = await contacts.parties_of(tx, wanted)
    for id_, kind in wanted.items():
        if id_ not in known:
            raise Missing(f"parties/{kind}/{id_}")
    return known


async def _owed(tx: Tx, items: Sequence[tuple[Received, Event]], known: Known) -> list[Message]:
    """Return the letters that are owed; nobody who was erased is written to."""
    desks = await contacts.desks_of(tx, {one.region for one in known.values() if one.region})
    addressed = [
        (item, event, role, recipient)
        for item, event in items
        if type(event) in RULES
        for role in RULES[type(event)].to(event)
        for recipient in _recipients(role, event, known, desks)
    ]
    reached = await contacts.contacts_of(tx, {recipient for *_, recipient in addressed})
    owed = []
    for item, event, role, recipient in addressed:
        if recipient not in reached:
            raise Missing(f"contact/{recipient}")
        if not reached[recipient].erased:
            owed.append(_message(tx, item, event, role, recipient, known))
    return owed


def _recipients(role: str, event: Event, known: Known, desks: Mapping[str, Sequence[UUID]]) -> Sequence[UUID]:
    concerned = known.get(taking_part.concerned(event) or UUID(int=0))
    if role == "desk":
        return desks.get((concerned and concerned.region) or "", ())
    if role == "owner":
        return (event.owner_id,)  # type: ignore[attr-defined]
    if concerned is None:
        return (event.trainer_id,)  # type: ignore[attr-defined]
    found = concerned.ids().get(role)
    return () if found is None else (found,)


def _message(tx: Tx, item: Received, event: Event, role: str, recipient: UUID, known: Known) -> Message:
    template, because = RULES[type(event)].template, item.envelope
    concerned = taking_part.concerned(event)
    named = known[concerned].ids() if concerned else {}
    facts: dict[str, Any] = event.model_dump(mode="json", by_alias=False)
    return Message(
        id=message_id(because.source, because.id, recipient, template),
        version=0,
        recipient_id=recipient,
        role=role,
        template=template,
        event_source=because.source,
        because_of=because.id,
        about=concerned or UUID(event.key),
        case_id=because.case,
        facts={**facts, "parties": {part: str(id_) for part, id_ in named.items()}},
        status=Status.PLANNED,
        planned_at=tx.now,
    )


async def _overtake(tx: Tx, items: Sequence[tuple[Received, Event]]) -> None:
    """Drop what an event overtook; a letter about a later event of the same run stays."""
    place = {item.envelope.id: number for number, (item, _) in enumerate(items)}
    newest: dict[tuple[str, ...], dict[UUID, int]] = {}
    for number, (_, event) in enumerate(items):
        if type(event) in OVERTAKES and (concerned := taking_part.concerned(event)):
            newest.setdefault(OVERTAKES[type(event)], {})[concerned] = number
    for templates, overtaken in newest.items():
        planned = [
            message
            for message in await messages.planned_about(tx, overtaken, templates)
            if place.get(message.because_of, -1) < overtaken[message.about]
        ]
        for message in planned:
            await messages.store.apply(tx, *message.drop(tx.now, "overtaken"))
        await messages.unqueue(tx, [message.id for message in planned])


async def _publish(tx: Tx, items: Sequence[tuple[Received, Event]], known: Known) -> None:
    rows = {}
    for item, event in items:
        concerned = taking_part.concerned(event)
        owners = taking_part.owners(event, known[concerned] if concerned else None)
        if owners:
            rows[item.envelope.id] = {
                "event_id": item.envelope.id,
                "event": name_of(item.envelope.type),
                "subject": item.envelope.subject,
                "recorded_at": item.envelope.time,
                "owners": sorted(owners),
                "body": body_of(item.envelope, event),
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
