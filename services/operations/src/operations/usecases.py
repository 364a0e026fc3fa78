"""What operations can be asked to do: follow what happened, order a redrive, move the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from common.consumer import Received
from common.errors import Conflict, NotFound
from common.housekeeping import set_clock
from common.transaction import Tx, uuid7
from events import PREFIX, Event, TypeName
from events.contracts import AssignmentEnded, AssignmentStarted, HoursApproved, HoursReversed
from events.erasure import ErasureConfirmed
from events.flow import ClockMoved, DiscardOrdered, EventDiscarded, EventParked, EventsRedriven, RedriveOrdered
from events.registry import TrainerAnonymised, TrainerApplied
from operations.model.links import ids_in
from operations.model.next_steps import ENDS_THE_CASE, UNMOVED, OpenStep, next_step, soonest
from operations.model.summary import summary_of
from operations.store import cases, counted, parking

_OWN: Final = (RedriveOrdered, DiscardOrdered, ClockMoved)


class NotParked(Conflict):
    """What is {state} cannot be ordered again."""


async def follow(tx: Tx, received: Sequence[Received]) -> None:
    """Bring cases, figures and parked events up to what happened; all of it in a few statements."""
    in_cases = [item for item in received if item.event is not None and _case_of(item) is not None]
    if in_cases:
        await _follow_cases(tx, in_cases)
    for item in received:
        if item.event is not None:
            await _count(tx, item.event)
            await _follow_parking(tx, item)
        if isinstance(item.event, TrainerAnonymised):
            _confirm_erasure(tx, item.event)


async def order_redrive(tx: Tx, parked_id: UUID) -> Any:
    """Ask the service that parked a key to try its events again, in order."""
    row = await _parked(tx, parked_id)
    order = RedriveOrdered(
        flow_key=row.flow_key,
        order_id=uuid7(),
        service=row.service,
        consumer=row.consumer,
        topic=row.topic,
        parked_key=row.parked_key,
    )
    await parking.change_parked(tx, row.flow_key, state="ordered", changed_at=tx.now)
    tx.publish(order, case=row.case_id)
    return await parking.get_parked(tx, parked_id)


async def order_discard(tx: Tx, parked_id: UUID, reason: str) -> Any:
    """Ask the service that parked a key to pass over its first event; the reason is kept for ever."""
    row = await _parked(tx, parked_id)
    order = DiscardOrdered(
        flow_key=row.flow_key,
        order_id=uuid7(),
        service=row.service,
        consumer=row.consumer,
        topic=row.topic,
        parked_key=row.parked_key,
        event_id=row.event_id,
        reason=reason,
    )
    await parking.change_parked(tx, row.flow_key, state="ordered", changed_at=tx.now)
    tx.publish(order, case=row.case_id, reason=reason)
    return await parking.get_parked(tx, parked_id)


async def move_clock(tx: Tx, offset: timedelta) -> int:
    """Set business time apart from real time by ``offset``; every service follows. Returns the seconds."""
    seconds = int(offset.total_seconds())
    await set_clock(tx, seconds)
    tx.publish(ClockMoved(offset_seconds=seconds, moved_at=tx.now))
    return seconds


def _confirm_erasure(tx: Tx, event: TrainerAnonymised) -> None:
    """Say that nothing of the person is here: cases and figures have ids and codes only."""
    tx.publish(
        ErasureConfirmed(trainer_id=event.trainer_id, service=tx.database.service, rows=0), case=event.trainer_id
    )


async def _parked(tx: Tx, parked_id: UUID) -> Any:
    row = await parking.get_parked(tx, parked_id)
    if row is None:
        raise NotFound(what="parked event", id=parked_id)
    if row.state == "solved":
        raise NotParked(state=row.state)
    return row


async def _follow_cases(tx: Tx, received: Sequence[Received]) -> None:
    new = await cases.add_steps(tx, [_step(item) for item in received])
    fresh = [item for item in received if item.envelope.id in new]
    if not fresh:
        return
    await cases.touch_cases(tx, _cases(fresh))
    await cases.add_links(tx, [link for item in fresh for link in _links(item)])
    await _move_open_steps(tx, fresh)


async def _move_open_steps(tx: Tx, received: Sequence[Received]) -> None:
    owed: dict[str, dict[str, Any]] = {}
    done: dict[str, None] = {}
    over: set[UUID] = set()
    for item in received:
        if isinstance(item.event, ENDS_THE_CASE):
            case_id = item.event.trainer_id
            over.add(case_id)
            owed = {
                subject: row
                for subject, row in owed.items()
                if row["case_id"] != case_id or subject.startswith(cases.OF_OPERATORS)
            }
        step, subject = next_step(item.event) if item.event else UNMOVED, item.envelope.subject
        if step is UNMOVED:
            continue
        if step is None:
            owed.pop(subject, None)
            done[subject] = None
            continue
        done.pop(subject, None)
        before = owed.get(subject)
        owed[subject] = {
            "subject": subject,
            "case_id": _case_of(item),
            "what": step.what,
            "owners": list(step.owners),
            "due_at": before["due_at"] if step.keeps_due and before else step.due_at,
            "waits": step.waits,
            "keeps_due": step.keeps_due,
        }
    await cases.drop_open_steps(tx, list(done))
    await cases.drop_open_steps_in(tx, sorted(over))
    await cases.put_open_steps(tx, list(owed.values()))
    await _show_next(tx, sorted({case for item in received if (case := _case_of(item)) is not None}))


async def _show_next(tx: Tx, case_ids: Sequence[UUID]) -> None:
    by_case: dict[UUID, dict[UUID, OpenStep]] = {case_id: {} for case_id in case_ids}
    for row in await cases.open_steps_of(tx, case_ids):
        step = OpenStep(what=row.what, owners=tuple(row.owners), due_at=row.due_at, waits=row.waits)
        by_case[row.case_id][uuid5(NAMESPACE_URL, row.subject)] = step
    shown = {case_id: soonest(steps) for case_id, steps in by_case.items()}
    await cases.set_next(
        tx,
        [
            {
                "id": case_id,
                "what": step.what if step else None,
                "owners": list(step.owners) if step else None,
                "due_at": step.due_at if step else None,
            }
            for case_id, step in shown.items()
        ],
    )


async def _count(tx: Tx, event: Event) -> None:
    match event:
        case TrainerApplied():
            await counted.put_trainer(tx, event.trainer_id, was_trainer_before=event.was_trainer_before)
        case AssignmentStarted():
            await counted.put_trainer(tx, event.trainer_id, first_started_on=event.started_on, region=event.region)
            await counted.put_assignment(
                tx,
                event.assignment_id,
                trainer_id=event.trainer_id,
                started_on=event.started_on,
                region=event.region,
                school_type=event.school_type,
                form=event.form,
            )
        case AssignmentEnded():
            await counted.put_assignment(tx, event.assignment_id, trainer_id=event.trainer_id, ended_on=event.ended_on)
        case HoursApproved() | HoursReversed():
            await counted.put_hours(
                tx,
                event.hour_line_id,
                trainer_id=event.trainer_id,
                worked_on=event.worked_on,
                contact_minutes=event.contact_minutes,
                region=event.region,
            )
        case _:
            return


async def _follow_parking(tx: Tx, item: Received) -> None:
    event, at = item.event, item.record.timestamp
    match event:
        case EventParked():
            await parking.put_parked(
                tx,
                {
                    **event.model_dump(
                        mode="python",
                        by_alias=False,
                        include={"flow_key", "consumer", "topic", "parked_key", "event_id", "event_type", "case_id"}
                        | {"why", "reason", "attempts", "waiting"},
                    ),
                    "id": uuid5(NAMESPACE_URL, event.flow_key),
                    "service": _service_of(item),
                    "state": "parked",
                    "since": at,
                    "changed_at": at,
                },
            )
        case EventsRedriven():
            state = {"state": "solved"} if event.left == 0 else {}
            await parking.change_parked(tx, event.flow_key, waiting=event.left, changed_at=at, **state)
        case EventDiscarded():
            await parking.one_less_parked(tx, event.flow_key, at)
        case _:
            return


def _service_of(item: Received) -> str:
    return item.envelope.source.rpartition("hto-")[2]


def _case_of(item: Received) -> UUID | None:
    if isinstance(item.event, _OWN):
        return None
    try:
        return UUID(item.envelope.case or "")
    except ValueError:
        return None


def _step(item: Received) -> dict[str, Any]:
    name = TypeName.parse(item.envelope.type)
    return {
        "event_id": item.envelope.id,
        "case_id": _case_of(item),
        "at": item.envelope.time,
        "recorded_at": item.record.timestamp,
        "service": _service_of(item),
        "event": name.name if name else item.envelope.type,
        "type": item.envelope.type,
        "subject": item.envelope.subject,
        "sequence": item.envelope.sequence,
        "cause": item.envelope.cause,
        "facts": summary_of(item.event) if item.event else {},
    }


def _links(item: Received) -> Iterable[tuple[UUID, UUID, str]]:
    case_id = _case_of(item)
    if item.event is not None and case_id is not None:
        for role, entity in ids_in(item.event).items():
            yield entity, case_id, role


def _cases(received: Sequence[Received]) -> list[dict[str, Any]]:
    rows: dict[UUID, dict[str, Any]] = {}
    for item in received:
        case_id = _case_of(item)
        if case_id is None or item.event is None:
            continue
        named = ids_in(item.event)
        row = rows.setdefault(
            case_id,
            {
                "id": case_id,
                "kind": "other",
                "opened_at": item.envelope.time,
                "open": False,
                "region": None,
                **dict.fromkeys(cases.PARTIES),
            },
        )
        if row["kind"] == "other":
            row["kind"] = _kind(item.event, case_id)
        row["latest_at"], row["latest"] = item.envelope.time, item.envelope.type.removeprefix(PREFIX)
        row["region"] = getattr(item.event, "region", None) or row["region"]
        row |= {name: named[name] for name in cases.PARTIES if name in named}
    return list(rows.values())


def _kind(event: Event, case_id: UUID) -> str:
    named = ids_in(event)
    kinds = {"vacancy_id": "vacancy", "trainer_id": "trainer", "organisation_id": "organisation"}
    return next((kind for name, kind in kinds.items() if named.get(name) == case_id), "other")
