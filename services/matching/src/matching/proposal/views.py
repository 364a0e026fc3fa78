"""Proposals as they are shown: blind until every party agreed."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal
from uuid import UUID

from common.caller import Caller
from common.web import ClockTime, Moment, View
from events.sides import may_read
from events.words import Form, Party, Slot
from matching.proposal.model.asking import CERTAIN
from matching.proposal.model.grounds import Occasion
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.ranking.model.assessment import ExpectationGap
from matching.ranking.model.blindness import Pseudonyms
from matching.ranking.views import (
    BandsView,
    FactorView,
    GapView,
    ReasonView,
    Viewpoint,
    banded,
    gap_view,
    points_of,
    reason_view,
    viewpoint_of_support,
)

_AS_THEY_ARE: Final = (
    "id", "version", "vacancy_id", "board_id", "school_id", "location_id", "region", "by", "form",
    "minutes_per_week", "starts_on", "ends_on", "terms", "contract_id",
)  # fmt: skip


class OccasionView(View):
    """Why the trainer was asked at that moment: evidence for an appeal."""

    kind: Literal["search", "waiting_list", "plan", "choice"]
    """A search for the vacancy; a trainer who is new or changed; a wave of a plan; the choice of a school or desk."""
    free: int
    """Places that were free."""
    asked: int
    """How many were asked for them already."""
    together: int
    """How many were asked at the same moment, this trainer included."""
    chance: float | None
    """That every party consents, from 0 to 1, where it decided how many to ask."""
    plan_id: UUID | None
    wave: int | None


class GroundsView(View):
    """Why a trainer was proposed, in full: for the trainer, the desk and the programme."""

    rank: int | None
    """For the desk and the programme."""
    score: int
    """Per mille of the highest possible."""
    factors: list[FactorView]
    kilometres: int
    usable_minutes_per_week: int
    gap: GapView
    reasons: list[ReasonView]
    findings: list[ReasonView]
    """What was found when the last party consented, or when it no longer fitted."""
    occasion: OccasionView | None
    """For the desk and the programme; null of a proposal that was made before it was stored, or past its term."""


class ConsentView(View):
    """A party's consent, and its moment."""

    party: Party
    consented_at: Moment


class WeeklyHourView(View):
    """A weekly hour in Europe/Amsterdam; ISO weekday 1 (Monday) to 7."""

    day: int
    starts: ClockTime
    ends: ClockTime


class CounterView(View):
    """Other terms that the trainer or the school offers, and that wait for the other side's answer."""

    number: int
    by: Party
    answered_by: Party
    form: Form
    minutes_per_week: int
    roster: list[WeeklyHourView] | None
    """Null: the hours of the vacancy, or by agreement."""
    asks_employer: bool | None
    """Whether the trainer's employer is asked under these terms; for the trainer, the desk and the programme."""
    made_at: Moment
    """The other side sees the day only."""


class ProposalView(View):
    """A proposal: one trainer for one vacancy, without an identity until everybody agreed."""

    id: UUID
    version: int
    vacancy_id: UUID
    candidate_id: UUID | None
    """A pseudonym for this vacancy and this viewer only; null for the trainer."""
    trainer_id: UUID | None
    """Shown to the trainer, to the employer once the trainer consented, and to all parties once everybody agreed."""
    board_id: UUID
    school_id: UUID
    location_id: UUID
    region: str | None
    company_id: UUID | None
    """Shown to the trainer and the company itself, to others from the acceptance on; null where there is none."""
    status: Status
    by: str
    form: Form
    minutes_per_week: int
    roster: list[WeeklyHourView] | None
    """The weekly hours of a counter-proposal that was accepted; null: those of the vacancy, or by agreement."""
    starts_on: date
    ends_on: date | None
    terms: int
    """The number of the terms that the parties agree to; it goes up with each counter-proposal that is accepted."""
    asked: list[Party]
    left: list[Party]
    """Who has not consented to these terms."""
    consents: list[ConsentView]
    made_at: Moment
    """School and company see the day of this and other moments only."""
    answer_before: Moment
    ended_at: Moment | None
    reason: str | None
    """Why it ended, to the side that it says something of; and that the vacancy changed or is gone to everybody."""
    declined_by: Party | None
    """Shown to who declined, and to the desk and the programme."""
    counter: CounterView | None
    """The counter-proposal that waits for its answer: between trainer and school, not shown to the employer."""
    contract_id: UUID | None
    ranking_id: UUID
    bands: BandsView
    grounds: GroundsView | None
    """For the trainer, the desk and the programme."""
    policy_version: int


def viewpoint_on(caller: Caller, proposal: Proposal, pseudonyms: Pseudonyms) -> Viewpoint:
    """Return as whom a caller looks at a proposal, which it may see."""
    if caller.sees(trainers=proposal.trainer_id):
        return Viewpoint(("trainer", str(proposal.trainer_id)), pseudonyms)
    if caller.sees(companies=proposal.company_id):
        return Viewpoint(("company", str(proposal.company_id)), pseudonyms)
    if caller.sees(boards=proposal.board_id, schools=proposal.school_id, locations=proposal.location_id):
        return Viewpoint(("school", str(proposal.school_id)), pseudonyms)
    return viewpoint_of_support(caller, proposal.region, pseudonyms)


def proposal_view(proposal: Proposal, viewpoint: Viewpoint) -> ProposalView:
    """Show a proposal to one of its parties, or to who helps them."""
    consented = viewpoint.viewer[0] == "company" and "trainer" in proposal.consents
    known = viewpoint.is_trainer or proposal.revealed
    own = known or viewpoint.viewer[0] == "company"
    candidate_id = viewpoint.pseudonyms.of(proposal.vacancy_id, proposal.round, viewpoint.viewer, proposal.trainer_id)
    return ProposalView(
        **{name: getattr(proposal, name) for name in _AS_THEY_ARE},
        status=Status.WITHDRAWN if viewpoint.is_trainer and proposal.held else proposal.status,
        candidate_id=None if viewpoint.is_trainer else candidate_id,
        trainer_id=proposal.trainer_id if known or consented else None,
        company_id=proposal.company_id if own else None,
        roster=_roster(proposal.roster),
        asked=list(proposal.asked),
        left=list(proposal.left),
        consents=[
            ConsentView(party=party, consented_at=viewpoint.moment(at)) for party, at in proposal.consents.items()
        ],
        made_at=viewpoint.moment(proposal.made_at),
        answer_before=viewpoint.moment(proposal.answer_before),
        ended_at=None if proposal.ended_at is None else viewpoint.moment(proposal.ended_at),
        reason=proposal.reason if _may_read(proposal, "reason", viewpoint) else None,
        declined_by=proposal.declined_by if _may_read(proposal, "party", viewpoint) else None,
        counter=_counter(proposal, viewpoint),
        ranking_id=proposal.grounds.ranking_id,
        bands=BandsView(**banded(proposal.grounds.bands)),
        grounds=_grounds(proposal, viewpoint) if viewpoint.exact else None,
        policy_version=proposal.grounds.policy_version,
    )


def _counter(proposal: Proposal, viewpoint: Viewpoint) -> CounterView | None:
    counter = proposal.countered
    if counter is None or not proposal.open or viewpoint.viewer[0] == "company":
        return None
    return CounterView(
        number=counter.number,
        by=counter.by,
        answered_by=counter.answered_by,
        form=counter.offer.form,
        minutes_per_week=counter.offer.minutes_per_week,
        roster=_roster(counter.offer.roster),
        asks_employer=counter.asks_employer if viewpoint.exact else None,
        made_at=viewpoint.moment(counter.made_at),
    )


def _roster(roster: tuple[Slot, ...] | None) -> list[WeeklyHourView] | None:
    return None if roster is None else [WeeklyHourView(**dict(slot)) for slot in roster]


def _may_read(proposal: Proposal, fact: str, viewpoint: Viewpoint) -> bool:
    """Whether they may read who ended a proposal, or why: as cases, feed, webhooks and letters say it."""
    facts = {"party": proposal.declined_by, "reason": proposal.reason}
    return viewpoint.support or may_read(f"proposal.{proposal.status}", fact, facts, {viewpoint.viewer[0]})


def _grounds(proposal: Proposal, viewpoint: Viewpoint) -> GroundsView:
    grounds = proposal.grounds
    return GroundsView(
        rank=grounds.rank if viewpoint.support else None,
        score=grounds.score,
        factors=[FactorView(factor=factor, points=points_of(points)) for factor, points in grounds.factors.items()],
        kilometres=grounds.kilometres,
        usable_minutes_per_week=grounds.minutes,
        gap=gap_view(ExpectationGap(minutes_per_week=grounds.gap_minutes, months=grounds.gap_months)),
        reasons=[reason_view(reason) for reason in grounds.reasons],
        findings=[reason_view(reason) for reason in proposal.findings],
        occasion=_occasion(grounds.occasion) if viewpoint.support else None,
    )


def _occasion(occasion: Occasion | None) -> OccasionView | None:
    if occasion is None:
        return None
    chance = None if occasion.chance is None else occasion.chance / CERTAIN
    return OccasionView(
        kind=occasion.kind,
        free=occasion.free,
        asked=occasion.asked,
        together=occasion.together,
        chance=chance,
        plan_id=occasion.plan_id,
        wave=occasion.wave,
    )
