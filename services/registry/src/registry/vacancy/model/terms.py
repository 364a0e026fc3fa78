"""The terms of a vacancy, its place, and their checks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date
from typing import Final
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from common.policy import Policies
from events.words import Fee, FeeKind, Form, SchoolType, Slot, TeachingRole
from rules import fee_band
from rules.fee_band import FeeBandFacts
from rules.weekly import period_faults, roster_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the work is: a location, or a school that has none of its own; known when the vacancy is written."""

    board_id: UUID
    """Where no board is known, the institution stands for it."""
    school_id: UUID
    location_id: UUID
    region: str | None
    municipality: str | None = None
    latitude: float | None
    longitude: float | None
    school_types: tuple[SchoolType, ...] = ()
    closed_on: date | None = None
    """The first day on which the location, or its school, is no more."""
    somebody_to_tell: bool = True
    """Whether its school, or else the board, names somebody who can be written to."""

    def is_open(self, starts_on: date) -> bool:
        """Whether something new can begin here on a day."""
        return self.closed_on is None or starts_on < self.closed_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a vacancy: minutes a week, amounts in cents without VAT."""

    school_type: SchoolType
    role: TeachingRole
    subject: str
    minutes_per_week: int
    preparation_minutes_per_week: int
    roster: tuple[Slot, ...] | None
    """None is flexible."""
    starts_on: date
    ends_on: date | None
    places: int
    supervisor_id: UUID | None
    forms: tuple[Form, ...]
    """Acceptable ones, preferred first."""
    fee: Fee
    language: str
    structural: bool
    statutory_lessons: bool
    group_size: int
    upper_years: bool
    days_without_lessons: tuple[date, ...] = ()
    """On which the school gives none, beside all holidays."""

    def faults(self, site: Site, known_subjects: Collection[str], policies: Policies) -> list[InvalidParam]:
        """Return what cannot be, field by field."""
        checks = (
            (self.subject in known_subjects, "subject", Message("There is no such trade or subject"), "unknown"),
            (
                not site.school_types or self.school_type in site.school_types,
                "schoolType",
                Message("This school does not teach that"),
                "not-taught-here",
            ),
            (
                self.role is not TeachingRole.GUEST_LECTURER or self.supervisor_id is not None,
                "supervisorId",
                Message("A guest lecturer needs a qualified supervisor"),
                "missing",
            ),
            (
                site.is_open(self.starts_on),
                "startsOn",
                Message("This location closes on {day}", day=site.closed_on),
                "closed",
            ),
            (bool(self.forms), "forms", Message("Name at least one form"), "missing"),
            (len(set(self.forms)) == len(self.forms), "forms", Message("A form stands here twice"), "repeated"),
        )
        faults = [InvalidParam(name, reason, code) for good, name, reason, code in checks if not good]
        return (
            faults
            + period_faults(self.starts_on, self.ends_on)
            + self._roster_faults()
            + self._fee_faults(policies)
            + self._day_faults()
        )

    def _roster_faults(self) -> list[InvalidParam]:
        if self.roster is None:
            return []
        return roster_faults("roster", self.roster, at_least=self.minutes_per_week)

    def _day_faults(self) -> list[InvalidParam]:
        faults = [
            InvalidParam(f"daysWithoutLessons.{index}", Message("This day is not in the period"), "out-of-range")
            for index, day in enumerate(self.days_without_lessons)
            if day < self.starts_on or (self.ends_on is not None and day > self.ends_on)
        ]
        if len(set(self.days_without_lessons)) < len(self.days_without_lessons):
            faults.append(InvalidParam("daysWithoutLessons", Message("A day stands here twice"), "repeated"))
        return faults

    def _fee_faults(self, policies: Policies) -> list[InvalidParam]:
        if (self.fee.kind is FeeKind.NONE) != (self.fee.cents == 0):
            return [InvalidParam("fee.cents", Message("No fee is 0 cents, and any other fee is more"), "out-of-range")]
        if (self.fee.kind is FeeKind.COST) != (self.fee.basis is not None):
            return [
                InvalidParam("fee.basis", Message("A cost is passed on on some basis, and nothing else is"), "basis")
            ]
        facts = FeeBandFacts(
            day=self.starts_on,
            kind=self.fee.kind,
            cents=self.fee.cents,
            minutes_per_week=self.minutes_per_week + self.preparation_minutes_per_week,
        )
        return fee_band.faults(facts, policies)


TERMS: Final = tuple(field.name for field in fields(Terms))


def check(terms: Terms, site: Site, known_subjects: Collection[str], policies: Policies) -> None:
    """Check what a school asks.

    Raises:
        Invalid: with every fault at once.
        Missing: the band of such a fee is not known on the first day.
    """
    if faults := terms.faults(site, known_subjects, policies):
        raise Invalid(*faults)
