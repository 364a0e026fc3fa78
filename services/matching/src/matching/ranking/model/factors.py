"""The soft factors: how well a candidate fits, over the whole pool at once, in whole ten-thousandths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.profile.model.columns import ABSENT, Number
from matching.profile.model.profile import Employer
from matching.profile.model.road import limits
from matching.ranking.model.criteria import SCALE, Bonus, Factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from matching.profile.model.pool import Pool
    from matching.ranking.model.criteria import Criteria
    from matching.ranking.model.screening import Screening
    from matching.vacancy.model.opening import Opening


@dataclass(frozen=True, slots=True)
class Scores:
    """Per factor a line of scores (0 … ``SCALE``), per bonus a line of yes or no, and what they add up to."""

    factors: NDArray[np.int32]
    bonuses: NDArray[np.bool_]
    totals: NDArray[np.int64]
    """In ten-thousandths of a point."""


def score(opening: Opening, pool: Pool, screening: Screening, criteria: Criteria) -> Scores:
    """Weigh every row."""
    rows = len(pool)
    exact = pool.columns.subjects.with_any([opening.subject], rows)
    by_factor = {
        Factor.SUBJECT: _subject(opening, pool, criteria, exact),
        Factor.SCHOOL_TYPE: _school_type(opening, pool, criteria),
        Factor.AVAILABILITY: share(screening.minutes, opening.minutes_needed),
        Factor.DISTANCE: nearness(screening.kilometres, limits(pool.columns, rows, criteria.radius_km)),
        Factor.EXTENT: _extent(opening, pool, screening),
        Factor.FORM: _form(opening, pool, criteria),
    }
    by_bonus = {
        Bonus.SHORTAGE: exact & (opening.subject in criteria.scarce),
        Bonus.CONTINUITY: pool.columns.engaged.teaching_at(opening.school_id, rows),
    }
    totals = np.zeros(rows, dtype=np.int64)
    for factor, scores in by_factor.items():
        totals += criteria.weights[factor] * scores.astype(np.int64)
    for bonus, earned in by_bonus.items():
        totals += criteria.bonuses[bonus] * SCALE * earned
    return Scores(
        np.vstack([by_factor[factor] for factor in Factor]).astype(np.int32),
        np.vstack([by_bonus[bonus] for bonus in Bonus]),
        totals,
    )


def share(part: NDArray[np.int32], whole: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Return part / whole in ten-thousandths, half up."""
    return (2 * SCALE * part.astype(np.int64) + whole) // (2 * whole)


def nearness(kilometres: NDArray[np.int32], limits_km: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return what is left of each trainer's own travel limit, as a share of it; 0 at the limit and beyond."""
    return share(np.maximum(limits_km - kilometres, 0), np.maximum(limits_km, 1).astype(np.int64))


def _subject(opening: Opening, pool: Pool, criteria: Criteria, exact: NDArray[np.bool_]) -> NDArray[np.int64]:
    related = pool.columns.subjects.with_any(criteria.related.get(opening.subject, ()), len(pool))
    return np.where(exact, SCALE, np.where(related, criteria.related_score, 0))


def _school_type(opening: Opening, pool: Pool, criteria: Criteria) -> NDArray[np.int64]:
    rows, types = len(pool), pool.columns.school_types
    named = types.with_any([opening.school_type], rows)
    return np.where(named, SCALE, np.where(types.empty(rows), criteria.any_school_type_score, 0))


def _extent(opening: Opening, pool: Pool, screening: Screening) -> NDArray[np.int64]:
    numbers = pool.columns.numbers[:, : len(pool)]
    wanted = numbers[Number.WANTED]
    left = np.where(wanted == ABSENT, ABSENT, np.maximum(wanted - screening.taken, 0))
    extent = _closeness(left, opening.minutes_per_week)
    duration = _closeness(numbers[Number.MONTHS], opening.months)
    return (extent + duration + 1) // 2


def _closeness(wanted: NDArray[np.int32], offered: int | None) -> NDArray[np.int64]:
    """Return the smaller as a share of the larger; who named no wish, or an opening that names none, loses nothing."""
    if offered is None:
        return np.full(len(wanted), SCALE, dtype=np.int64)
    smaller, larger = np.minimum(wanted, offered), np.maximum(wanted, offered)
    return np.where(wanted == ABSENT, SCALE, share(smaller, larger.astype(np.int64)))


def _form(opening: Opening, pool: Pool, criteria: Criteria) -> NDArray[np.int64]:
    rows = len(pool)
    columns = pool.columns
    open_to_all = columns.forms.empty(rows)
    result = np.zeros(rows, dtype=np.int64)
    for employer in Employer:
        common = opening.forms_within(criteria.forms[employer])
        first = [form for form in opening.first_forms if form in common]
        scores = np.where(
            columns.first_forms.with_any(first, rows) | (open_to_all & bool(first)),
            SCALE,
            np.where(columns.forms.with_any(common, rows) | (open_to_all & bool(common)), criteria.later_form_score, 0),
        )
        here = columns.numbers[Number.EMPLOYER, :rows] == employer
        result[here] = scores[here]
    return result
