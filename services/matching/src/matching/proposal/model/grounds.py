"""The grounds of a proposal: what is stored of the ranking beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from common.decision import Outcome, Reason
from events.words import Form
from matching.fairness.model import Classes
from matching.proposal.model.employer import EmployerConsent
from matching.ranking.model.assessment import Standing
from matching.ranking.model.blindness import Bands, Blindness
from matching.ranking.model.criteria import SCALE
from matching.ranking.model.law import judged_form
from matching.ranking.model.screening import HardRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matching.ranking.model.assessment import Assessment
    from matching.ranking.model.criteria import Criteria
    from matching.ranking.model.ranking import Ranking

PER_MILLE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why a trainer was asked at that moment: evidence for an appeal, read by the desk and the programme."""

    kind: Literal["search", "waiting_list", "plan", "choice"]
    free: int
    """Places that were free."""
    asked: int
    """How many were asked for them already."""
    together: int = 1
    """How many were asked at the same moment, this trainer included."""
    chance: int | None = None
    """That every party consents, in ten-thousandths, where it decided how many to ask."""
    plan_id: UUID | None = None
    wave: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """One candidate's place in a ranking, in numbers and reasons; points are whole ten-thousandths."""

    ranking_id: UUID
    rank: int
    """1 is the best."""
    score: int
    """Per mille of the highest possible."""
    points: int
    factors: dict[str, int]
    """What each factor and each earned bonus contributes to the points."""
    kilometres: int
    minutes: int
    """Usable minutes a week."""
    gap_minutes: int
    """What the school asks above, or below, what the trainer wants a week."""
    gap_months: int
    reasons: tuple[Reason, ...]
    policy_version: int
    bands: Bands = field(default_factory=Bands)
    """What others than the trainer see of it before everybody agreed."""
    classes: dict[str, str] = field(default_factory=dict)
    """By dimension the class in which the trainer is counted (``fairness``), as of the moment of asking."""
    occasion: Occasion | None = None
    """None of a proposal that was made before it was stored."""

    def emptied(self) -> Grounds:
        """Return what may be stored of a trainer who was erased: the rank, the score and the rules' version."""
        kept = replace(self, factors={}, reasons=(), bands=Bands(), classes={}, occasion=None)
        return replace(kept, kilometres=0, minutes=0, gap_minutes=0, gap_months=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A trainer who may be proposed, and the form in which the hours fit beside the other work."""

    trainer_id: UUID
    company_id: UUID | None
    """The employer, where it is a party: see ``EmployerConsent``."""
    form: Form
    grounds: Grounds

    def on(self, occasion: Occasion) -> Candidate:
        """Return the candidate as asked on an occasion."""
        return replace(self, grounds=replace(self.grounds, occasion=occasion))


def asked_in_a_quiet_week(chosen: Candidate) -> Candidate:
    """Return a candidate whom a desk asks though the trainer wanted not to be asked this week."""
    broken = Reason(rule=HardRule.QUIET_WEEK.code, outcome=Outcome.BLOCK, measured=False, limit=True)
    return replace(chosen, grounds=replace(chosen.grounds, reasons=(*chosen.grounds.reasons, broken)))


def best(ranking: Ranking, ranking_id: UUID, count: int) -> tuple[Candidate, ...]:
    """Return the first ``count`` who pass every rule; beyond the shortlist the law is asked one by one.

    Raises:
        Missing: a policy row is not known here yet.
    """
    found, bands = list(_in_order(ranking, count)), _bands(ranking)
    return tuple(_candidate(ranking, ranking_id, assessed, rank, bands) for rank, assessed in found)


def candidate(ranking: Ranking, ranking_id: UUID, assessed: Assessment) -> Candidate:
    """Return one who fits, with the grounds.

    Raises:
        Missing: a policy row is not known here yet.
    """
    return _candidate(ranking, ranking_id, assessed, rank_of(ranking, assessed.trainer_id), _bands(ranking))


def _bands(ranking: Ranking) -> dict[int, Bands]:
    return Blindness.of(ranking.evidence.policies, ranking.evidence.day).bands(ranking)


def _candidate(
    ranking: Ranking, ranking_id: UUID, assessed: Assessment, rank: int, bands: Mapping[int, Bands]
) -> Candidate:
    evidence = ranking.evidence
    criteria, profiles = evidence.criteria, evidence.profiles
    row = evidence.row_of(assessed.trainer_id)
    assert row is not None, "an assessment is of somebody in its ranking"  # noqa: S101 - tells the type checker so
    by_code = {weighed.factor: weighed.contribution for weighed in assessed.factors}
    by_bonus = {earned.bonus: earned.points * SCALE for earned in assessed.bonuses}
    profile, form = profiles[row], form_of(assessed)
    consent = EmployerConsent.of(evidence.policies, evidence.day)
    return Candidate(
        trainer_id=assessed.trainer_id,
        company_id=profile.company_id if consent.needed(form, evidence.opening, profile, criteria) else None,
        form=form,
        grounds=Grounds(
            ranking_id=ranking_id,
            rank=rank,
            score=score_of(assessed.total, criteria),
            points=assessed.total,
            factors={str(code): points for code, points in (*by_code.items(), *by_bonus.items())},
            kilometres=assessed.kilometres,
            minutes=assessed.minutes,
            gap_minutes=assessed.gap.minutes_per_week,
            gap_months=assessed.gap.months,
            reasons=assessed.verdict.reasons,
            policy_version=assessed.verdict.policy_version,
            bands=bands.get(row, Bands()),
            classes=Classes.of(evidence.policies, evidence.day).of_trainer(profile),
        ),
    )


def form_of(assessed: Assessment) -> Form:
    """Return the form under which working time was judged: the preferred one in which the hours fit."""
    return judged_form(assessed.verdict)


def score_of(points: int, criteria: Criteria) -> int:
    """Return points as per mille of the highest possible, rounded down."""
    highest = (sum(criteria.weights.values()) + sum(criteria.bonuses.values())) * SCALE
    return PER_MILLE * points // highest


def rank_of(ranking: Ranking, trainer_id: UUID) -> int:
    """Return a trainer's rank; 1 is the best."""
    profiles = ranking.evidence.profiles
    order = (profiles[row].trainer_id for row, _ in ranking.standings())
    return next(rank for rank, each in enumerate(order, start=1) if each == trainer_id)


def _in_order(ranking: Ranking, count: int) -> Iterator[tuple[int, Assessment]]:
    yield from list(enumerate(ranking.shortlist, start=1))[:count]
    missing, asked = count - len(ranking.shortlist), ranking.evidence.criteria.examine_at_most
    for rank, (row, standing) in enumerate(ranking.standings(), start=1):
        if missing <= 0 or not asked or standing is Standing.REJECTED:
            return
        if standing is Standing.RESERVE:
            asked -= 1
            assessed = ranking.explain(ranking.evidence.profiles[row].trainer_id)
            if assessed.standing is Standing.RESERVE:
                missing -= 1
                yield rank, assessed
