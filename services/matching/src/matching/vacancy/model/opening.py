"""An opening: a vacancy's free places as a ranking reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from matching.profile.model.distance import Place
from matching.profile.model.week import Week
from rules.dates import last_day_of
from rules.forms import Form, SchoolType, TeachingRole

if TYPE_CHECKING:
    from collections.abc import Collection

_A_YEAR: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The opening of a school: minutes a week, months, whole days; ``roster`` None is by agreement."""

    vacancy_id: UUID
    board_id: UUID
    school_id: UUID
    location_id: UUID
    school_type: SchoolType
    role: TeachingRole
    subject: str
    upper_years: bool
    """Whether it is about the years for which grade 1 is asked."""
    minutes_per_week: int
    starts_on: date
    ends_on: date | None
    months: int | None
    """How long the school wants a trainer; None where it does not mind."""
    roster: Week | None
    places: int
    supervised: bool
    """Whether a qualified supervisor is there for who may not teach alone."""
    forms: tuple[Form, ...]
    """The acceptable forms, preferred first; none named means all."""
    place: Place
    language: str
    structural: bool
    """Whether the lessons come back year after year."""
    region: str | None = None
    """Labour-market region of the place."""
    municipality: str | None = None
    """Of the place: it decides about the holiday region."""
    days_without_lessons: tuple[date, ...] = ()
    """On which the school gives none, beside all holidays."""

    def __post_init__(self) -> None:
        wrong = [
            InvalidParam(name, Message("must be above 0"), "out-of-range")
            for name, value in (
                ("minutesPerWeek", self.minutes_per_week),
                ("places", self.places),
                ("months", 1 if self.months is None else self.months),
                ("roster", 1 if self.roster is None else self.roster.minutes),
            )
            if value <= 0
        ]
        if self.ends_on is not None and self.ends_on < self.starts_on:
            wrong.append(InvalidParam("endsOn", Message("must not be before the start"), "out-of-range"))
        if wrong:
            raise Invalid(*wrong)

    @property
    def minutes_needed(self) -> int:
        """The minutes a week that a trainer must be able to be there."""
        if self.roster is None:
            return self.minutes_per_week
        return min(self.minutes_per_week, self.roster.minutes)

    def last_day(self, first: date) -> date:
        """Return the last day of work that begins on ``first``, as far as it is known; a year without any."""
        months = _A_YEAR if self.months is None else self.months
        return max(first, self.ends_on or last_day_of(first, months))

    @property
    def weekdays(self) -> frozenset[int]:
        """The ISO weekdays of the roster; none where the days are by agreement."""
        return frozenset(slot.weekday for slot in self.roster.slots) if self.roster else frozenset()

    @property
    def accepted_forms(self) -> tuple[Form, ...]:
        """The forms that may be agreed, preferred first."""
        return self.forms or tuple(Form)

    @property
    def first_forms(self) -> tuple[Form, ...]:
        """The most preferred form, or all where none was named."""
        return self.forms[:1] or tuple(Form)

    def forms_within(self, possible: Collection[Form]) -> tuple[Form, ...]:
        """Return the acceptable forms that are possible, preferred first."""
        return tuple(form for form in self.accepted_forms if form in possible)
