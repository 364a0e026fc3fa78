"""Which openings a trainer reads, and the odds at one: estimated from what is published, and of nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from matching.profile.model.pool import Pool
from matching.ranking.model.criteria import Criteria
from matching.ranking.model.factors import score
from matching.ranking.model.law import Hours, Law
from matching.ranking.model.screening import HardRule, screen
from matching.vacancy.model.reach import Box

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date
    from uuid import UUID

    from common.policy import Policies
    from matching.profile.model.profile import Profile
    from matching.proposal.model.asking import Asking
    from matching.ranking.model.assessment import Assessment
    from matching.ranking.model.blindness import Blindness
    from matching.ranking.model.changes import Way
    from matching.vacancy.model.opening import Opening
    from matching.vacancy.model.vacancy import Vacancy

_HUNDRED: Final = 100
_OF_NO_OPENING: Final = HardRule.AVAILABLE | HardRule.CONSENT
"""They keep a trainer apart from every opening, and make none less near than another."""


class Turn(StrEnum):
    """Whether the search can still ask this trainer for an opening."""

    FREE = "free"
    ASKED = "asked"
    """The trainer is asked at this moment."""
    HAD = "had"
    """The trainer was asked, and is not asked again as long as the school asks the same."""
    ELSEWHERE = "elsewhere"
    """Another vacancy of the board asks the trainer at this moment."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Where a trainer had a turn or has one, as vacancy and round; and what asks at this moment."""

    had: Collection[tuple[UUID, int]]
    asking: Collection[UUID]
    """Vacancies."""
    boards: Collection[UUID]

    def at(self, vacancy: Vacancy) -> Turn:
        """Return whether the search can still ask the trainer for a vacancy."""
        if vacancy.id in self.asking:
            return Turn.ASKED
        if (vacancy.id, vacancy.round) in self.had:
            return Turn.HAD
        return Turn.ELSEWHERE if vacancy.facts.board_id in self.boards else Turn.FREE


@dataclass(frozen=True, slots=True)
class Near:
    """An opening that a trainer fits, or that few rules keep apart."""

    opening: Opening
    apart: int
    """How many rules; 0 fits."""
    total: int
    """Points, in ten-thousandths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Policy ``matching.openings``."""

    rules_apart: int
    """No more rules than this keep a trainer apart from an opening that is near."""
    reach_percent: int
    """Up to which part of the own travel limit openings are looked at."""
    at_most: int
    """How many openings are looked at, the nearest first: the cost of one page."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Looking:
        """Read the row that holds on ``day``.

        Raises:
            Missing: it is not known here yet.
        """
        value = policies.on("matching.openings", day).value
        return cls(rules_apart=value["rulesApart"], reach_percent=value["reachPercent"], at_most=value["atMost"])

    def box(self, profile: Profile, criteria: Criteria) -> Box:
        """Return the part of the map that is looked at."""
        limit = profile.limit_km(criteria.radius_km) * self.reach_percent // _HUNDRED
        return Box.reached_by(replace(profile, travel_limit_km=limit))

    def near(
        self, profile: Profile, openings: Iterable[Opening], policies: Policies, day: date
    ) -> Iterator[Near | None]:
        """Yield for each opening how near it is to what a trainer offers; None where it is not.

        Raises:
            MissingDependency: a policy row is not known here yet.
        """
        pool = Pool([profile])
        by_start: dict[date, Criteria] = {}
        hours: Hours = {}
        for opening in openings:
            starts_on = max(opening.starts_on, day)
            if starts_on not in by_start:
                by_start[starts_on] = Criteria.of(policies, day, starts_on)
            criteria = by_start[starts_on]
            screening = screen(opening, pool.columns, 1, criteria)
            failed = HardRule(int(screening.failed[0]))
            if self._is_near(failed):
                verdicts = Law(opening, criteria, policies, day, hours).verdicts(profile)
                for rule in (rule for rule, verdict in verdicts.items() if not verdict.ok):
                    failed |= rule
            total = int(score(opening, pool, screening, criteria).totals[0])
            yield Near(opening, failed.bit_count(), total) if self._is_near(failed) else None

    def _is_near(self, failed: HardRule) -> bool:
        return (failed & ~_OF_NO_OPENING).bit_count() <= self.rules_apart


def subjects_of(profile: Profile, criteria: Criteria) -> frozenset[str]:
    """Return a trainer's own subjects and those that come close to one of them."""
    return profile.subjects.union(*(criteria.related.get(subject, frozenset()) for subject in profile.subjects))


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """The odds at one opening, from what everybody may know: rounded counts, places and policy."""

    others: int | None
    """How many others fit, rounded down; None where there are fewer than ``least``."""
    least: int
    asked_at_once: int
    percent: tuple[int, int] | None
    """Between which whole per cents the chance lies to be among the first who are asked; None where there is none."""


def odds(others: int, places: int, blindness: Blindness, asking: Asking, *, chance: int, askable: bool) -> Odds:
    """Estimate the odds of a trainer; ``chance`` is that of consent, ``askable`` whether the search may ask at all.

    Only the rounded count goes in: the chance says nothing more of the others than the count that is shown. Everybody
    who fits is taken to fit as well, and to consent as probably, as this trainer.
    """
    shown = blindness.count(others)
    at_once = asking.how_many(places, (), [chance] * asking.room(places, 0))
    fewest, most = _range(shown, blindness)
    percent = None
    if askable:
        percent = (at_once * _HUNDRED // max(most + 1, at_once), -(-at_once * _HUNDRED // max(fewest + 1, at_once)))
    return Odds(others=shown, least=blindness.counts_below, asked_at_once=at_once, percent=percent)


def _range(shown: int | None, blindness: Blindness) -> tuple[int, int]:
    """Return the fewest and the most that a count can be which is shown so."""
    if shown is None:
        return 0, blindness.counts_below - 1
    return max(shown, blindness.counts_below), shown + blindness.counts_rounded - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The vacancies that a trainer may look at, and how near each opening is."""

    profile: Profile
    vacancies: dict[UUID, Vacancy]
    near: tuple[Near, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One opening as its trainer sees it."""

    vacancy: Vacancy
    assessed: Assessment
    ways: tuple[Way, ...]
    turn: Turn
    odds: Odds
