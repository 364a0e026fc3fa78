"""A trainer's profile: pseudonymous, and without any fact that may not count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from events.words import CompanySize
from matching.profile.model.absence import Absence
from matching.profile.model.distance import Place
from matching.profile.model.engagement import Engagement
from matching.profile.model.week import DAYS, WEEK, Week
from rules.forms import Form, SchoolType, TeachingRole
from rules.qualification import Held

_MANY: Final = 1_000
"""More months, km or years than anybody means."""

Kind = tuple[tuple[Held, ...], int]
"""The facts of a person that eligibility looks at: who has the same is judged the same."""


class Employer(IntEnum):
    """Where a main employer stands."""

    NONE = 0
    WILLING = 1
    """Agreed, or not asked yet: nothing says that it would not."""
    REFUSED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyHours:
    """The hours at the main employer: minutes a week, and on which ISO weekdays.

    Raises:
        Invalid: hours that fit into no such week.
    """

    minutes_per_week: int
    weekdays: frozenset[int]

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(1, DAYS + 1)):
            raise Invalid(
                InvalidParam("weekdays", Message("must name days from 1 (Monday) to 7 (Sunday)"), "out-of-range")
            )
        if not 0 < self.minutes_per_week <= WEEK // DAYS * len(self.weekdays):
            raise Invalid(InvalidParam("minutesPerWeek", Message("must fit into the days"), "out-of-range"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One trainer without a name: what is offered and wanted. Minutes a week, months, km.

    Never here, so that they cannot count: name, gender, age, nationality, ethnicity, health, target groups.

    Raises:
        Invalid: a number below zero, or more minutes than a week has.
    """

    trainer_id: UUID
    paused: bool
    consented: bool
    """Whether being matched was agreed to, and still is."""
    subjects: frozenset[str]
    """Trades and school subjects, by code."""
    school_types: frozenset[SchoolType]
    """Where the trainer wants to teach; none named means anywhere."""
    roles: frozenset[TeachingRole] = frozenset()
    """As what the trainer wants to teach; none named means any."""
    forms: tuple[Form, ...]
    """Preferred first; none named means any."""
    availability: Week
    engagements: tuple[Engagement, ...]
    """What is asked of the trainer at this moment, and what was agreed; sorted by proposal."""
    asked_on: date | None = None
    """The day of the newest proposal; None of a trainer who was never asked."""
    minutes_per_week: int | None
    """What the trainer wants in all, what is taken included; None without a wish."""
    months: int | None
    place: Place
    postcode_area: str
    """The four digits; the place is their centre."""
    travel_limit_km: int | None
    languages: frozenset[str]
    held: tuple[Held, ...]
    """Verified credentials."""
    experience_years: int
    quiet_weeks: frozenset[date] = frozenset()
    """Mondays of the weeks in which the trainer is not asked."""
    quiet: bool = False
    """Whether today is in one of them."""
    vog_issued_on: date | None
    company_id: UUID | None
    company_agreed: bool | None
    """None as long as the company was not asked."""
    company_hours: CompanyHours | None
    employer_minutes: int | None = None
    """For so many minutes a week in all the company lets the trainer teach; None: it named no limit."""
    company_place: Place | None = None
    """None without a company, and where its place is not known."""
    region: str | None = None
    """Labour-market region of the home."""
    company_region: str | None = None
    """Labour-market region of the company's place."""
    absences: tuple[Absence, ...] = ()
    """When the trainer is away, whatever the week offers otherwise."""
    company_size: CompanySize | None = None
    """For figures on fairness only; None without a company, and where it did not name it."""

    def __post_init__(self) -> None:
        wrong = [
            InvalidParam(name, Message("must be 0 to {highest}", highest=highest), "out-of-range")
            for name, value, highest in (
                ("minutesPerWeek", self.minutes_per_week or 0, WEEK),
                ("employerMinutesPerWeek", self.employer_minutes or 0, WEEK),
                ("months", self.months or 0, _MANY),
                ("travelLimitKm", self.travel_limit_km or 0, _MANY),
                ("experienceYears", self.experience_years, _MANY),
            )
            if not 0 <= value <= highest
        ]
        if wrong:
            raise Invalid(*wrong)

    @property
    def minutes_taken(self) -> int:
        """The minutes a week of all engagements, whenever they run."""
        return sum(each.minutes_per_week for each in self.engagements)

    @property
    def employer(self) -> Employer:
        """Where the main employer stands."""
        if self.company_id is None:
            return Employer.NONE
        return Employer.REFUSED if self.company_agreed is False else Employer.WILLING

    @property
    def kind(self) -> Kind:
        """The kind of proof that eligibility asks for."""
        return self.held, self.experience_years

    def limit_km(self, radius_km: int) -> int:
        """Return how far the trainer travels; ``radius_km`` where no limit was named."""
        return radius_km if self.travel_limit_km is None else self.travel_limit_km
