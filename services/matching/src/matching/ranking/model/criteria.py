"""The criteria of a ranking: weights, bonuses and limits of one day, read from the policies once per ranking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from matching.profile.model.profile import Employer
from matching.profile.model.road import Roads
from rules.forms import Form, Party, SigningFacts, feasible_forms, signatories
from rules.school_year import SchoolYear

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    from common.policy import Policies

SCALE: Final = 10_000
"""Scores are whole ten-thousandths of 1, contributions and totals whole ten-thousandths of a point."""


class Factor(StrEnum):
    """A factor by which one candidate fits better than another."""

    SUBJECT = "subject"
    SCHOOL_TYPE = "schoolType"
    AVAILABILITY = "availability"
    DISTANCE = "distance"
    EXTENT = "extent"
    FORM = "form"


class Bonus(StrEnum):
    """A bonus that policy gives beside the fit; each one can turn the order of two candidates of one vacancy."""

    SHORTAGE = "shortage"
    """The candidate works in the vacancy's own subject, and that one is scarce."""
    CONTINUITY = "continuity"
    """The candidate has agreed to teach at this school already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """How long it takes from one school to the next: policy ``matching.travel``."""

    km_per_hour: int
    fixed_minutes: int
    """Beside the way itself: to leave a building and to enter one."""

    def minutes(self, kilometres: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the minutes for each distance, rounded up; none within one place."""
        way = -(-kilometres.astype(np.int64) * 60 // self.km_per_hour)
        return np.where(kilometres > 0, self.fixed_minutes + way, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Weights and bonuses in points, scores in ten-thousandths, distances in km."""

    policy_version: int
    weights: Mapping[Factor, int]
    bonuses: Mapping[Bonus, int]
    related: Mapping[str, frozenset[str]]
    """Per subject the trades that come close, itself not included."""
    related_score: int
    any_school_type_score: int
    """For a candidate who named no school type; one who named this type wants it more."""
    later_form_score: int
    """For a form that both accept but one of them not in the first place."""
    forms: Mapping[Employer, frozenset[Form]]
    """Which forms are possible, given the main employer's stand."""
    scarce: frozenset[str]
    """The subjects and trades in which technicians and teachers are scarce."""
    overlap_share: int
    """The part of the asked minutes that a candidate must be able to be there, in ten-thousandths."""
    own_minutes_share: int
    """The part of the asked minutes that a candidate must want to work, in ten-thousandths."""
    roads: Roads
    radius_km: int
    """The travel limit where none was named."""
    shortlist_size: int
    """How many must pass the law before the search stops."""
    examine_at_most: int
    """How many checks of the law one ranking may cost."""
    begins: date
    """The first day on which a trainer can start."""
    travel: Travel
    school_year: SchoolYear
    open_counts: bool = True
    """Whether work counts that a trainer is only asked for: not where a party chooses, or sees, or agrees at last."""

    @property
    def is_search(self) -> bool:
        """Whether matching itself looks for whom to ask: only then a quiet week keeps a trainer apart.

        A list of a party in which candidates come and go with their weeks would show who is the same at two vacancies.
        """
        return self.open_counts

    @classmethod
    def of(cls, policies: Policies, day: date, starts_on: date) -> Criteria:
        """Read the rows that hold on ``day``; the law on forms as it is when the work starts.

        Raises:
            Missing: a row is not known here yet.
        """

        def value(code: str) -> Mapping[str, Any]:
            return policies.on(code, day).value

        travel = value("matching.travel")
        weights, bonuses = value("matching.weights"), value("matching.bonuses")
        scoring, limits, groups = value("matching.scoring"), value("matching.limits"), value("matching.subjects")
        fit = value("matching.fit")
        return cls(
            policy_version=policies.version,
            weights={factor: int(weights[factor]) for factor in Factor},
            bonuses={bonus: int(bonuses[bonus]) for bonus in Bonus},
            related=_related(groups["related"]),
            related_score=int(scoring["relatedSubject"]),
            any_school_type_score=int(scoring["anySchoolType"]),
            later_form_score=int(scoring["laterForm"]),
            forms=_possible_forms(policies, starts_on),
            scarce=frozenset(value("trades.shortage")["trades"]),
            overlap_share=int(fit["overlapShare"]),
            own_minutes_share=int(fit["ownMinutesShare"]),
            roads=Roads.of(value("matching.road")),
            radius_km=int(limits["defaultRadiusKm"]),
            shortlist_size=int(limits["shortlistSize"]),
            examine_at_most=int(limits["examineAtMost"]),
            begins=starts_on,
            travel=Travel(km_per_hour=int(travel["kmPerHour"]), fixed_minutes=int(travel["fixedMinutes"])),
            school_year=SchoolYear.of(policies, day),
        )


def least(minutes: int, share: int) -> int:
    """Return the fewest whole minutes that are at least ``share`` ten-thousandths of ``minutes``."""
    return -(-minutes * share // SCALE)


def _possible_forms(policies: Policies, day: date) -> dict[Employer, frozenset[Form]]:
    employed = frozenset(feasible_forms(day, policies, employed=True))
    facts = SigningFacts(day=day)
    return {
        Employer.NONE: frozenset(feasible_forms(day, policies, employed=False)),
        Employer.WILLING: employed,
        Employer.REFUSED: frozenset(
            form for form in employed if Party.COMPANY not in signatories(form, facts, policies).mandatory
        ),
    }


def _related(groups: list[list[str]]) -> dict[str, frozenset[str]]:
    related: dict[str, frozenset[str]] = {}
    for group in groups:
        for subject in group:
            related[subject] = related.get(subject, frozenset()) | (frozenset(group) - {subject})
    return related
