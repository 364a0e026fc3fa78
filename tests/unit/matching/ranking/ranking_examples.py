"""A trainer and an opening that fit, to be varied by the tests; and strategies for whole pools of them."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
from hypothesis import strategies as st

from common.policy import Policies
from matching.profile.model.absence import Absence
from matching.profile.model.distance import Place
from matching.profile.model.engagement import Engagement
from matching.profile.model.pool import Pool
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.week import Slot, Week
from matching.ranking.model.criteria import Criteria
from matching.ranking.model.lottery import lots, seed_of
from matching.ranking.model.ranking import Ranking, rank
from matching.vacancy.model.opening import Opening
from rules.forms import Form, SchoolType, TeachingRole
from rules.qualification import Credential, Held
from rules.rows import rows_from_json

FILES: Final = Path(__file__).parents[4] / "services/registry/src/registry/policy/policies"
BUILT_IN: Final = Policies.of(
    row for file in sorted(FILES.glob("*.json")) for row in rows_from_json(json.loads(file.read_text("utf-8")), 7)
)
POLICIES: Final = BUILT_IN.with_value("matching.road", perMille=1000, detours=[])
"""As built in, but that every road is straight: the kilometres are those of the map."""
TODAY: Final = date(2026, 11, 2)
TUESDAY_MORNING: Final = Week.of([(2, 510, 720)])
FRIDAY_MORNING: Final = Week.of([(5, 510, 720)])
UTRECHT: Final = Place.at(52.0907, 5.1214)
AMERSFOORT: Final = Place.at(52.1561, 5.3878)
GRONINGEN: Final = Place.at(53.2194, 6.5665)
COMPANY: Final = UUID(int=77)

TRAINER: Final = Profile(
    trainer_id=UUID(int=1),
    paused=False,
    consented=True,
    subjects=frozenset({"electrical"}),
    school_types=frozenset({SchoolType.VO, SchoolType.MBO}),
    forms=(),
    availability=TUESDAY_MORNING,
    engagements=(),
    minutes_per_week=None,
    months=6,
    place=UTRECHT,
    postcode_area="3511",
    travel_limit_km=None,
    languages=frozenset({"nl"}),
    held=(),
    experience_years=5,
    vog_issued_on=None,
    company_id=None,
    company_agreed=None,
    company_hours=None,
)
OPENING: Final = Opening(
    vacancy_id=UUID(int=1001),
    board_id=UUID(int=1002),
    school_id=UUID(int=1003),
    location_id=UUID(int=1004),
    school_type=SchoolType.VO,
    role=TeachingRole.GUEST_LECTURER,
    subject="electrical",
    upper_years=False,
    minutes_per_week=210,
    starts_on=date(2027, 2, 1),
    ends_on=date(2027, 7, 9),
    months=6,
    roster=TUESDAY_MORNING,
    places=1,
    supervised=True,
    forms=(Form.GUEST,),
    place=UTRECHT,
    language="nl",
    structural=False,
)


WHOLE_YEAR: Final[dict[str, Any]] = {"starts_on": date(2027, 8, 2), "ends_on": date(2028, 7, 7)}
"""All teaching weeks of a school year: the weekly figure of the guest cap is the yearly one."""


def trainer(number: int = 1, **other: Any) -> Profile:
    if minutes := other.pop("minutes_taken", 0):
        other["engagements"] = taken(minutes)
    return dataclasses.replace(TRAINER, trainer_id=UUID(int=number), **other)


def taken(minutes: int) -> tuple[Engagement, ...]:
    """What was agreed before matching knew when and where."""
    return (Engagement(proposal_id=UUID(int=2001), agreed=True, minutes_per_week=minutes),) if minutes else ()


def opening(**other: Any) -> Opening:
    return dataclasses.replace(OPENING, **other)


def ranked(place: Opening, *people: Profile, policies: Policies = POLICIES) -> Ranking:
    return rank(place, Pool(people), policies, TODAY)


def by_lot(*numbers: int, place: Opening = OPENING) -> list[int]:
    """Put numbers of trainers who fit equally well in the order of the lottery."""
    ids = np.array([(number >> 64, number & 2**64 - 1) for number in numbers], dtype=np.uint64).T
    drawn = lots(ids, seed_of(place.vacancy_id, TODAY)).tolist()
    return [number for _, number in sorted(zip(drawn, numbers, strict=True))]


def proposable(ranking: Ranking) -> list[int]:
    """The short numbers of the shortlisted, in order."""
    return [each.trainer_id.int for each in ranking.shortlist]


SLOTS: Final = st.builds(
    lambda weekday, start, length: Slot(weekday=weekday, start=start, end=min(start + length, 1440)),
    st.integers(1, 7),
    st.integers(0, 1439),
    st.integers(1, 600),
)
WEEKS: Final = st.lists(SLOTS, max_size=6).map(lambda slots: Week(tuple(slots)))
NEARBY: Final = st.sampled_from([UTRECHT, UTRECHT, AMERSFOORT])
PLACES: Final = st.builds(
    Place, latitude=st.integers(50_700_000, 53_500_000), longitude=st.integers(3_400_000, 7_200_000)
)
ABSENCES: Final = st.lists(
    st.builds(
        lambda first, days: Absence(first_day=first, last_day=first + timedelta(days=days)),
        st.dates(date(2026, 10, 1), date(2028, 8, 1)),
        st.integers(0, 90),
    ),
    max_size=4,
).map(tuple)
_WORKING_WEEKS = st.sets(st.integers(1, 5), min_size=1).map(
    lambda days: CompanyHours(minutes_per_week=480 * len(days), weekdays=frozenset(days))
)
_AT: Final = st.builds(
    Engagement,
    proposal_id=st.integers(1, 2**64).map(lambda number: UUID(int=number)),
    agreed=st.booleans(),
    minutes_per_week=st.sampled_from([60, 210, 240]),
    slots=st.sampled_from([TUESDAY_MORNING, FRIDAY_MORNING, Week()]) | WEEKS,
    vacancy_id=st.sampled_from([OPENING.vacancy_id, UUID(int=1101), UUID(int=1102)]),
    board_id=st.sampled_from([OPENING.board_id, UUID(int=1202)]),
    place=NEARBY,
    role=st.sampled_from([TeachingRole.GUEST_LECTURER, TeachingRole.TEACHER]),
    form=st.sampled_from(Form),
    first_day=st.sampled_from([None, date(2026, 9, 1), date(2027, 2, 1), date(2027, 8, 1)]),
    last_day=st.sampled_from([None, date(2028, 7, 9)]),
)
_KNOWN: Final = st.lists(_AT, max_size=4, unique_by=lambda each: each.proposal_id).map(
    lambda found: tuple(sorted(found, key=lambda each: each.proposal_id))
)
ENGAGED: Final = st.sampled_from([60, 300]).map(taken) | _KNOWN
PROFILES: Final = st.builds(
    Profile,
    trainer_id=st.integers(1, 2**128 - 1).map(lambda number: UUID(int=number)),
    paused=st.integers(0, 9).map(lambda die: die == 9),
    consented=st.integers(0, 9).map(lambda die: die < 9),
    subjects=st.frozensets(st.sampled_from(["electrical", "metal", "ict", "pie", "unknown"]), max_size=3),
    school_types=st.frozensets(st.sampled_from(SchoolType), max_size=3),
    roles=st.frozensets(st.sampled_from([TeachingRole.GUEST_LECTURER, TeachingRole.TEACHER]), max_size=2),
    forms=st.permutations(list(Form)).flatmap(lambda forms: st.integers(0, 4).map(lambda many: tuple(forms[:many]))),
    availability=st.sampled_from([TUESDAY_MORNING, TUESDAY_MORNING, FRIDAY_MORNING]) | WEEKS,
    engagements=st.just(()) | ENGAGED,
    asked_on=st.none() | st.dates(date(2026, 10, 1), TODAY),
    minutes_per_week=st.none() | st.integers(1, 1200),
    months=st.none() | st.integers(0, 36),
    place=NEARBY | PLACES,
    postcode_area=st.just("3511"),
    travel_limit_km=st.none() | st.integers(0, 300) | st.just(300),
    languages=st.sampled_from([frozenset({"nl"}), frozenset({"nl", "en"}), frozenset({"nl", "en"}), frozenset()]),
    held=st.sampled_from(
        [
            (),
            (Held(credential=Credential.PDG),),
            (Held(credential=Credential.TEACHER_GRADE_2, subjects=frozenset({"electrical"})),),
        ]
    ),
    experience_years=st.sampled_from([0, 3, 10]),
    vog_issued_on=st.none() | st.dates(date(2024, 1, 1), TODAY),
    company_id=st.none() | st.just(COMPANY),
    company_agreed=st.none() | st.booleans(),
    company_hours=st.none() | _WORKING_WEEKS,
    employer_minutes=st.none() | st.none() | st.sampled_from([60, 210, 360, 600]),
    absences=st.just(()) | ABSENCES,
)
POOLS: Final = st.lists(PROFILES, max_size=7, unique_by=lambda profile: profile.trainer_id)
OPENINGS: Final = st.builds(
    Opening,
    vacancy_id=st.just(OPENING.vacancy_id),
    board_id=st.just(OPENING.board_id),
    school_id=st.just(OPENING.school_id),
    location_id=st.just(OPENING.location_id),
    school_type=st.sampled_from([SchoolType.VO, SchoolType.MBO]),
    role=st.sampled_from([TeachingRole.GUEST_LECTURER, TeachingRole.TEACHER, TeachingRole.SUPPORT]),
    subject=st.sampled_from(["electrical", "pie", "never-seen"]),
    upper_years=st.booleans(),
    minutes_per_week=st.sampled_from([60, 210, 360, 361, 900]),
    starts_on=st.dates(date(2027, 1, 4), date(2027, 3, 1)) | st.just(date(2026, 11, 9)),
    ends_on=st.none() | st.dates(date(2027, 3, 1), date(2028, 7, 1)),
    months=st.none() | st.integers(1, 36),
    roster=st.sampled_from([None, TUESDAY_MORNING]) | WEEKS.filter(lambda week: week.minutes > 0),
    places=st.integers(1, 3),
    supervised=st.booleans(),
    forms=st.permutations(list(Form)).flatmap(lambda forms: st.integers(0, 4).map(lambda many: tuple(forms[:many]))),
    place=NEARBY | PLACES,
    language=st.sampled_from(["nl", "nl", "en"]),
    structural=st.booleans(),
    region=st.sampled_from([None, "AM01", "AM07", "AM13"]),
    municipality=st.sampled_from([None, "Wageningen", "Utrecht"]),
    days_without_lessons=st.lists(st.dates(date(2027, 1, 4), date(2027, 7, 1)), max_size=3).map(tuple),
)

CANDIDATES: Final = st.builds(
    trainer,
    st.integers(1, 2**64 - 1),
    subjects=st.sampled_from([frozenset({"electrical"}), frozenset({"pie"}), frozenset({"ict"})]),
    place=NEARBY,
    months=st.sampled_from([None, 3, 6, 12]),
    minutes_taken=st.sampled_from([0, 0, 60, 210]),
    experience_years=st.integers(0, 4),
    held=st.sampled_from([(), (Held(credential=Credential.PDG),)]),
    consented=st.integers(0, 9).map(lambda die: die < 9),
    vog_issued_on=st.none() | st.just(TODAY),
    company_id=st.none() | st.just(COMPANY),
    company_agreed=st.none() | st.booleans(),
)
"""Mostly fitting, so that there is an order to speak of."""
CROWDS: Final = st.lists(CANDIDATES, min_size=1, max_size=12, unique_by=lambda profile: profile.trainer_id)
VACANCIES: Final = st.builds(
    opening,
    school_type=st.sampled_from([SchoolType.VO, SchoolType.MBO]),
    role=st.sampled_from([TeachingRole.GUEST_LECTURER, TeachingRole.TEACHER]),
    forms=st.sampled_from([(), (Form.GUEST,), (Form.SECONDMENT, Form.GUEST)]),
    # Too soon for a VOG that is not there yet, or not.
    starts_on=st.sampled_from([date(2027, 2, 1), date(2027, 2, 1), date(2026, 11, 9)]),
)


def criteria(place: Opening, policies: Policies = POLICIES, **other: Any) -> Criteria:
    """The criteria by which an opening is judged today."""
    return dataclasses.replace(Criteria.of(policies, TODAY, max(place.starts_on, TODAY)), **other)
