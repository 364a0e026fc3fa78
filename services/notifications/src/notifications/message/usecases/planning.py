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
from events.registry import TrainerAnonymised, VacancyReopened
from notifications.fact import store as facts
from notifications.fact.model import DECISIVE, Work, about, is_over, waits, work_of
from notifications.fact.usecases import learn_and_complete_parties
from notifications.message.model import letter_rules
from notifications.message.model.letter_rules import BY_TEMPLATE, RULES, SUPERSEDES, WHILE_OPEN
from notifications.message.model.message import Message, Status, message_id
from notifications.message.store import messages


class Item(NamedTuple):
    """A received event with the parties of what it is about."""

    received: Received
    event: Event
    parties: Parties


async def plan_letters(tx: Tx, received: Sequence[Received]) -> Sequence[Waits]:
    """Plan and drop what a run of events asks for, in a few statements; where some of them wait, return those."""
    parties = await learn_and_complete_parties(tx, received)
    items = [Item(one, one.event, parties[one.envelope.id]) for one in received if one.event is not None]
    letters, waits = await _letters(tx, items)
    if waits:
        return waits
    if letters or any(type(item.event) in _WRITES for item in items):
        await facts.take_turn(tx)
    decided = await _follow_vacancies(tx, items, letters)
    await messages.plan(tx, letters)
    await _drop_untrue(tx, [message.about for message in letters if is_over(decided.get(message.about, ()))])
    await _supersede(tx, items)
    await _plan_again(tx, items, decided)
    for item in items:
        if isinstance(item.event, TrainerAnonymised):
            tx.cause = item.received.envelope
            await erasure.erase(tx, item.event.trainer_id)
            tx.cause = None
    return ()


_WRITES: Final = frozenset({*SUPERSEDES, TrainerAnonymised})
"""Events that change letters, or vacancies that letters are about."""


async def _letters(tx: Tx, items: Sequence[Item]) -> tuple[list[Message], list[Waits]]:
    """Return the letters of these events, and the events that wait for a contact. An erased recipient gets none."""
    with_letter = [item for item in items if type(item.event) in RULES]
    desks = await facts.desks_of(tx, {item.parties.region for item in with_letter if item.parties.region})
    addressed = [
        (item, role, recipient)
        for item in with_letter
        for role in RULES[type(item.event)].to(item.event)
        for recipient in letter_rules.recipients(role, item.parties, desks)
    ]
    reached = await facts.contacts_of(tx, {recipient for *_, recipient in addressed})
    waits = [
        Waits(item.received, f"contact/{recipient}") for item, _, recipient in addressed if recipient not in reached
    ]
    about_work = {id_ for item, *_ in addressed if (id_ := work_of(item.event)) is not None}
    works = await facts.works_of(tx, about_work)
    letters = [
        _message(item, role, recipient, _work(item.event, works))
        for item, role, recipient in addressed
        if recipient in reached and not reached[recipient].erased
    ]
    return await _once_per_address(tx, letters, reached), waits


async def _once_per_address(tx: Tx, letters: Sequence[Message], reached: Mapping[UUID, Any]) -> list[Message]:
    """Return the letters without those that repeat what another organisation at the same address gets."""
    kept, known = [], set()
    for message in letters:
        email = reached[message.recipient_id].email
        if email and BY_TEMPLATE[message.template].once_per_address:
            others = await facts.at_address(tx, email) - {message.recipient_id}
            letter = (message.template, message.about, email.lower())
            if letter in known or await messages.has_gone_to(tx, others, message.template, message.about):
                continue
            known.add(letter)
        kept.append(message)
    return kept


def _work(event: Event, works: Mapping[UUID, Work]) -> Work | None:
    id_ = work_of(event)
    return None if id_ is None else works.get(id_)


def _message(item: Item, role: str, recipient: UUID, work: Work | None) -> Message:
    template, because = RULES[type(item.event)].template, item.received.envelope
    payload: dict[str, Any] = item.event.model_dump(mode="json", by_alias=False)
    named = {part: str(id_) for part, id_ in letter_rules.names(item.parties).items()}
    return Message(
        id=message_id(because.source, because.id, recipient, template),
        version=0,
        recipient_id=recipient,
        role=role,
        template=template,
        event_source=because.source,
        because_of=because.id,
        about=about(item.event),
        case_id=because.case,
        facts={**payload, "parties": named, "work": work and facts.shown(work)},
        parties=letter_rules.own_part(role, recipient, item.parties),
        status=Status.PLANNED,
        planned_at=because.time,
    )


async def _follow_vacancies(tx: Tx, items: Sequence[Item], letters: Sequence[Message]) -> Mapping[UUID, Sequence[str]]:
    """Record what decides whether vacancies are over; return it of those, and of those that have new letters."""
    asking = {message.about for message in letters if message.template in WHILE_OPEN}
    published: dict[UUID, list[str]] = {id_: [] for id_ in asking}
    for item in items:
        if (name := name_of(item.event.type)) in DECISIVE:
            published.setdefault(about(item.event), []).append(name)
    return await facts.follow_vacancies(tx, published)


async def _drop_untrue(tx: Tx, over: Sequence[UUID]) -> None:
    """Drop letters that are true only while a vacancy is open.

    They are planned all the same, so that each event has its letters whenever it is handled: a dropped letter is
    listed with its reason.
    """
    if over:
        await _drop(tx, await messages.planned_about(tx, over, WHILE_OPEN))


async def _supersede(tx: Tx, items: Sequence[Item]) -> None:
    """Drop the letters that these events supersede; a letter about a later event of the same run stays."""
    place = {item.received.envelope.id: number for number, item in enumerate(items)}
    after: dict[UUID, list[tuple[int, Event]]] = {}
    for number, item in enumerate(items):
        if type(item.event) in SUPERSEDES:
            after.setdefault(about(item.event), []).append((number, item.event))
    if not after:
        return
    templates = {name for events in after.values() for _, event in events for name in SUPERSEDES[type(event)]}
    planned = [
        message
        for message in await messages.planned_about(tx, after, templates)
        if any(
            place.get(message.because_of, -1) < number
            and letter_rules.is_superseded(message.template, message.role, event)
            for number, event in after[message.about]
        )
    ]
    await _drop(tx, planned)


async def _plan_again(tx: Tx, items: Sequence[Item], decided: Mapping[UUID, Sequence[str]]) -> None:
    """Plan the letters again that a vacancy's end hid, although they are of after its reopening.

    The topics of two services have no order between them: that nobody fits a reopened vacancy may be handled first.
    """
    for item in items:
        if isinstance(item.event, VacancyReopened):
            names, reopened = decided[item.event.vacancy_id], item.received.envelope
            if waits(names) and not is_over(names):
                hidden = await messages.dropped_about(tx, item.event.vacancy_id, "vacancy-waiting", reopened.time)
                reached = await facts.contacts_of(tx, {message.recipient_id for message in hidden})
                again = [
                    each.anew(reopened.source, reopened.id) for each in hidden if not reached[each.recipient_id].erased
                ]
                await messages.plan(tx, again)


async def _drop(tx: Tx, superseded: Sequence[Message]) -> None:
    for message in superseded:
        await messages.store.apply(tx, *message.drop(tx.now, "overtaken"))
    await messages.unqueue(tx, [message.id for message in superseded])
