"""From the pool and the open vacancies to a market: who fits is decided by ranking, what counts by policy."""

# Plain data, so that it can travel to the process that solves it, and so that a scenario is the same snapshot with
# other policies. Questions that are open take nothing here: the plan is free to keep or to move them. What was agreed
# takes its hours, its minutes and its place.

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from matching.plan.model.market import (
    BUNDLE,
    Cap,
    Key,
    Market,
    Opening,
    Pair,
    Person,
    Step,
    Travel,
    Weights,
)
from matching.plan.model.search import Aim, PinsDoNotFit
from matching.profile.model.distance import chords
from matching.profile.model.pool import Pool
from matching.profile.model.road import by_road
from matching.profile.model.week import DAY, WEEK, Week
from matching.proposal.model.asking import Asking
from matching.ranking.model.law import Grounds, Hours, Law, judged_form
from matching.ranking.model.ranking import rank
from matching.ranking.model.screening import HardRule
from rules.forms import Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from uuid import UUID

    from common.policy import Policies
    from matching.profile.model.engagement import Engagement
    from matching.profile.model.profile import Kind, Profile
    from matching.proposal.model.asking import Outcomes
    from matching.ranking.model.criteria import Criteria
    from matching.vacancy.model import opening as vacancy

Wish = tuple["UUID", "UUID"]
"""A trainer at a vacancy."""
_Alike = tuple["UUID", "Kind", tuple["Engagement", ...]]
"""A vacancy, and what the law looks at of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Policy ``matching.plan``."""

    weights: Weights
    most: int
    """The most openings that one person is planned for."""
    gap: int
    """When a plan is good enough: in millionths of its bound."""
    seconds: int
    """How long a search lasts where none was asked."""
    seconds_at_most: int
    wave: int
    """How many proposals one wave makes where none was asked."""
    daily: bool
    """Whether a plan of the whole country is made each day."""

    @classmethod
    def of(cls, policies: Policies, day: date) -> Rules:
        """Read the row that holds on ``day``.

        Raises:
            MissingDependency: it is not known here yet.
        """
        value = policies.on("matching.plan", day).value
        return cls(
            weights=Weights(
                filled=int(value["filled"]),
                score=int(value["score"]),
                move=int(value["move"]),
                regions=_steps(value["regions"]),
                subjects=_steps(value["subjects"]),
            ),
            most=min(int(value["openingsPerTrainer"]), BUNDLE),
            gap=int(value["gapPerMillion"]),
            seconds=int(value["seconds"]),
            seconds_at_most=int(value["secondsAtMost"]),
            wave=int(value["waveSize"]),
            daily=bool(value["daily"]),
        )

    @property
    def aim(self) -> Aim:
        """How good a plan has to be."""
        return Aim(gap=self.gap)


class Vacant(NamedTuple):
    """A vacancy, and how many of its places are free."""

    opening: vacancy.Opening
    free: int


class Rejected(NamedTuple):
    """How many pairs of a trainer and a vacancy one rule keeps apart, and how many of them no other rule does."""

    pairs: int
    alone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """A vacancy after every rule but those of law that look at one person: who passes, with score and kilometres."""

    at: vacancy.Opening
    criteria: Criteria
    passing: tuple[tuple[Profile, int, int], ...]
    rejected: Mapping[HardRule, Rejected]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A market, each pair in it with the facts from which it was made, and what the rules keep out of it."""

    market: Market
    fits: Mapping[Wish, Fit]
    rejected: Mapping[HardRule, Rejected]
    """Eligibility and working time are asked only of those who pass all other rules, and in this order."""
    obstacles: Mapping[Wish, HardRule]
    """Whom the law alone keeps apart."""
    laws: Mapping[UUID, Law]
    """By opening."""


class Fit(NamedTuple):
    """A trainer at a vacancy that passes every rule."""

    profile: Profile
    at: vacancy.Opening
    form: Form
    score: int
    kilometres: int
    left: int
    """The minutes a week that other work leaves."""
    working_time: int
    """The minutes a week that other work and the employer leave of what the law allows."""
    lessons: Week
    law: Law


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a plan depends on, as plain data; calling it makes the market."""

    profiles: tuple[Profile, ...]
    vacancies: tuple[Vacant, ...]
    policies: Policies
    day: date
    outcomes: Mapping[str, Outcomes] = field(default_factory=dict)
    """How proposals ended, by region: what the chances of consent are learnt from."""
    had_a_turn: frozenset[Wish] = frozenset()
    """Whom a vacancy asked already: they are not asked again."""
    pinned: frozenset[Wish] = frozenset()
    """What a desk wishes."""
    excluded: frozenset[Wish] = frozenset()

    def __call__(self) -> Market:
        """Return the market: each pair in it passes every rule of a ranking, the law included.

        Raises:
            MissingDependency: a policy row is not known here yet.
            PinsDoNotFit: a rule keeps a pinned pair apart.
        """
        return self.judged(self.screened(), {}).market

    def screened(self) -> tuple[Screened, ...]:
        """Apply the rules that the law about one person does not touch; the dearest part of a market but for that.

        Raises:
            MissingDependency: a policy row is not known here yet.
        """
        # The law is asked of all who fit, not of the best only: a ranking of its own would stop too early.
        policies = self.policies.with_value("matching.limits", shortlistSize=0, examineAtMost=0)
        pool = Pool(self.profiles)
        return tuple(_screened(each.opening, pool, policies, self.day) for each in self.vacancies)

    def judged(self, screened: Iterable[Screened], hours: Hours, known: Judged | None = None) -> Judged:
        """Ask the law of those who pass, and make the market.

        Args:
            screened: by the rules of this snapshot.
            hours: verdicts on working time by the same rules; what is judged here is added.
            known: the same people and vacancies, judged by other rules of which those on working time are the same;
                its verdicts are taken over, those on eligibility for each vacancy whose rules are the same.

        Raises:
            MissingDependency: a policy row is not known here yet.
            PinsDoNotFit: a rule keeps a pinned pair apart.
        """
        fits: dict[Wish, Fit] = {}
        obstacles: dict[Wish, HardRule] = {}
        rejected: dict[HardRule, Rejected] = {}
        grounds: Grounds = {}
        laws: dict[UUID, Law] = {}
        for each in screened:
            for rule, (pairs, alone) in each.rejected.items():
                before = rejected.get(rule, Rejected(0, 0))
                rejected[rule] = Rejected(before.pairs + pairs, before.alone + alone)
            law = Law(each.at, each.criteria, self.policies, self.day, hours, grounds)
            laws[each.at.vacancy_id] = law
            same = known is not None and bool(each.passing) and law.share(known.laws[each.at.vacancy_id])
            for profile, score, kilometres in each.passing:
                wish = profile.trainer_id, each.at.vacancy_id
                fit = None if known is None else known.fits.get(wish)
                if (obstacle := _obstacle(law, profile, wish, fit, known if same else None)) is not None:
                    obstacles[wish] = obstacle
                    before = rejected.get(obstacle, Rejected(0, 0))
                    rejected[obstacle] = Rejected(before.pairs + 1, before.alone + 1)
                elif wish not in self.had_a_turn:
                    found = _fit(law, profile, score, kilometres) if fit is None else fit
                    fits[wish] = found._replace(score=score, kilometres=kilometres, law=law)
        return Judged(market=self._market(fits), fits=fits, rejected=rejected, obstacles=obstacles, laws=laws)

    def _market(self, fits: Mapping[Wish, Fit]) -> Market:
        rules, asking = Rules.of(self.policies, self.day), Asking.of(self.policies, self.day)
        of_person: dict[UUID, list[Fit]] = defaultdict(list)
        for each in fits.values():
            of_person[each.profile.trainer_id].append(each)
        people = {trainer: _person(found, rules) for trainer, found in of_person.items()}
        pairs = {
            (each.profile.trainer_id, each.at.vacancy_id): Pair(
                person=each.profile.trainer_id,
                opening=each.at.vacancy_id,
                form=each.form,
                score=each.score,
                chance=asking.chance(each.form, each.kilometres, self.outcomes.get(each.at.region or "", {})),
                minutes=min(each.at.minutes_per_week, people[each.profile.trainer_id].free),
                slots=each.lessons,
            )
            for each in fits.values()
        }
        if not self.pinned <= pairs.keys():
            raise PinsDoNotFit
        return Market(
            people=tuple(people.values()),
            openings=tuple(_opening(*each) for each in self.vacancies),
            pairs=tuple(pairs.values()),
            weights=rules.weights,
            travel=tuple(_travel(of_person.values())),
            caps=tuple(_caps(of_person.values())),
            standing=self._standing(pairs),
            pinned=frozenset(pairs[wish].key for wish in self.pinned),
            excluded=self.excluded,
        )

    def _standing(self, pairs: Mapping[Wish, Pair]) -> frozenset[Key]:
        asked = (
            (profile.trainer_id, each.vacancy_id)
            for profile in self.profiles
            for each in profile.engagements
            if not each.agreed and each.vacancy_id is not None
        )
        return frozenset(pairs[wish].key for wish in asked if wish in pairs)


def _screened(opening: vacancy.Opening, pool: Pool, policies: Policies, day: date) -> Screened:
    ranking = rank(opening, pool, policies, day, open_counts=False)
    evidence, failed = ranking.evidence, ranking.failed
    highest = max(sum(evidence.criteria.weights.values()) + sum(evidence.criteria.bonuses.values()), 1)
    scores, kilometres = evidence.scores.totals, evidence.screening.kilometres
    return Screened(
        at=opening,
        criteria=evidence.criteria,
        passing=tuple(
            (evidence.profiles[row], int(scores[row]) // highest, int(kilometres[row]))
            for row in np.flatnonzero(failed == 0).tolist()
        ),
        rejected={
            rule: Rejected(pairs, int(np.count_nonzero(failed == np.uint32(rule))))
            for rule in HardRule
            if (pairs := int(np.count_nonzero(failed & np.uint32(rule))))
        },
    )


def _obstacle(law: Law, profile: Profile, wish: Wish, fit: Fit | None, known: Judged | None) -> HardRule | None:
    if known is not None and (fit is not None or wish in known.obstacles):
        return known.obstacles.get(wish)
    if fit is not None:
        return None if law.eligibility(profile).ok else HardRule.ELIGIBILITY
    return law.obstacle(profile)


def _fit(law: Law, profile: Profile, score: int, kilometres: int) -> Fit:
    opening = law.opening
    return Fit(
        profile=profile,
        at=opening,
        form=judged_form(law.working_time(profile)),
        score=score,
        kilometres=kilometres,
        left=_left(profile, law),
        working_time=_working_time(profile, law),
        lessons=Week() if opening.roster is None else Week(law.capacity.lessons(profile)),
        law=law,
    )


def _steps(steps: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(share=int(each["share"]), weight=int(each["weight"])) for each in steps)


def _left(profile: Profile, law: Law) -> int:
    """Return the minutes a week of what is wanted, offered and let by the employer that other work leaves meanwhile."""
    taken = law.capacity.meanwhile(profile)
    limits = (WEEK, profile.minutes_per_week, profile.employer_minutes)
    wanted = min(limit for limit in limits if limit is not None)
    offered = profile.availability
    return min(
        wanted - sum(each.minutes_per_week for each in taken),
        offered.minutes - sum(each.minutes_of(offered) for each in taken),
    )


def _working_time(profile: Profile, law: Law) -> int:
    mean = int(law.policies.on("working_time.R4", law.begins).value["maxMeanMinutes"])
    company = 0 if profile.company_hours is None else profile.company_hours.minutes_per_week
    return mean - company - law.capacity.taken(profile)


def _person(fits: list[Fit], rules: Rules) -> Person:
    profile = fits[0].profile
    # What other work takes during one of the openings counts for all of them; what ranking allows alone stays.
    free = max(min(fit.left for fit in fits), 0)
    alone = max(fit.at.minutes_per_week for fit in fits)
    return Person(
        id=profile.trainer_id,
        minutes=free,
        limit=max(min(fit.working_time for fit in fits), min(alone, free), 0),
        taken=0,
        week=profile.availability,
        most=rules.most,
    )


def _opening(opening: vacancy.Opening, free: int) -> Opening:
    return Opening(
        id=opening.vacancy_id,
        board=opening.board_id,
        location=opening.location_id,
        region=opening.region or "",
        subject=opening.subject,
        places=free,
    )


def _caps(people: Iterable[list[Fit]]) -> Iterator[Cap]:
    """Ask the law how many minutes each person may have at a board at which several openings fit."""
    allowed: dict[_Alike, int] = {}
    for fits in people:
        at: dict[UUID, list[Fit]] = defaultdict(list)
        for fit in fits:
            at[fit.at.board_id].append(fit)
        for board, mine in at.items():
            if len(mine) == 1:
                continue
            minutes = [fit.at.minutes_per_week for fit in mine]
            most = min(_most(fit, sum(minutes), allowed) for fit in mine)
            if most < sum(minutes):
                forms = frozenset(str(fit.form) for fit in mine)
                # What the law allows alone stays allowed alone, also beside another role.
                cap = max(most, *minutes)
                yield Cap(person=fits[0].profile.trainer_id, board=board, forms=forms, minutes=cap)


def _most(fit: Fit, wanted: int, allowed: dict[_Alike, int]) -> int:
    """Return ``wanted`` where the law allows so many minutes a week, the other work included; else the most it does."""
    alike = fit.at.vacancy_id, fit.profile.kind, fit.profile.engagements
    if allowed.get(alike, WEEK) < wanted:
        return allowed[alike]
    if _allows(fit, wanted):
        return wanted
    lowest, highest = fit.at.minutes_per_week, wanted - 1
    while lowest < highest:
        minutes = (lowest + highest + 1) // 2
        if _allows(fit, minutes):
            lowest = minutes
        else:
            highest = minutes - 1
    allowed[alike] = lowest
    return lowest


def _allows(fit: Fit, minutes: int) -> bool:
    law = fit.law
    asked = Law(replace(fit.at, minutes_per_week=minutes), law.criteria, law.policies, law.day, grounds=law.grounds)
    return asked.eligibility(fit.profile).ok


def _travel(people: Iterable[list[Fit]]) -> Iterator[Travel]:
    """Return the ways between locations at which one person could teach on one weekday."""
    at: dict[UUID, vacancy.Opening] = {}
    criteria: Criteria | None = None
    wanted: dict[UUID, set[UUID]] = defaultdict(set)
    for fits in people:
        by_day: dict[int, set[UUID]] = defaultdict(set)
        for fit in fits:
            criteria = fit.law.criteria
            at[fit.at.location_id] = fit.at
            for slot in fit.lessons.slots:
                by_day[slot.weekday].add(fit.at.location_id)
        for locations in by_day.values():
            for one in locations:
                wanted[one] |= {other for other in locations if one < other}
    for one in sorted(wanted):
        others = sorted(wanted[one])
        if criteria is not None and others:
            minutes = _minutes(at[one], [at[other] for other in others], criteria)
            for other, way in zip(others, minutes, strict=True):
                if way < DAY:
                    yield Travel(one=one, other=other, minutes=way)


def _minutes(one: vacancy.Opening, others: list[vacancy.Opening], criteria: Criteria) -> list[int]:
    points = np.array([each.place.point for each in others], dtype=np.int32).T
    per_mille = np.array([criteria.roads.between(one.region, each.region) for each in others], dtype=np.int64)
    found: list[int] = criteria.travel.minutes(by_road(chords(points, one.place), per_mille)).tolist()
    return found
