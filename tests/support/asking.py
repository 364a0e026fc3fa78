"""What a school asks and what a trainer offers, as the registry tells it: a pair that fits."""

from __future__ import annotations

from datetime import date, time
from typing import Any, Final
from uuid import UUID

from common.persistence.transaction import uuid7
from events.registry import ProfileState, VacancyPosted
from events.words import Fee, FeeKind, Form, SchoolType, Slot, TeachingRole

BOARD, SCHOOL, LOCATION, SUPERVISOR, COMPANY, OTHER_BOARD = (UUID(int=number) for number in range(901, 907))
UTRECHT: Final = (52.0907, 5.1214)
STARTS_ON: Final = date(2027, 2, 1)
ENDS_ON: Final = date(2027, 7, 9)
WHOLE_YEAR: Final = {"starts_on": date(2027, 8, 2), "ends_on": date(2028, 7, 7)}
"""All teaching weeks of a school year: two vacancies of 210 minutes are above the guest cap."""
TUESDAY: Final = Slot(day=2, starts=time(8, 30), ends=time(12))


def vacancy(**other: Any) -> VacancyPosted:
    """What a school asks: a guest lecturer for an electrical Tuesday morning in Utrecht."""
    facts = {
        "vacancy_id": uuid7(),
        "board_id": BOARD,
        "school_id": SCHOOL,
        "location_id": LOCATION,
        "region": "AM13",
        "school_type": SchoolType.VO,
        "role": TeachingRole.GUEST_LECTURER,
        "subject": "electrical",
        "minutes_per_week": 210,
        "preparation_minutes_per_week": 60,
        "roster": [TUESDAY],
        "starts_on": STARTS_ON,
        "ends_on": ENDS_ON,
        "places": 1,
        "supervisor_id": SUPERVISOR,
        "forms": [Form.GUEST],
        "fee": Fee(kind=FeeKind.NONE, cents=0),
        "language": "nl",
        "structural": False,
        "statutory_lessons": True,
        "latitude": UTRECHT[0],
        "longitude": UTRECHT[1],
        "group_size": 24,
        "upper_years": False,
    }
    return VacancyPosted(**{**facts, **other})


def profile(**other: Any) -> ProfileState:
    """What a trainer offers that fits; with more experience nothing changes, with a related subject the order does."""
    facts = {
        "trainer_id": uuid7(),
        "status": "available",
        "company_id": None,
        "employer_agreed": False,
        "trades": ["electrical"],
        "school_types": [SchoolType.VO],
        "forms": [],
        "availability": [TUESDAY],
        "desired_minutes_per_week": 210,
        "desired_months": 6,
        "travel_km": 40,
        "postcode_area": "3511",
        "region": "AM13",
        "latitude": UTRECHT[0],
        "longitude": UTRECHT[1],
        "languages": ["nl"],
        "qualifications": [],
        "vog_issued_on": None,
        "vog_shown_on": None,
        "company_minutes_per_week": 0,
        "company_days": [],
        "in_training": False,
        "experience_years": 5,
        "shortage_trade": False,
        "crkbo_registered": False,
        "consent_until": date(2027, 10, 1),
        "roles": [],
        "company_latitude": None,
        "company_longitude": None,
        "company_region": None,
        "company_size": None,
        "employer_minutes_per_week": None,
        "quiet_weeks": [],
        "absences": [],
    }
    return ProfileState(**{**facts, **other})
