"""The hard rules that arithmetic can decide, over the whole pool at once; what fails is kept as bits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Final

import numpy as np

from matching.profile.model.columns import ABSENT, Flag, Number
from matching.profile.model.profile import Employer
from matching.profile.model.road import limits
from matching.ranking.model.capacity import usable_minutes
from matching.ranking.model.criteria import least

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from matching.profile.model.columns import CodeSets, Columns
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening


class HardRule(IntFlag):
    """Every rule that alone keeps a pair apart; three of them are law, the others arithmetic."""

    AVAILABLE = 1
    CONSENT = 2
    COMPANY_CONSENT = 4
    LANGUAGE = 8
    DISTANCE = 16
    ROSTER_OVERLAP = 32
    ELIGIBILITY = 64
    VOG = 128
    WORKING_TIME = 256
    SUBJECT = 512
    ROLE = 1024
    SCHOOL_TYPE = 2048
    COMMON_FORM = 4096
    OWN_MINUTES = 8192
    EMPLOYER_LIMIT = 16384
    ABSENCES = 32768
    QUIET_WEEK = 65536

    @property
    def code(self) -> str:
        """The rule's name in reasons."""
        return str(self.name)


LAW: Final = HardRule.ELIGIBILITY | HardRule.VOG | HardRule.WORKING_TIME
WAIVABLE: Final = (
    HardRule.SUBJECT
    | HardRule.ROLE
    | HardRule.SCHOOL_TYPE
    | HardRule.COMMON_FORM
    | HardRule.DISTANCE
    | HardRule.ROSTER_OVERLAP
    | HardRule.ABSENCES
    | HardRule.OWN_MINUTES
    | HardRule.QUIET_WEEK
)
"""The rules about what both sides wish: matching keeps them, a school or desk may ask a person all the same."""


@dataclass(frozen=True, slots=True)
class Screening:
    """One opening against all rows: what fails (``HardRule`` bits), and the km."""

    failed: NDArray[np.uint32]
    kilometres: NDArray[np.int32]
    minutes: NDArray[np.int32]
    """The usable minutes a week, in the mean over the calendar of the opening."""
    weekly: NDArray[np.int32]
    """Those of a week without any absence."""
    taken: NDArray[np.int32]
    """Those that other work takes."""


def screen(opening: Opening, columns: Columns, rows: int, criteria: Criteria) -> Screening:
    """Apply the hard rules that need no law to the first ``rows`` rows."""
    distance = criteria.roads.kilometres(
        columns, rows, to=opening.place, region=opening.region, weekdays=opening.weekdays
    )
    minutes, weekly, taken = usable_minutes(opening, columns, rows, criteria)
    enough = least(opening.minutes_needed, criteria.overlap_share)
    failed = np.zeros(rows, dtype=np.uint32)

    def fail(rule: HardRule, where: NDArray[np.bool_]) -> None:
        failed[where] |= np.uint32(rule)

    fail(HardRule.AVAILABLE, columns.flags[Flag.PAUSED, :rows])
    if criteria.is_search:
        fail(HardRule.QUIET_WEEK, columns.flags[Flag.QUIET, :rows])
    fail(HardRule.CONSENT, ~columns.flags[Flag.CONSENTED, :rows])
    own_or_related = {opening.subject, *criteria.related.get(opening.subject, ())}
    fail(HardRule.SUBJECT, ~columns.subjects.with_any(own_or_related, rows))
    fail(HardRule.ROLE, ~_wanted(columns.roles, [opening.role], rows))
    fail(HardRule.SCHOOL_TYPE, ~_wanted(columns.school_types, [opening.school_type], rows))
    no_common_form = ~_wanted(columns.forms, opening.accepted_forms, rows)
    fail(HardRule.COMMON_FORM, no_common_form)
    fail(HardRule.COMPANY_CONSENT, _refused_by_employer(opening, columns, rows, criteria, no_common_form))
    fail(HardRule.LANGUAGE, ~columns.languages.with_any([opening.language], rows))
    fail(HardRule.DISTANCE, distance > limits(columns, rows, criteria.radius_km))
    fail(HardRule.ROSTER_OVERLAP, weekly < enough)
    fail(HardRule.ABSENCES, (minutes < weekly) & (minutes < enough))
    fail(HardRule.OWN_MINUTES, _too_few_wanted(opening, columns, rows, criteria, taken))
    fail(HardRule.EMPLOYER_LIMIT, _beyond_the_employer(opening, columns, rows, taken))
    return Screening(failed, distance, minutes, weekly, taken)


def _wanted(sets: CodeSets, codes: Iterable[str], rows: int) -> NDArray[np.bool_]:
    """Return whose wishes hold one of ``codes``; a row without any wish takes everything."""
    return sets.with_any(codes, rows) | sets.empty(rows)


def _refused_by_employer(
    opening: Opening, columns: Columns, rows: int, criteria: Criteria, no_common_form: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return for whom the main employer leaves none of the forms that both sides want.

    Where the sides have no form in common, it is asked about those of the school.
    """
    refused = np.zeros(rows, dtype=np.bool_)
    for employer in Employer:
        possible = opening.forms_within(criteria.forms[employer])
        left = _wanted(columns.forms, possible, rows) if possible else np.zeros(rows, dtype=np.bool_)
        here = columns.numbers[Number.EMPLOYER, :rows] == employer
        refused[here] = np.where(no_common_form, not possible, ~left)[here]
    return refused


def _too_few_wanted(
    opening: Opening, columns: Columns, rows: int, criteria: Criteria, taken: NDArray[np.int32]
) -> NDArray[np.bool_]:
    wanted = columns.numbers[Number.WANTED, :rows]
    left = wanted - taken
    too_few: NDArray[np.bool_] = (wanted != ABSENT) & (left < least(opening.minutes_needed, criteria.own_minutes_share))
    return too_few


def _beyond_the_employer(opening: Opening, columns: Columns, rows: int, taken: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return whose employer leaves fewer minutes than are asked: of a limit no share is enough."""
    limit = columns.numbers[Number.EMPLOYER_LIMIT, :rows]
    beyond: NDArray[np.bool_] = (limit != ABSENT) & (limit - taken < opening.minutes_needed)
    return beyond
