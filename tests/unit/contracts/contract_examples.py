"""Examples that the tests of the contracts' model share: the reference policies, and one contract of each kind."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from common.policy import Policies
from contracts.assignment.model.assignment import Assignment
from contracts.contract.model.contract import ACTIVE, Contract, Status
from contracts.contract.model.decision import Cost, Decision, Ruling
from contracts.contract.model.extension import Extension
from contracts.contract.model.signing import Instrument, Signature, Signing
from contracts.contract.model.terms import Lessons, Terms
from contracts.fact.model import Organisation, Person
from contracts.hour_line.model.hour_line import HourLine, Minutes
from contracts.legal_check.model.dossier import Dossier
from events.words import (
    Fee,
    FeeKind,
    Finding,
    Form,
    LendingStatus,
    OrganisationKind,
    Party,
    SchoolType,
    Slot,
    TeachingRole,
)
from rules.rows import rows_from_json

FILES: Final = Path(__file__).parents[3] / "services/registry/src/registry/policy/policies"
POLICIES: Final = Policies.of(
    row for file in sorted(FILES.glob("*.json")) for row in rows_from_json(json.loads(file.read_text("utf-8")), 7)
)

NOON: Final = datetime(2026, 11, 2, 12, tzinfo=UTC)
TODAY: Final = NOON.date()
STARTS_ON, ENDS_ON = date(2027, 2, 1), date(2027, 7, 9)
BOARD, SCHOOL, LOCATION, SUPERVISOR, COMPANY, TRAINER, VACANCY, PROPOSAL, CONTRACT = (
    UUID(int=number) for number in range(901, 910)
)
TUESDAY: Final = Slot(day=2, starts=time(8, 30), ends=time(12))
NO_FEE: Final = Fee(kind=FeeKind.NONE, cents=0)
WARNING: Final = Finding(rule="RATE_BAND", outcome="warn")

LESSONS: Final = Lessons(
    role=TeachingRole.GUEST_LECTURER,
    school_type=SchoolType.VO,
    subject="electrical",
    upper_years=False,
    structural=False,
    statutory_lessons=True,
    group_size=24,
    language="nl",
)
TERMS: Final = Terms(
    starts_on=STARTS_ON,
    ends_on=ENDS_ON,
    minutes_per_week=210,
    preparation_minutes_per_week=60,
    roster=(TUESDAY,),
    supervisor_id=SUPERVISOR,
    fee=NO_FEE,
)
COST: Final = Cost(
    form=Form.GUEST,
    row="V2",
    treatment="no_consideration",
    rate=Decimal(0),
    legal_basis="NO_CONSIDERATION",
    fiscal_review=False,
    reclaimable=False,
    lines=1,
    line_cents=0,
    net_cents=0,
    vat_cents=0,
    total_cents=0,
)


def decision(ruling: Ruling = Ruling.PASSED) -> Decision:
    return Decision(
        ruling=ruling,
        policy_version=7,
        findings=(WARNING,),
        ground="GUEST",
        supervision=True,
        counts_teaching_minutes=True,
        vat=COST,
        costs=(COST,),
    )


BOTH: Final = (Instrument(code="guest_agreement", mandatory=(Party.TRAINER, Party.SCHOOL), invited=()),)
ALL_THREE: Final = (
    Instrument(code="school_employment", mandatory=(Party.TRAINER, Party.SCHOOL), invited=()),
    Instrument(code="company_addendum", mandatory=(Party.TRAINER, Party.COMPANY), invited=()),
)
SECONDED: Final = (
    Instrument(code="secondment_agreement", mandatory=(Party.SCHOOL, Party.COMPANY), invited=(Party.TRAINER,)),
)


def signing(instruments: tuple[Instrument, ...] = BOTH, version: int = 1) -> Signing:
    return Signing(
        version=version, hash=f"{version:x}" * 64, instruments=instruments, before=datetime(2026, 12, 2, tzinfo=UTC)
    )


def signed(one: Signing) -> Signing:
    return replace(one, given=tuple(Signature(party=party, at=NOON) for party in one.mandatory))


def contract(status: Status = Status.DRAFT, **other: Any) -> Contract:
    """A contract in a state, with everything that such a one has."""
    fields: dict[str, Any] = {
        "id": CONTRACT,
        "version": 3,
        "status": status,
        "proposal_id": PROPOSAL,
        "vacancy_id": VACANCY,
        "trainer_id": TRAINER,
        "board_id": BOARD,
        "school_id": SCHOOL,
        "location_id": LOCATION,
        "company_id": COMPANY,
        "region": "AM13",
        "form": Form.GUEST,
        "lessons": LESSONS,
        "terms": TERMS,
        "drafted_at": NOON,
    }
    if status is Status.REVIEW:
        fields |= {"decision": decision(Ruling.HELD)}
    if status is Status.SIGNING:
        fields |= {"decision": decision(), "signing": signing(), "documents": 1}
    if status in {Status.SIGNED, Status.ACTIVE, Status.SUSPENDED, Status.ENDED, Status.ENDED_EARLY, Status.DISSOLVED}:
        fields |= {"decision": decision(), "signing": signed(signing()), "documents": 1}
    if status in {Status.ACTIVE, Status.SUSPENDED, Status.ENDED, Status.ENDED_EARLY}:
        fields |= {"active_from": STARTS_ON}
    return Contract(**{**fields, **other})


def extension(*, held: bool = False) -> Extension:
    return Extension(
        ends_on=date(2027, 12, 17),
        decision=decision(Ruling.HELD if held else Ruling.PASSED),
        signing=None if held else signing(version=2),
    )


def person(**other: Any) -> Person:
    fields: dict[str, Any] = {
        "id": TRAINER,
        "availability": (TUESDAY,),
        "qualifications": (),
        "company_minutes_per_week": 1920,
        "company_days": (1, 3, 4, 5),
        "in_training": False,
        "experience_years": 5,
        "crkbo_registered": False,
    }
    return Person(**{**fields, **other})


EMPLOYER: Final = Organisation(
    id=COMPANY, kind=OrganisationKind.COMPANY, lending_status=LendingStatus.ADMITTED, education_recognised=False
)


def dossier(of: Contract | None = None, **other: Any) -> Dossier:
    fields: dict[str, Any] = {
        "contract": of or contract(Status.REVIEW),
        "today": TODAY,
        "person": person(),
        "employer": EMPLOYER,
    }
    return Dossier(**{**fields, **other})


def assignment() -> Assignment:
    begun, _ = Assignment.plan(UUID(int=920), contract(ACTIVE), STARTS_ON).start()
    return begun


def minutes(on: date = STARTS_ON, contact: int = 120, preparation: int = 30, travel: int = 0) -> Minutes:
    return Minutes(worked_on=on, contact_minutes=contact, preparation_minutes=preparation, travel_minutes=travel)


def line(**other: Any) -> HourLine:
    return replace(HourLine.of(UUID(int=930), assignment(), minutes()), **other)
