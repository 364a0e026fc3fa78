"""From what matching knows to what it shows, and to whom: blind until everybody agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final, cast
from uuid import UUID

from common.caller import Caller, CallerRole
from common.decision import Reason
from events.sides import may_read
from matching.model.assessment import Assessment, Standing
from matching.model.blindness import Bands, Pseudonyms, Viewer
from matching.model.criteria import SCALE
from matching.model.proposal import Proposal
from matching.model.proposal_status import Status
from matching.model.vacancy import Vacancy
from matching.routes.views import (
    AssessmentView,
    BandsView,
    CandidateView,
    ConsentView,
    ExplanationView,
    FactorView,
    GapView,
    GroundsView,
    HintView,
    ProposalView,
    ReasonView,
    WaitingView,
)

ACTIVITY: Final = "https://hybride-techniekopleiders.nl/processing/matching"
"""In the register of processing activities."""
_SUPPORT: Final = frozenset({"desk", "programme"})
"""Who helps others to a match, and sees why somebody does or does not fit: under a pseudonym as well."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks at something of a vacancy, and what those may see."""

    viewer: Viewer
    pseudonyms: Pseudonyms

    @property
    def support(self) -> bool:
        """Whether it is the desk or the programme."""
        return self.viewer[0] in _SUPPORT

    @property
    def themselves(self) -> bool:
        """Whether it is the trainer."""
        return self.viewer[0] == "trainer"

    @property
    def exact(self) -> bool:
        """Whether measures and moments are shown as they are."""
        return self.support or self.themselves

    def moment(self, exact: datetime) -> datetime:
        """Return a moment as they may see it: one trainer moves several vacancies at the same one."""
        return exact if self.exact else day_of(exact)


def eyes_on_vacancy(caller: Caller, vacancy: Vacancy, pseudonyms: Pseudonyms) -> Eyes:
    """Return as whom a caller looks at the candidates of a vacancy, which it may see."""
    facts = vacancy.facts
    if caller.sees(boards=facts.board_id, schools=facts.school_id, locations=facts.location_id):
        return Eyes(("school", str(facts.school_id)), pseudonyms)
    return _eyes_of_support(caller, facts.region, pseudonyms)


def eyes_on(caller: Caller, proposal: Proposal, pseudonyms: Pseudonyms) -> Eyes:
    """Return as whom a caller looks at a proposal, which it may see."""
    if caller.sees(trainers=proposal.trainer_id):
        return Eyes(("trainer", str(proposal.trainer_id)), pseudonyms)
    if caller.sees(companies=proposal.company_id):
        return Eyes(("company", str(proposal.company_id)), pseudonyms)
    if caller.sees(boards=proposal.board_id, schools=proposal.school_id, locations=proposal.location_id):
        return Eyes(("school", str(proposal.school_id)), pseudonyms)
    return _eyes_of_support(caller, proposal.region, pseudonyms)


def _eyes_of_support(caller: Caller, region: str | None, pseudonyms: Pseudonyms) -> Eyes:
    if caller.sees(regions=region):
        return Eyes(("desk", str(region)), pseudonyms)
    caller.must_be(CallerRole.PROGRAMME)
    return Eyes(("programme", ""), pseudonyms)


def candidate_view(candidate_id: UUID, bands: Bands, assessed: Assessment | None) -> CandidateView:
    """Show one candidate; ``assessed`` is for the desk and the programme."""
    return CandidateView(
        candidate_id=candidate_id,
        standing="fits" if assessed is None else assessed.standing.value,
        explanation=None if assessed is None else ExplanationView(**_explained(assessed)),
        **_banded(bands),
    )


def assessment_view(vacancy: Vacancy, assessed: Assessment) -> AssessmentView:
    """Show a trainer how they were assessed."""
    fits = assessed.standing is not Standing.REJECTED
    return AssessmentView(vacancy_id=vacancy.id, fits=fits, **_explained(assessed))


def proposal_view(proposal: Proposal, eyes: Eyes) -> ProposalView:
    """Show a proposal to one of its parties, or to who helps them."""
    consented = eyes.viewer[0] == "company" and "trainer" in proposal.consents
    known = eyes.themselves or proposal.revealed
    own = known or eyes.viewer[0] == "company"
    candidate_id = eyes.pseudonyms.of(proposal.vacancy_id, proposal.round, eyes.viewer, proposal.trainer_id)
    return ProposalView(
        **{name: getattr(proposal, name) for name in _AS_THEY_ARE},
        status=Status.WITHDRAWN if eyes.themselves and proposal.held else proposal.status,
        candidate_id=None if eyes.themselves else candidate_id,
        trainer_id=proposal.trainer_id if known or consented else None,
        company_id=proposal.company_id if own else None,
        asked=list(proposal.asked),
        left=list(proposal.left),
        consents=[ConsentView(party=party, consented_at=eyes.moment(at)) for party, at in proposal.consents.items()],
        made_at=eyes.moment(proposal.made_at),
        answer_before=eyes.moment(proposal.answer_before),
        ended_at=None if proposal.ended_at is None else eyes.moment(proposal.ended_at),
        reason=proposal.reason if _may_read(proposal, "reason", eyes) else None,
        declined_by=proposal.declined_by if _may_read(proposal, "party", eyes) else None,
        ranking_id=proposal.grounds.ranking_id,
        bands=BandsView(**_banded(proposal.grounds.bands)),
        grounds=_grounds(proposal, eyes) if eyes.exact else None,
        policy_version=proposal.grounds.policy_version,
    )


def _may_read(proposal: Proposal, fact: str, eyes: Eyes) -> bool:
    """Whether they may read who ended a proposal, or why: as cases, feed, webhooks and letters say it."""
    facts = {"party": proposal.declined_by, "reason": proposal.reason}
    return eyes.support or may_read(f"proposal.{proposal.status}", fact, facts, {eyes.viewer[0]})


def day_of(exact: datetime) -> datetime:
    """Return the beginning of a moment's day."""
    return datetime.combine(exact.astimezone(UTC).date(), time(), UTC)


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
        waiting_since=day_of(cast("datetime", vacancy.waiting_since)),
        escalated=vacancy.escalated,
    )


_AS_THEY_ARE: Final = (
    "id", "version", "vacancy_id", "board_id", "school_id", "location_id", "region", "by", "form",
    "minutes_per_week", "starts_on", "ends_on", "contract_id",
)  # fmt: skip


def _grounds(proposal: Proposal, eyes: Eyes) -> GroundsView:
    grounds = proposal.grounds
    return GroundsView(
        rank=grounds.rank if eyes.support else None,
        score=grounds.score,
        factors=[FactorView(factor=factor, points=_points(points)) for factor, points in grounds.factors.items()],
        kilometres=grounds.kilometres,
        usable_minutes_per_week=grounds.minutes,
        gap=GapView(minutes_per_week=grounds.gap_minutes, months=grounds.gap_months),
        reasons=[_reason(reason) for reason in grounds.reasons],
        findings=[_reason(reason) for reason in proposal.findings],
    )


def _banded(bands: Bands) -> dict[str, Any]:
    return {"subject": bands.subject, "distance_km": bands.distance_km, "hours_percent": bands.hours_percent}


def _explained(assessed: Assessment) -> dict[str, Any]:
    factors = [FactorView(factor=each.factor, points=_points(each.contribution)) for each in assessed.factors]
    return {
        "points": _points(assessed.total),
        "factors": factors + [FactorView(factor=each.bonus, points=float(each.points)) for each in assessed.bonuses],
        "kilometres": assessed.kilometres,
        "minutes_per_week": assessed.minutes,
        "forms": list(assessed.forms),
        "gap": GapView(minutes_per_week=assessed.gap.minutes_per_week, months=assessed.gap.months),
        "reasons": [_reason(reason) for reason in assessed.verdict.reasons],
        "hints": [
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
    }


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
