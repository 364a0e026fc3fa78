"""Bring cases up to what happened in them: their steps, what links to them, and what is owed next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from common.consumer import Received
from common.transaction import Tx
from events import PREFIX, Event, TypeName
from operations.model.links import ids_in
from operations.model.next_steps import ENDS_THE_CASE, UNMOVED, OpenStep, next_step, soonest
from operations.model.summary import summary_of
from operations.store import cases
from operations.usecases.provenance import case_of, service_of


async def follow_cases(tx: Tx, received: Sequence[Received]) -> None:
    """Add new steps to their cases, and move what is owed; every event has a case."""
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
            "case_id": case_of(item),
            "what": step.what,
            "owners": list(step.owners),
            "due_at": before["due_at"] if step.keeps_due and before else step.due_at,
            "waits": step.waits,
            "keeps_due": step.keeps_due,
        }
    await cases.drop_open_steps(tx, list(done))
    await cases.drop_open_steps_in(tx, sorted(over))
    await cases.put_open_steps(tx, list(owed.values()))
    await _show_next(tx, sorted({case for item in received if (case := case_of(item)) is not None}))


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


def _step(item: Received) -> dict[str, Any]:
    name = TypeName.parse(item.envelope.type)
    return {
        "event_id": item.envelope.id,
        "case_id": case_of(item),
        "at": item.envelope.time,
        "recorded_at": item.record.timestamp,
        "service": service_of(item),
        "event": name.name if name else item.envelope.type,
        "type": item.envelope.type,
        "subject": item.envelope.subject,
        "sequence": item.envelope.sequence,
        "cause": item.envelope.cause,
        "facts": summary_of(item.event) if item.event else {},
    }


def _links(item: Received) -> Iterable[tuple[UUID, UUID, str]]:
    case_id = case_of(item)
    if item.event is not None and case_id is not None:
        for role, entity in ids_in(item.event).items():
            yield entity, case_id, role


def _cases(received: Sequence[Received]) -> list[dict[str, Any]]:
    rows: dict[UUID, dict[str, Any]] = {}
    for item in received:
        case_id = case_of(item)
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
