"""The waiting list as it is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import cast
from uuid import UUID

from common.web import Moment, View
from events.words import SchoolType, TeachingRole
from matching.vacancy.model.vacancy import Vacancy


class WaitingView(View):
    """A vacancy on the waiting list."""

    vacancy_id: UUID
    region: str | None
    school_type: SchoolType
    role: TeachingRole
    subject: str
    minutes_per_week: int
    starts_on: date
    free_places: int
    waiting_since: Moment
    """The day on which it began."""
    escalated: bool


def waiting_view(vacancy: Vacancy) -> WaitingView:
    """Show a vacancy that waits."""
    facts = vacancy.facts
    return WaitingView(
        vacancy_id=vacancy.id,
        region=facts.region,
        school_type=facts.school_type,
        role=facts.role,
        subject=facts.subject,
        minutes_per_week=facts.minutes_per_week,
        starts_on=facts.starts_on,
        free_places=vacancy.free,
        waiting_since=day_of(cast("datetime", vacancy.waiting_since)),
        escalated=vacancy.escalated,
    )


def day_of(exact: datetime) -> datetime:
    """Return the beginning of a moment's day."""
    return datetime.combine(exact.astimezone(UTC).date(), time(), UTC)
