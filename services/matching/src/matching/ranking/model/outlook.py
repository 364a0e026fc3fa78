"""The outlook of an opening: how many fit, on which days, whether the law allows it, and what would bring more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from matching.profile.model.columns import Number
from matching.profile.model.week import DAY, DAYS, Slot, Week
from matching.ranking.model.assessment import Hint, Side
from matching.ranking.model.criteria import Criteria
from matching.ranking.model.law import Law, without_vog
from matching.ranking.model.screening import screen
from matching.ranking.model.steps import STEP, most_minutes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from numpy.typing import NDArray

    from common.policy import Policies
    from matching.profile.model.pool import Pool
    from matching.ranking.model.blindness import Blindness
    from matching.vacancy.model.opening import Opening

ADVICE: Final = 3
"""More advice than this is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """How many of the pool fit an opening as it is asked; working time, which is a person's, is not judged."""

    fitting: int
    """Exact: for ``Blindness`` to round, and never shown."""
    by_weekday: dict[int, int]
    """Per ISO weekday of the hours that are asked, how many of those who fit are free at some of them."""
    allowed: bool
    """Whether the law allows this work to anybody in the pool, wherever and whenever they are."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that the school could ask otherwise."""

    hint: Hint
    opening: Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing that the school could ask otherwise, and how many would fit then, rounded."""

    hint: Hint
    candidates: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The outlook as it may be shown: counts are rounded, None where they are smaller than ``least``."""

    candidates: int | None
    least: int
    by_weekday: dict[int, int | None]
    allowed: bool
    advice: tuple[Advice, ...]

    @classmethod
    def of(cls, now: Prospect, found: Iterable[tuple[Hint, Prospect]], blindness: Blindness) -> Outlook:
        """Round what was counted; advice is what changes a rounded count, or what the law allows."""
        shown = blindness.count(now.fitting)
        better = [
            Advice(hint=hint, candidates=blindness.count(would.fitting))
            for hint, would in found
            if (blindness.count(would.fitting) or 0) > (shown or 0) or (would.allowed and not now.allowed)
        ]
        # The sort is stable: of two that bring as many the smaller change comes first. Of each kind one is enough.
        best = dict[str, Advice]()
        for each in sorted(better, key=lambda each: -(each.candidates or 0)):
            best.setdefault(each.hint.change, each)
        return cls(
            candidates=shown,
            least=blindness.counts_below,
            by_weekday={weekday: blindness.count(count) for weekday, count in now.by_weekday.items()},
            allowed=now.allowed,
            advice=tuple(best.values())[:ADVICE],
        )


def prospect(opening: Opening, pool: Pool, policies: Policies, day: date) -> Prospect:
    """Count who fits.

    Raises:
        MissingDependency: a policy row is not known here yet.
    """
    rows, numbers = len(pool), pool.columns.numbers
    criteria = replace(Criteria.of(policies, day, max(opening.starts_on, day)), open_counts=False)
    law = Law(opening, criteria, policies, day)
    lawful = _eligible(law, pool, np.arange(rows)) & ~without_vog(law, numbers[Number.VOG, :rows])
    fits = (screen(opening, pool.columns, rows, criteria).failed == 0) & lawful
    return Prospect(
        fitting=int(np.count_nonzero(fits)),
        by_weekday={
            weekday: int(np.count_nonzero(fits & _free_on(opening, pool, weekday)))
            for weekday in sorted({slot.weekday for slot in _hours(opening).slots})
        },
        allowed=bool(lawful.any()),
    )


def others_fitting(opening: Opening, pool: Pool, policies: Policies, day: date, *, beside: UUID) -> int:
    """Count who fits as ``prospect`` does, without one trainer: nothing that this one offers moves the count.

    Raises:
        MissingDependency: a policy row is not known here yet.
    """
    rows, numbers = len(pool), pool.columns.numbers
    criteria = replace(Criteria.of(policies, day, max(opening.starts_on, day)), open_counts=False)
    law = Law(opening, criteria, policies, day)
    passed = screen(opening, pool.columns, rows, criteria).failed == 0
    if (own := pool.row_of(beside)) is not None:
        passed[own] = False
    # The law is asked of those alone whom no other rule keeps apart: of a whole pool it takes a fifth of a second.
    fitting = np.flatnonzero(passed)
    lawful = _eligible(law, pool, fitting) & ~without_vog(law, numbers[Number.VOG, fitting])
    return int(np.count_nonzero(lawful))


def options(opening: Opening, pool: Pool, policies: Policies, day: date) -> Iterator[Option]:
    """Yield what the school could ask otherwise, one thing at a time, the smallest change of a kind first.

    Raises:
        MissingDependency: a policy row is not known here yet.
    """
    now = opening.minutes_per_week
    fewer = {minutes // STEP * STEP for minutes in (now * 3 // 4, now // 2)}
    for minutes in sorted({_most_allowed(opening, pool, policies, day), *fewer} - {0, now}, reverse=True):
        yield _option("ask-minutes", replace(opening, minutes_per_week=minutes), minutes, now, "min/week")
    if opening.roster is not None:
        yield _option("free-roster", replace(opening, roster=None))
    if opening.forms:
        yield _option("accept-any-form", replace(opening, forms=()))
    for role in type(opening.role):
        if role is not opening.role:
            yield _option("offer-role", replace(opening, role=role), role, opening.role)
    if (later := _first_day(opening, policies, day)) is not None:
        ends_on = None if opening.ends_on is None else max(opening.ends_on, later)
        moved = replace(opening, starts_on=later, ends_on=ends_on)
        yield _option("start-later", moved, later.isoformat(), opening.starts_on.isoformat(), "day")


def _option(
    change: str, opening: Opening, needed: int | str | None = None, current: int | str | None = None, unit: str = ""
) -> Option:
    hint = Hint(rule="OUTLOOK", by=Side.SCHOOL, change=change, current=current, needed=needed, unit=unit)
    return Option(hint, opening)


def _eligible(law: Law, pool: Pool, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return who of these rows may take the role at all; the law is asked once per set of proofs."""
    kinds, first, which = np.unique(pool.columns.numbers[Number.KIND, rows], return_index=True, return_inverse=True)
    profiles = tuple(pool)
    verdicts = [law.eligible_as_such(profiles[int(row)]).ok for row in rows[first]]
    return np.array(verdicts, dtype=np.bool_)[which] if len(kinds) else np.zeros(0, dtype=np.bool_)


def _most_allowed(opening: Opening, pool: Pool, policies: Policies, day: date) -> int:
    """Return the most minutes a week, in whole half hours, that the law allows to anybody; 0 where none."""
    criteria = Criteria.of(policies, day, max(opening.starts_on, day))

    def allowed(minutes: int) -> bool:
        law = Law(replace(opening, minutes_per_week=minutes), criteria, policies, day)
        return bool(_eligible(law, pool, np.arange(len(pool))).any())

    return most_minutes(opening.minutes_per_week, allowed)


def _first_day(opening: Opening, policies: Policies, day: date) -> date | None:
    """Return from which day on a VOG that is asked for today can be there; None where the start is late enough."""
    criteria = Criteria.of(policies, day, max(opening.starts_on, day))
    return Law(opening, criteria, policies, day).vog_ready_on(None)


def _hours(opening: Opening) -> Week:
    """Return the hours that are asked; by agreement these are all of the week."""
    whole = Week(tuple(Slot(weekday=weekday, start=0, end=DAY) for weekday in range(1, DAYS + 1)))
    return whole if opening.roster is None else opening.roster


def _free_on(opening: Opening, pool: Pool, weekday: int) -> NDArray[np.bool_]:
    rows = len(pool)
    asked = Week(tuple(slot for slot in _hours(opening).slots if slot.weekday == weekday))
    free, words = np.zeros(rows, dtype=np.bool_), asked.words()
    for word in np.flatnonzero(words):
        free |= (pool.columns.week[word, :rows] & words[word]) != 0
    return free
