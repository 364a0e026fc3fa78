"""Examples that the unit tests of the registry start from."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from common.policy import Policies
from events.words import Fee, FeeKind, Form, LendingStatus, OrganisationKind, SchoolType, Slot, TeachingRole
from registry.engagement.model import Engagement
from registry.organisation.model import Contact, Organisation
from registry.reference.model import PostcodeArea
from registry.trainer.model import trainer as trainer_model
from registry.trainer.model.person import Person, Place, Vog
from registry.trainer.model.profile import Profile
from registry.trainer.model.trainer import Trainer
from registry.vacancy.model.terms import Site, Terms
from registry.vacancy.model.vacancy import Status as VacancyStatus
from registry.vacancy.model.vacancy import Vacancy
from rules.rows import rows_from_json

FILES: Final = Path(__file__).parents[3] / "services/registry/src/registry/policy/policies"
POLICIES: Final = Policies.of(
    row for file in sorted(FILES.glob("*.json")) for row in rows_from_json(json.loads(file.read_text("utf-8")), 7)
)
TODAY = date(2026, 9, 1)
NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
LATEST = date(2027, 9, 1)
LENT = frozenset({Form.SECONDMENT, Form.DUAL_EMPLOYMENT})
"""Forms in which an employer has a say."""
TRAINER = UUID("0192f3c4-0000-7000-8000-000000000001")
COMPANY = UUID("0192f3c4-0000-7000-8000-000000000002")
OTHER_COMPANY = UUID("0192f3c4-0000-7000-8000-000000000003")
VACANCY = UUID("0192f3c4-0000-7000-8000-000000000004")
BOARD, SCHOOL, LOCATION, SUPERVISOR = (UUID(f"0192f3c4-0000-7000-8000-00000000001{n}") for n in range(4))

AREA = PostcodeArea(
    pc4="9712",
    place="Groningen",
    municipality="Groningen",
    province="Groningen",
    latitude=53.22,
    longitude=6.56,
    region="AM01",
)
ELSEWHERE = replace(AREA, pc4="5611", place="Eindhoven", municipality="Eindhoven", region="AM28", latitude=51.44)
PERSON = Person(name="Aagje Veerring", email="aagje@hto.example", language="nl", postcode="9712XX")
MORNING = Slot(day=1, starts=time(8, 30), ends=time(12, 30))
PROFILE = Profile(
    trades=("installation",),
    school_types=(SchoolType.VO,),
    forms=(Form.GUEST,),
    availability=(MORNING,),
    desired_minutes_per_week=180,
    desired_months=6,
    travel_km=20,
    languages=("nl",),
    company_minutes_per_week=2400,
    company_days=(1, 2, 3, 4, 5),
)
VOG = Vog(issued_on=date(2026, 8, 1), shown_on=date(2026, 8, 20), seen_by="HR")


def trainer(status: trainer_model.Status = trainer_model.APPLIED, **changes: Any) -> Trainer:
    """Somebody in that state, as one gets there."""
    applied, _ = Trainer.apply(TRAINER, PERSON, AREA, company_id=COMPANY, was_trainer_before=False, at=NOW)
    profile = PROFILE if status in trainer_model.PROFILED else None
    until = LATEST if status in {trainer_model.AVAILABLE, trainer_model.PAUSED} else None
    return replace(
        applied,
        version=5,
        **{
            "status": status,
            "profile": profile,
            "consent_until": until,
            "employer_agreed": status in {trainer_model.AVAILABLE, trainer_model.PAUSED},
            **changes,
        },
    )


SITE = Site(
    board_id=BOARD,
    school_id=SCHOOL,
    location_id=LOCATION,
    region="AM01",
    latitude=53.2,
    longitude=6.5,
    school_types=(SchoolType.VO,),
)
TERMS = Terms(
    school_type=SchoolType.VO,
    role=TeachingRole.GUEST_LECTURER,
    subject="pie",
    minutes_per_week=180,
    preparation_minutes_per_week=60,
    roster=(MORNING,),
    starts_on=date(2026, 10, 1),
    ends_on=date(2027, 7, 1),
    places=2,
    supervisor_id=SUPERVISOR,
    forms=(Form.GUEST, Form.SECONDMENT),
    fee=Fee(kind=FeeKind.NONE, cents=0),
    language="nl",
    structural=True,
    statutory_lessons=True,
    group_size=25,
    upper_years=False,
)
PLACE = Place.of(AREA)


def vacancy(status: VacancyStatus = VacancyStatus.OPEN, **changes: Any) -> Vacancy:
    """A vacancy in a state."""
    drafted, _ = Vacancy.draft(VACANCY, SITE, TERMS)
    return replace(drafted, version=2, status=status, **changes)


def engagement(*, fell_away: bool = False, ended_on: date | None = None) -> Engagement:
    return Engagement(
        contract_id=uuid4(),
        vacancy_id=VACANCY,
        trainer_id=TRAINER,
        signed_on=date(2025, 9, 1),
        fell_away=fell_away,
        ended_on=ended_on,
    )


OTIS = Contact(name="Otis Zaagblad", email="otis@koperdraad.example", language="en")
FIRM = Organisation(
    id=UUID("0192f3c4-0000-7000-8000-0000000000aa"),
    kind=OrganisationKind.COMPANY,
    name="Koperdraad",
    kvk="00000100",
    postcode="9712XX",
    lending_status=LendingStatus.UNKNOWN,
    contact=OTIS,
)
