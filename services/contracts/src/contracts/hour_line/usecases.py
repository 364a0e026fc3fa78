"""Hours: handed in, approved within the law's limits, sent back, taken back."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from common.decision import Verdict
from common.errors import NotFound
from common.persistence.transaction import Tx
from contracts.assignment import store as assignments
from contracts.contract import store as contracts
from contracts.hour_line import store
from contracts.hour_line.model.cap import cap_verdict
from contracts.hour_line.model.hour_line import APPROVED, HourLine, Minutes, RejectedReason
from contracts.hour_line.model.plausibility import plausibility
from contracts.override import store as overrides


async def submit(tx: Tx, assignment_id: UUID, minutes: Minutes, line_id: UUID | None = None) -> HourLine:
    """Hand in a day; under an id of the caller's own, once.

    Raises:
        NotFound: the id is of a line of another assignment.
        HandedInOtherwise: it is of other hours of this one.
        DayIsFull: the person's day has no room for them, over all assignments.
    """
    if line_id is not None and (known := await store.hour_lines.find(tx, line_id)) is not None:
        if known.assignment_id != assignment_id:
            raise NotFound(what="hour line", id=line_id)
        return known.repeat(minutes)
    assignment = await assignments.assignments.get(tx, assignment_id)
    minutes.check(assignment, tx.today)
    await contracts.lock_person(tx, assignment.trainer_id)
    line = HourLine.of(line_id or uuid7(), assignment, minutes)
    return await store.hour_lines.add(tx, *line.submit(await _plausibility(tx, line)))


async def revise(tx: Tx, line_id: UUID, minutes: Minutes) -> HourLine:
    """Correct what was sent back and hand it in again.

    Raises:
        DayIsFull: the person's day has no room for it, over all assignments.
    """
    line = await _locked(tx, line_id)
    minutes.check(await assignments.assignments.get(tx, line.assignment_id), tx.today)
    revised, events = line.revise(minutes)
    submitted, more = revised.submit(await _plausibility(tx, revised))
    return await store.hour_lines.apply(tx, submitted, [*events, *more])


async def approve(tx: Tx, line_id: UUID) -> HourLine:
    """Let a day count, if the limits of the trainer's ground leave room; one approval at a time per person.

    Raises:
        HoursAboveCap: they do not.
        DayIsFull: the person's day does not, over all assignments.
    """
    line = await _locked(tx, line_id)
    if line.status is APPROVED:
        return line
    assignment = await assignments.assignments.get(tx, line.assignment_id)
    taught = await store.taught_by(tx, line.trainer_id, line.role)
    override = await overrides.override_for(tx, line.trainer_id, line.board_id, line.worked_on)
    cap = cap_verdict(line, assignment.ground, taught, override, await tx.policies())
    verdict = Verdict.all_of([cap, await _plausibility(tx, line)])
    return await store.hour_lines.apply(tx, *line.approve(verdict), policy_version=verdict.policy_version)


async def reject(tx: Tx, line_id: UUID, reason: RejectedReason) -> HourLine:
    """Send a day back."""
    line = await store.hour_lines.get(tx, line_id, lock=True)
    return await store.hour_lines.apply(tx, *line.reject(reason), reason=reason)


async def reverse(tx: Tx, line_id: UUID) -> HourLine:
    """Take an approved day back with a line against it; asked twice, the same line is the answer."""
    line = await _locked(tx, line_id)
    if (known := await store.reversal_of(tx, line_id)) is not None:
        return known
    return await store.hour_lines.add(tx, *line.reverse(uuid7()))


async def _plausibility(tx: Tx, line: HourLine) -> Verdict:
    """Judge a line beside what else the person handed in for that day; the person is locked."""
    others = await store.hours_of_day(tx, line)
    contract = await contracts.contracts.get(tx, line.contract_id)
    return plausibility(line, others, contract.terms.roster, await tx.policies())


async def _locked(tx: Tx, line_id: UUID) -> HourLine:
    """Lock the person and then the line, always in this order."""
    found = await store.hour_lines.get(tx, line_id)
    await contracts.lock_person(tx, found.trainer_id)
    return await store.hour_lines.get(tx, line_id, lock=True)
