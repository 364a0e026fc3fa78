"""What matching answers: pseudonyms, codes and numbers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from common.http import Moment, View
from events.words import Form, Party, Role, SchoolType
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


class CandidateView(View):
    """A pseudonymous trainer in the ranking of a vacancy."""

    trainer_id: UUID
    """A pseudonym: it means nothing outside the programme's own administration."""
    standing: str
    """``shortlisted``: passed every rule; ``reserve``: so far, and the law is asked when needed; ``rejected``."""
    points: float
    factors: list[FactorView]
    kilometres: int
    minutes_per_week: int
    """Usable for this vacancy."""
    forms: list[Form]
    subjects: list[str]
    experience_years: int
    gap: GapView
    reasons: list[ReasonView]
    hints: list[HintView]


class ConsentView(View):
    """Who agreed, and when."""

    party: Party
    consented_at: Moment


class ProposalView(View):
    """A proposal: one pseudonymous trainer for one vacancy."""

    id: UUID
    version: int
    vacancy_id: UUID
    trainer_id: UUID
    """A pseudonym."""
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
    answer_before: Moment
    ended_at: Moment | None
    reason: str | None
    declined_by: Party | None
    contract_id: UUID | None
    ranking_id: UUID
    rank: int
    score: int
    """Per mille of the highest possible."""
    factors: list[FactorView]
    kilometres: int
    usable_minutes_per_week: int
    gap: GapView
    reasons: list[ReasonView]
    """Why the trainer was proposed."""
    findings: list[ReasonView]
    """What was found when the last party consented."""
    policy_version: int


class WaitingView(View):
    """A vacancy on the waiting list."""

    vacancy_id: UUID
    region: str | None
    school_type: SchoolType
    role: Role
    subject: str
    minutes_per_week: int
    starts_on: date
    free_places: int
    waiting_since: Moment
    escalated: bool


class RankingView(View):
    """How a ranking was made."""

    id: UUID
    vacancy_id: UUID
    made_at: Moment
    day: date
    policy_version: int
    ruleset: str
    """Fingerprint of code and policies."""
    complete: bool
    candidates: int
    fitting: int


class RepetitionView(View):
    """Whether a ranking, made again from what was kept of its inputs, is the same to the last byte."""

    ranking_id: UUID
    identical: bool
    sha256: str
    """Of the outcome made now."""
