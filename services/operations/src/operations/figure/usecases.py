"""Keep the facts that figures count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from common.persistence.transaction import Tx
from events import Event
from events.contracts import AssignmentEnded, AssignmentStarted, HoursApproved, HoursReversed
from events.registry import BottleneckReported, TrainerApplied
from operations.figure import store as counted


async def count(tx: Tx, events: Iterable[Event]) -> None:
    """Store the facts of events that figures count.

    Report by report and person by person, in the order of their ids: two workers that count the same ones then wait
    for each other instead of deadlocking. Events of one person keep their order.
    """
    happened = list(events)
    reports = [event for event in happened if isinstance(event, BottleneckReported)]
    await counted.put_bottlenecks(tx, {event.report_id: (event.item, event.region) for event in reports})
    of_people = [event for event in happened if isinstance(event, _OF_PEOPLE)]
    for event in sorted(of_people, key=lambda one: one.trainer_id):
        await _count(tx, event)


_OF_PEOPLE: Final = (TrainerApplied, AssignmentStarted, AssignmentEnded, HoursApproved, HoursReversed)
COUNTED: Final = (*_OF_PEOPLE, BottleneckReported)


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
            raise TypeError(type(event).__name__)
