"""Hours: handed in, approved within the law's limits, sent back, taken back."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from common.errors import NotFound
from common.transaction import Tx
from contracts.model.cap import cap_verdict
from contracts.model.hour_line import APPROVED, HourLine, Minutes, RejectedReason
from contracts.store import aggregates, assignments, hour_lines, records


async def submit(tx: Tx, assignment_id: UUID, minutes: Minutes, line_id: UUID | None = None) -> HourLine:
    """Hand in a day; under an id of the caller's own, once.

    Raises:
        NotFound: the id is of a line of another assignment.
        HandedInOtherwise: it is of other hours of this one.
    """
    if line_id is not None and (known := await hour_lines.find(tx, line_id)) is not None:
        if known.assignment_id != assignment_id:
            raise NotFound(what="hour line", id=line_id)
        return known.repeat(minutes)
    assignment = await assignments.get(tx, assignment_id)
    minutes.check(assignment, tx.today)
    return await hour_lines.add(tx, *HourLine.of(line_id or uuid7(), assignment, minutes).submit())


async def revise(tx: Tx, line_id: UUID, minutes: Minutes) -> HourLine:
    """Correct what was sent back and hand it in again."""
    line = await hour_lines.get(tx, line_id, lock=True)
    minutes.check(await assignments.get(tx, line.assignment_id), tx.today)
    revised, events = line.revise(minutes)
    submitted, more = revised.submit()
    return await hour_lines.apply(tx, submitted, [*events, *more])


async def approve(tx: Tx, line_id: UUID) -> HourLine:
    """Let a day count, if the limits of the trainer's ground leave room; one approval at a time per person.

    Raises:
        HoursAboveCap: they do not.
    """
    line = await _locked(tx, line_id)
    if line.status is APPROVED:
        return line
    assignment = await assignments.get(tx, line.assignment_id)
    taught = await aggregates.taught_by(tx, line.trainer_id, line.role)
    override = await records.override_for(tx, line.trainer_id, line.board_id, line.worked_on)
    verdict = cap_verdict(line, assignment.ground, taught, override, await tx.policies())
    return await hour_lines.apply(tx, *line.approve(verdict), policy_version=verdict.policy_version)


async def reject(tx: Tx, line_id: UUID, reason: RejectedReason) -> HourLine:
    """Send a day back."""
    line = await hour_lines.get(tx, line_id, lock=True)
    return await hour_lines.apply(tx, *line.reject(reason), reason=reason)


async def reverse(tx: Tx, line_id: UUID) -> HourLine:
    """Take an approved day back with a line against it; asked twice, the same line is the answer."""
    line = await _locked(tx, line_id)
    if (known := await aggregates.reversal_of(tx, line_id)) is not None:
        return known
    return await hour_lines.add(tx, *line.reverse(uuid7()))


async def _locked(tx: Tx, line_id: UUID) -> HourLine:
    """Lock the person and then the line, always in this order."""
    found = await hour_lines.get(tx, line_id)
    await aggregates.lock_person(tx, found.trainer_id)
    return await hour_lines.get(tx, line_id, lock=True)
