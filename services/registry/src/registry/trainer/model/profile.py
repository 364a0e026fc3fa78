"""A trainer's profile: trades, schools, roles, forms, hours and reach."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from common.errors import InvalidParam, Message
from events.words import Absence, Form, SchoolType, Slot, TeachingRole
from rules.weekly import roster_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An offer; minutes a week, months, kilometres. During the intake it may still have gaps."""

    trades: tuple[str, ...] = ()
    school_types: tuple[SchoolType, ...] = ()
    roles: tuple[TeachingRole, ...] = ()
    """Wanted ones; none named is any."""
    forms: tuple[Form, ...] = ()
    """Acceptable ones, preferred first."""
    availability: tuple[Slot, ...] = ()
    desired_minutes_per_week: int = 0
    desired_months: int | None = None
    travel_km: int = 0
    languages: tuple[str, ...] = ()
    company_minutes_per_week: int = 0
    company_days: tuple[int, ...] = ()
    """ISO weekdays."""
    in_training: bool = False
    experience_years: int = 0
    crkbo_registered: bool = False
    quiet_weeks: tuple[date, ...] = ()
    """Mondays of the weeks in which the trainer is not asked."""
    absences: tuple[Absence, ...] = ()
    """When the trainer is away, whatever the week offers; why is nobody's business."""

    def gaps(self) -> tuple[str, ...]:
        """Return the fields that must be filled before anybody can be proposed, as the API names them."""
        needed = {
            "trades": self.trades,
            "schoolTypes": self.school_types,
            "forms": self.forms,
            "availability": self.availability,
            "desiredMinutesPerWeek": self.desired_minutes_per_week,
            "travelKm": self.travel_km,
            "languages": self.languages,
        }
        return tuple(name for name, value in needed.items() if not value)

    def faults(
        self, *, employed: bool, known_trades: Collection[str], feasible: Collection[Form]
    ) -> list[InvalidParam]:
        """Return what cannot be: an unknown trade, a form that needs an employer, hours that fit into no week.

        Args:
            employed: whether there is a company beside the school.
            known_trades: codes of the reference list.
            feasible: the forms that are open to this person.
        """
        faults = [
            InvalidParam(f"trades.{index}", Message("There is no such trade or subject"), "unknown")
            for index, trade in enumerate(self.trades)
            if trade not in known_trades
        ]
        faults += [
            InvalidParam(f"forms.{index}", Message("This form needs an employer"), "needs-employer")
            for index, form in enumerate(self.forms)
            if form not in feasible
        ]
        for name, values in (
            ("trades", self.trades),
            ("schoolTypes", self.school_types),
            ("roles", self.roles),
            ("forms", self.forms),
            ("languages", self.languages),
            ("companyDays", self.company_days),
            ("quietWeeks", self.quiet_weeks),
        ):
            if len(set(values)) < len(values):
                faults.append(InvalidParam(name, Message("Something stands here twice"), "repeated"))
        faults += roster_faults("availability", self.availability)
        faults += [
            InvalidParam(f"quietWeeks.{index}", Message("Name a week by its Monday"), "not-a-monday")
            for index, day in enumerate(self.quiet_weeks)
            if day.weekday()
        ]
        faults += [
            InvalidParam(f"absences.{index}.until", Message("It ends on its first day, or later"), "out-of-order")
            for index, each in enumerate(self.absences)
            if each.until < each.from_
        ]
        return faults + self._company_faults(employed=employed)

    def _company_faults(self, *, employed: bool) -> list[InvalidParam]:
        works = bool(self.company_minutes_per_week or self.company_days)
        if works and not employed:
            return [InvalidParam("companyMinutesPerWeek", Message("There is no company to work for"), "no-company")]
        if bool(self.company_minutes_per_week) != bool(self.company_days):
            return [InvalidParam("companyDays", Message("Working time and working days go together"), "incomplete")]
        if self.company_minutes_per_week > len(set(self.company_days)) * _A_DAY:
            return [InvalidParam("companyMinutesPerWeek", Message("This does not fit into these days"), "too-much")]
        return []


_A_DAY: Final = 24 * 60
