"""From what matching knows to what it shows, and to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast

from common.auth import Caller
from common.decision import Reason
from matching.model.assessment import Assessment
from matching.model.criteria import SCALE
from matching.model.profile import Profile
from matching.model.proposal import Proposal
from matching.model.proposal_status import Status
from matching.model.vacancy import Vacancy
from matching.routes.views import (
    CandidateView,
    ConsentView,
    FactorView,
    GapView,
    HintView,
    ProposalView,
    ReasonView,
    WaitingView,
)

ACTIVITY: Final = "https://hybride-techniekopleiders.nl/processing/matching"
"""In the register of processing activities."""
_SETTLED: Final = frozenset({Status.ACCEPTED, Status.CONVERTED})


def candidate_view(assessed: Assessment, profile: Profile) -> CandidateView:
    """Show one candidate; the profile's place, days and employer stay here."""
    factors = [FactorView(factor=each.factor, points=_points(each.contribution)) for each in assessed.factors]
    factors += [FactorView(factor=each.bonus, points=float(each.points)) for each in assessed.bonuses]
    return CandidateView(
        trainer_id=assessed.trainer_id,
        standing=assessed.standing,
        points=_points(assessed.total),
        factors=factors,
        kilometres=assessed.kilometres,
        minutes_per_week=assessed.minutes,
        forms=list(assessed.forms),
        subjects=sorted(profile.subjects),
        experience_years=profile.experience_years,
        gap=GapView(minutes_per_week=assessed.gap.minutes_per_week, months=assessed.gap.months),
        reasons=[_reason(reason) for reason in assessed.verdict.reasons],
        hints=[
            HintView(
                rule=hint.rule,
                by=hint.by,
                change=hint.change,
                current=_text(hint.current),
                needed=_text(hint.needed),
                unit=hint.unit,
            )
            for hint in assessed.hints
        ],
    )


def proposal_view(proposal: Proposal, caller: Caller) -> ProposalView:
    """Show a proposal to one of its parties."""
    grounds = proposal.grounds
    own = caller.sees(trainers=proposal.trainer_id, companies=proposal.company_id)
    return ProposalView(
        **{name: getattr(proposal, name) for name in _AS_THEY_ARE},
        company_id=proposal.company_id if own or proposal.status in _SETTLED else None,
        asked=list(proposal.asked),
        left=list(proposal.left),
        consents=[ConsentView(party=party, consented_at=at) for party, at in proposal.consents.items()],
        ranking_id=grounds.ranking_id,
        rank=grounds.rank,
        score=grounds.score,
        factors=[FactorView(factor=factor, points=_points(points)) for factor, points in grounds.factors.items()],
        kilometres=grounds.kilometres,
        usable_minutes_per_week=grounds.minutes,
        gap=GapView(minutes_per_week=grounds.gap_minutes, months=grounds.gap_months),
        reasons=[_reason(reason) for reason in grounds.reasons],
        findings=[_reason(reason) for reason in proposal.findings],
        policy_version=grounds.policy_version,
    )


def waiting_view(vacancy: Vacancy) -> WaitingView:
    """Show a vacancy that waits."""
    facts = vacancy.facts
    return WaitingView(
        vacancy_id=vacancy.id,
        region=facts.region,
        school_type=facts.school_type,
        role=facts.role,
        subject=facts.subject,
        minutes_per_week=facts.minutes_per_week,
        starts_on=facts.starts_on,
        free_places=vacancy.free,
        waiting_since=cast("datetime", vacancy.waiting_since),
        escalated=vacancy.escalated,
    )


_AS_THEY_ARE: Final = (
    "id", "version", "vacancy_id", "trainer_id", "board_id", "school_id", "location_id", "region", "status", "by",
    "form", "minutes_per_week", "starts_on", "ends_on", "made_at", "answer_before", "ended_at", "reason",
    "declined_by", "contract_id",
)  # fmt: skip


def _points(ten_thousandths: int) -> float:
    return ten_thousandths / SCALE


def _reason(reason: Reason) -> ReasonView:
    return ReasonView(
        rule=reason.rule,
        outcome=reason.outcome,
        measured=_text(reason.measured),
        limit=_text(reason.limit),
        unit=reason.unit,
        source=reason.source,
    )


def _text(measure: Any) -> str | None:
    if isinstance(measure, bool):
        return "true" if measure else "false"
    return None if measure is None else str(measure)
