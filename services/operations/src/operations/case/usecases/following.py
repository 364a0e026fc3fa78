"""Bring cases up to what happened in them: their steps, what links to them, and what is owed next, for each party."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from common.messaging.consumer import Received
from common.persistence.transaction import Tx
from events import PREFIX, Event, TypeName
from events.parties import SCHOOL_SIDE
from events.sides import sides_of
from operations.case import store as cases
from operations.case.model.links import ids_in
from operations.case.model.next_steps import CATALOGUE, next_step, soonest
from operations.case.model.next_steps.trainer import ENDS_THE_CASE
from operations.case.model.open_step import UNMOVED, OpenStep
from operations.case.model.privacy import learned_from, tokens_of
from operations.case.model.summary import summary_of
from operations.case.usecases.provenance import case_of, service_of

Tokens = Mapping[UUID, frozenset[str]]
"""The parties of each event, by its id."""


async def follow_cases(tx: Tx, received: Sequence[Received]) -> None:
    """Add new steps to their cases, and move what is owed; every event has a case."""
    parties = await _parties(tx, received)
    new = await cases.add_steps(tx, [_step(item, parties) for item in received])
    fresh = [item for item in received if item.envelope.id in new]
    if not fresh:
        return
    await cases.upsert_cases(tx, _cases(fresh).values())
    await cases.touch_parties(tx, _views(fresh, parties).values())
    await cases.add_links(tx, _links(fresh, parties))
    await _move_open_steps(tx, fresh, parties)


async def _parties(tx: Tx, received: Sequence[Received]) -> Tokens:
    """Return each event's parties; one written before envelopes named them has the school of its case as well."""
    found = {item.envelope.id: tokens_of(item.parties) for item in received}
    old = [
        (item, case_id)
        for item in received
        if item.envelope.parties is None and (case_id := _of_a_school(item)) is not None
    ]
    if old:
        school: dict[UUID, set[str]] = {}
        for row in await cases.parties_of(tx, sorted({case_id for _, case_id in old})):
            school.setdefault(row.case_id, set()).add(row.party)
        for item, case_id in old:
            known = school.setdefault(case_id, set())
            known |= found[item.envelope.id]
            found[item.envelope.id] |= {token for token in known if sides_of([token]) == {"school"}}
    return found


def _of_a_school(item: Received) -> UUID | None:
    taking_part = item.event.taking_part if item.event else frozenset()
    return case_of(item) if taking_part >= SCHOOL_SIDE and "organisation" not in taking_part else None


async def _move_open_steps(tx: Tx, received: Sequence[Received], parties: Tokens) -> None:
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
            "parties": sorted(parties[item.envelope.id]),
        }
    await cases.drop_open_steps(tx, list(done))
    await cases.drop_open_steps_in(tx, sorted(over))
    await cases.put_open_steps(tx, list(owed.values()))
    await _show_next(tx, sorted({case for item in received if (case := case_of(item)) is not None}))


async def _show_next(tx: Tx, case_ids: Sequence[UUID]) -> None:
    """Write what is next, in each case as a whole and for each of its parties by itself."""
    by_case: dict[UUID, list[Any]] = {case_id: [] for case_id in case_ids}
    for row in await cases.open_steps_of(tx, case_ids):
        by_case[row.case_id].append(row)
    await cases.set_next(tx, [{"the_case": case_id, **_next(rows)} for case_id, rows in by_case.items()])
    changed = []
    for view in await cases.parties_of(tx, case_ids):
        theirs = _next(row for row in by_case[view.case_id] if view.party in row.parties)
        if any(getattr(view, name) != value for name, value in theirs.items()):
            changed.append({"the_case": view.case_id, "the_party": view.party, **theirs})
    await cases.set_next_of_parties(tx, changed)


def _next(rows: Iterable[Any]) -> dict[str, Any]:
    step = soonest(
        {
            uuid5(NAMESPACE_URL, row.subject): OpenStep(
                what=row.what, owners=tuple(row.owners), due_at=row.due_at, waits=row.waits
            )
            for row in rows
        }
    )
    return {
        "next_what": step.what if step else None,
        "next_owners": list(step.owners) if step else None,
        "due_at": step.due_at if step else None,
        "open": step is not None,
    }


def _step(item: Received, parties: Tokens) -> dict[str, Any]:
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
        "parties": sorted(parties[item.envelope.id]),
    }


def _links(received: Sequence[Received], parties: Tokens) -> dict[tuple[UUID, UUID, str], frozenset[str]]:
    links: dict[tuple[UUID, UUID, str], frozenset[str]] = {}
    for item in received:
        case_id = case_of(item)
        if item.event is None or case_id is None:
            continue
        for (role, entity), tokens in learned_from(item.event, parties[item.envelope.id]).items():
            key = entity, case_id, role
            links[key] = links.get(key, frozenset()) | tokens
    return links


def _cases(received: Sequence[Received]) -> dict[UUID, dict[str, Any]]:
    rows: dict[UUID, dict[str, Any]] = {}
    for item in received:
        case_id = case_of(item)
        if case_id is None or item.event is None:
            continue
        new = {"id": case_id, "kind": "other", "region": None, "region_id": None, **_first(item)}
        row = rows.setdefault(case_id, new)
        if row["kind"] == "other":
            row["kind"] = _kind(item.event, case_id)
        _bring_up_to(row, item)
        if item.parties.region and (row["region_id"] is None or item.envelope.id >= row["region_id"]):
            row["region"], row["region_id"] = item.parties.region, item.envelope.id
    return rows


def _views(received: Sequence[Received], parties: Tokens) -> dict[tuple[UUID, str], dict[str, Any]]:
    rows: dict[tuple[UUID, str], dict[str, Any]] = {}
    for item in received:
        case_id = case_of(item)
        if case_id is None or item.event is None:
            continue
        for token in parties[item.envelope.id]:
            row = rows.setdefault((case_id, token), {"case_id": case_id, "party": token, **_first(item)})
            _bring_up_to(row, item)
    return rows


def _first(item: Received) -> dict[str, Any]:
    """Return the part of a row that says when it was opened and what was the latest."""
    return {"opened_at": item.envelope.time, "open": False, **_latest(item)}


def _latest(item: Received) -> dict[str, Any]:
    envelope = item.envelope
    return {"latest_at": envelope.time, "latest_id": envelope.id, "latest": envelope.type.removeprefix(PREFIX)}


def _bring_up_to(row: dict[str, Any], item: Received) -> None:
    row["opened_at"] = min(row["opened_at"], item.envelope.time)
    if (item.envelope.time, item.envelope.id) >= (row["latest_at"], row["latest_id"]):
        row |= _latest(item)


def _kind(event: Event, case_id: UUID) -> str:
    named = ids_in(event)
    return next((kind.code for kind in CATALOGUE.kinds.values() if named.get(kind.named_by) == case_id), "other")
