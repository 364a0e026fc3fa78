"""What matching answers: pseudonyms, codes, and to parties bands instead of numbers."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from common.web import Moment, View
from events.words import Form, Party, SchoolType, TeachingRole
from matching.model.proposal_status import Status


class ReasonView(View):
    """One rule, how it ended, and what it measured against which limit."""

    rule: str
    outcome: str
    measured: str | None
    limit: str | None
    unit: str
    source: str


class HintView(View):
    """What would make a candidate pass a rule, and who could do it."""

    rule: str
    by: str
    change: str
    current: str | None
    needed: str | None
    unit: str


class FactorView(View):
    """What one soft factor, or bonus, adds to the points."""

    factor: str
    points: float


class GapView(View):
    """What the school asks above (or, negative, below) what the trainer wants: to be negotiated."""

    minutes_per_week: int
    months: int


class BandsView(View):
    """How well a candidate fits, in bands; null where too few candidates of the same ranking share it to be shown."""

    subject: Literal["same", "related", "other"] | None
    """Whether the candidate works in the vacancy's own subject, or in one that comes close."""
    distance_km: str | None
    """Such as `10-25` (more than 10, at most 25) or `40+`."""
    hours_percent: str | None
    """How much of the asked hours the candidate can be there: `100`, or such as `50-99`."""


class ExplanationView(View):
    """How one candidate was assessed, in full: for the trainer, the desk and the programme."""

    points: float
    factors: list[FactorView]
    kilometres: int
    minutes_per_week: int
    """Usable for this vacancy."""
    forms: list[Form]
    gap: GapView
    reasons: list[ReasonView]
    hints: list[HintView]


class CandidateView(BandsView):
    """A candidate of a vacancy, without an identity."""

    candidate_id: UUID
    """A pseudonym for this vacancy and this viewer only: it says nothing about any other vacancy."""
    standing: Literal["fits", "shortlisted", "reserve", "rejected"]
    """``fits``: passed every rule so far. The desk and the programme see more: ``shortlisted``: passed every rule;
    ``reserve``: so far, and the law is asked when needed; ``rejected``."""
    explanation: ExplanationView | None
    """For the desk and the programme."""


class AssessmentView(ExplanationView):
    """How a trainer was assessed for a vacancy, alone: it says nothing about others."""

    vacancy_id: UUID
    fits: bool


class RejectionView(View):
    """How many candidates one rule keeps apart from a vacancy; somebody may be counted under several rules."""

    rule: str
    candidates: int | None
    """Rounded down; null where it is a small number."""


class ScreeningView(View):
    """Whom the rules keep apart from a vacancy, in rounded numbers."""

    vacancy_id: UUID
    by_rule: list[RejectionView]


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
    """What was found when the last party consented."""


class ConsentView(View):
    """Who agreed, and when."""

    party: Party
    consented_at: Moment


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
    starts_on: date
    ends_on: date | None
    asked: list[Party]
    left: list[Party]
    """Who has not consented."""
    consents: list[ConsentView]
    made_at: Moment
    """School and company see the day of this and other moments only."""
    answer_before: Moment
    ended_at: Moment | None
    reason: str | None
    """Why it ended, to the side that it says something of; and that the vacancy changed or is gone to everybody."""
    declined_by: Party | None
    """Shown to who declined, and to the desk and the programme."""
    contract_id: UUID | None
    ranking_id: UUID
    bands: BandsView
    grounds: GroundsView | None
    """For the trainer, the desk and the programme."""
    policy_version: int


class WaitingView(View):
    """A vacancy on the waiting list."""

    vacancy_id: UUID
    region: str | None
    school_type: SchoolType
    role: TeachingRole
    subject: str
    minutes_per_week: int
    starts_on: date
    free_places: int
    waiting_since: Moment
    """The day on which it began."""
    escalated: bool


class RankingView(View):
    """How a ranking was made."""

    id: UUID
    vacancy_id: UUID
    made_at: Moment | None
    """For the desk and the programme."""
    day: date
    policy_version: int
    ruleset: str
    """Fingerprint of code and policies."""
    complete: bool
    candidates: int | None
    """For the desk and the programme."""
    fitting: int | None
    """For the desk and the programme."""


class RepetitionView(View):
    """Whether a ranking, made again from what was kept of its inputs, is the same to the last byte."""

    ranking_id: UUID
    identical: bool
    sha256: str | None
    """Of the outcome made now; for the desk and the programme."""
