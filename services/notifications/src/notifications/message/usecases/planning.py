"""Plan the letters that events have, and drop those that are not true any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from common.messaging import erasure
from common.messaging.consumer import Received, Waits
from common.persistence.transaction import Tx
from events import Event, name_of
from events.parties import Parties
from events.registry import TrainerAnonymised
from notifications.fact import store as facts
from notifications.fact.model import DECISIVE, about, is_over
from notifications.fact.usecases import parties_of
from notifications.message.model import letter_rules
from notifications.message.model.letter_rules import BY_TEMPLATE, OVERTAKES, RULES, WHILE_OPEN
from notifications.message.model.message import Message, Status, message_id
from notifications.message.store import messages
from notifications.message.usecases.recipients import erase_contact


class Heard(NamedTuple):
    """An event and who takes part in what it is about."""

    item: Received
    event: Event
    parties: Parties


async def plan_letters(tx: Tx, received: Sequence[Received]) -> Sequence[Waits]:
    """Plan and drop what a run of events asks for, in a few statements; where some of them wait, return those."""
    parties = await parties_of(tx, received)
    items = [Heard(item, item.event, parties[item.envelope.id]) for item in received if item.event is not None]
    owed, waits = await _owed(tx, items)
    if waits:
        return waits
    if owed or any(type(heard.event) in _WRITES for heard in items):
        await facts.take_turn(tx)
    over = await _vacancies_over(tx, items, owed)
    await messages.plan(tx, owed)
    await _drop_untrue(tx, over)
    await _overtake(tx, items)
    for heard in items:
        if isinstance(heard.event, TrainerAnonymised):
            tx.cause = heard.item.envelope
            await erasure.erase(tx, heard.event.trainer_id, erase_contact)
            tx.cause = None
    return ()


_WRITES: Final = frozenset({*OVERTAKES, TrainerAnonymised})
"""Events that change letters, or vacancies that letters are about."""


async def _owed(tx: Tx, items: Sequence[Heard]) -> tuple[list[Message], list[Waits]]:
    """Return the letters that are owed, and what waits for an address; nobody who was erased is written to."""
    told = [heard for heard in items if type(heard.event) in RULES]
    desks = await facts.desks_of(tx, {heard.parties.region for heard in told if heard.parties.region})
    addressed = [
        (heard, role, recipient)
        for heard in told
        for role in RULES[type(heard.event)].to(heard.event)
        for recipient in letter_rules.recipients(role, heard.parties, desks)
    ]
    reached = await facts.contacts_of(tx, {recipient for *_, recipient in addressed})
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
            others = await facts.at_address(tx, email) - {message.recipient_id}
            letter = (message.template, message.about, email.lower())
            if letter in known or await messages.has_gone_to(tx, others, message.template, message.about):
                continue
            known.add(letter)
        kept.append(message)
    return kept


def _message(heard: Heard, role: str, recipient: UUID) -> Message:
    template, because = RULES[type(heard.event)].template, heard.item.envelope
    facts: dict[str, Any] = heard.event.model_dump(mode="json", by_alias=False)
    named = {part: str(id_) for part, id_ in letter_rules.names(heard.parties).items()}
    return Message(
        id=message_id(because.source, because.id, recipient, template),
        version=0,
        recipient_id=recipient,
        role=role,
        template=template,
        event_source=because.source,
        because_of=because.id,
        about=about(heard.event),
        case_id=because.case,
        facts={**facts, "parties": named},
        parties=letter_rules.own_part(role, recipient, heard.parties),
        status=Status.PLANNED,
        planned_at=because.time,
    )


async def _vacancies_over(tx: Tx, items: Sequence[Heard], owed: Sequence[Message]) -> list[UUID]:
    """Record which vacancies ended or were reopened; return those that are over and about which letters are owed."""
    asking = {message.about for message in owed if message.template in WHILE_OPEN}
    published: dict[UUID, list[str]] = {id_: [] for id_ in asking}
    for heard in items:
        if (name := name_of(heard.event.type)) in DECISIVE:
            published.setdefault(about(heard.event), []).append(name)
    known = await facts.follow_vacancies(tx, published)
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
            after.setdefault(about(heard.event), []).append((number, heard.event))
    if not after:
        return
    templates = {name for told in after.values() for _, event in told for name in OVERTAKES[type(event)]}
    planned = [
        message
        for message in await messages.planned_about(tx, after, templates)
        if any(
            place.get(message.because_of, -1) < number
            and letter_rules.is_overtaken(message.template, message.role, event)
            for number, event in after[message.about]
        )
    ]
    await _drop(tx, planned)


async def _drop(tx: Tx, overtaken: Sequence[Message]) -> None:
    for message in overtaken:
        await messages.store.apply(tx, *message.drop(tx.now, "overtaken"))
    await messages.unqueue(tx, [message.id for message in overtaken])
