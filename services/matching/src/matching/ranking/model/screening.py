"""The hard rules that arithmetic can decide, over the whole pool at once; what fails is kept as bits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

import numpy as np

from matching.profile.model.columns import ABSENT, Flag, Number
from matching.profile.model.distance import chords, kilometres
from matching.profile.model.profile import Employer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from matching.profile.model.columns import Columns
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model.opening import Opening


class HardRule(IntFlag):
    """Every rule that alone keeps a pair apart: the first six by arithmetic, the last three by law."""

    AVAILABLE = 1
    CONSENT = 2
    COMPANY_CONSENT = 4
    LANGUAGE = 8
    DISTANCE = 16
    ROSTER_OVERLAP = 32
    ELIGIBILITY = 64
    VOG = 128
    WORKING_TIME = 256

    @property
    def code(self) -> str:
        """The rule's name in reasons."""
        return str(self.name)


@dataclass(frozen=True, slots=True)
class Screening:
    """One opening against all rows: what fails (``HardRule`` bits), the km and the usable minutes a week."""

    failed: NDArray[np.uint16]
    kilometres: NDArray[np.int32]
    minutes: NDArray[np.int32]


def screen(opening: Opening, columns: Columns, rows: int, criteria: Criteria) -> Screening:
    """Apply the hard rules that need no law to the first ``rows`` rows."""
    distance = kilometres(chords(columns.points[:, :rows], opening.place))
    minutes = usable_minutes(opening, columns, rows)
    failed = np.zeros(rows, dtype=np.uint16)

    def fail(rule: HardRule, where: NDArray[np.bool_]) -> None:
        failed[where] |= np.uint16(rule)

    limit = columns.numbers[Number.LIMIT, :rows]
    fail(HardRule.AVAILABLE, columns.flags[Flag.PAUSED, :rows])
    fail(HardRule.CONSENT, ~columns.flags[Flag.CONSENTED, :rows])
    impossible = np.array([not opening.forms_within(criteria.forms[employer]) for employer in Employer])
    fail(HardRule.COMPANY_CONSENT, impossible[columns.numbers[Number.EMPLOYER, :rows]])
    fail(HardRule.LANGUAGE, ~columns.languages.with_any([opening.language], rows))
    fail(HardRule.DISTANCE, distance > np.where(limit == ABSENT, criteria.radius_km, limit))
    fail(HardRule.ROSTER_OVERLAP, minutes <= 0)
    return Screening(failed, distance, minutes)


def usable_minutes(opening: Opening, columns: Columns, rows: int) -> NDArray[np.int32]:
    """Return per row the minutes a week that both sides have and that no other work has taken, at most the need."""
    available = columns.numbers[Number.AVAILABLE, :rows]
    if opening.roster is None:
        shared = available
    else:
        shared = np.zeros(rows, dtype=np.int32)
        words = opening.roster.words()
        for word in np.flatnonzero(words):
            shared += np.bitwise_count(columns.week[word, :rows] & words[word])
    free = np.maximum(available - columns.numbers[Number.TAKEN, :rows], 0)
    usable: NDArray[np.int32] = np.minimum(np.minimum(shared, free), np.int32(opening.minutes_needed))
    return usable
