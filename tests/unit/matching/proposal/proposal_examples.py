"""A vacancy, a candidate and a proposal of it, to be varied by the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from events.registry import ProfileState, VacancyFacts
from events.words import Fee, FeeKind, Form, HeldQualification, SchoolType, Slot, TeachingRole
from matching.proposal.model.grounds import Candidate, Grounds
from matching.proposal.model.proposal import Proposal
from matching.vacancy.model.vacancy import Vacancy

NOON: Final = datetime(2026, 11, 2, 12, tzinfo=UTC)
LATER: Final = NOON + timedelta(days=3)
TUESDAY: Final = Slot(day=2, starts=time(8, 30), ends=time(12))

FACTS: Final = VacancyFacts(
    vacancy_id=UUID(int=1001),
    board_id=UUID(int=1002),
    school_id=UUID(int=1003),
    location_id=UUID(int=1004),
    region="AM13",
    school_type=SchoolType.VO,
    role=TeachingRole.GUEST_LECTURER,
    subject="electrical",
    minutes_per_week=210,
    preparation_minutes_per_week=60,
    roster=[TUESDAY],
    starts_on=date(2027, 2, 1),
    ends_on=date(2027, 7, 9),
    places=1,
    supervisor_id=UUID(int=1005),
    forms=[Form.GUEST],
    fee=Fee(kind=FeeKind.NONE, cents=0),
    language="nl",
    structural=False,
    statutory_lessons=True,
    latitude=52.0907,
    longitude=5.1214,
    group_size=24,
    upper_years=False,
)
STATE: Final = ProfileState(
    trainer_id=UUID(int=1),
    status="available",
    company_id=UUID(int=77),
    employer_agreed=True,
    trades=["electrical"],
    shortage_trade=True,
    school_types=[SchoolType.VO],
    forms=[Form.SECONDMENT, Form.GUEST],
    availability=[TUESDAY],
    desired_minutes_per_week=210,
    desired_months=6,
    travel_km=40,
    postcode_area="3511",
    region="AM13",
    latitude=52.0907,
    longitude=5.1214,
    languages=["nl"],
    qualifications=[HeldQualification(code="pdg", verified=True)],
    vog_issued_on=date(2026, 10, 1),
    vog_shown_on=None,
    company_minutes_per_week=1920,
    company_days=[1, 2, 3, 4],
    in_training=False,
    experience_years=5,
    crkbo_registered=False,
    consent_until=date(2027, 10, 1),
    roles=[],
    company_latitude=None,
    company_longitude=None,
    company_region=None,
    company_size=None,
    employer_minutes_per_week=None,
    quiet_weeks=[],
    absences=[],
)
GROUNDS: Final = Grounds(
    ranking_id=UUID(int=5001),
    rank=1,
    score=900,
    points=1_000_000,
    factors={"subject": 300_000},
    kilometres=3,
    minutes=210,
    gap_minutes=0,
    gap_months=0,
    reasons=(),
    policy_version=7,
)


def facts(**other: Any) -> VacancyFacts:
    return FACTS.model_copy(update=other)


def state(**other: Any) -> ProfileState:
    return STATE.model_copy(update=other)


def vacancy(**other: Any) -> Vacancy:
    return replace(Vacancy(id=FACTS.vacancy_id, facts=FACTS), **other)


def proposal(*, employed: bool = True, **other: Any) -> Proposal:
    candidate = Candidate(
        trainer_id=UUID(int=1),
        company_id=UUID(int=77) if employed else None,
        form=Form.GUEST,
        grounds=GROUNDS,
    )
    made, _ = Proposal.make(
        UUID(int=2001), vacancy(), candidate, by="matching", at=NOON, answer_before=NOON + timedelta(days=14)
    )
    return replace(made, **other)
