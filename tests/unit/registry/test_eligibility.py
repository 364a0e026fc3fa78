"""May this person teach this, here: the question as it is put to the law, and the answer in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from common.policy import Policies
from registry.eligibility.model import Work, facts_of
from registry.eligibility.views import EligibilityView
from registry.policy.usecases import built_in_policies
from registry.trainer.model.profile import Profile
from registry.trainer.model.qualification import CLAIMED, VERIFIED, Qualification
from rules.forms import SchoolType, TeachingRole
from rules.qualification import Credential, GroundUsed, assess, ways

POLICIES = Policies.of(built_in_policies())
BOARD, TRAINER = UUID(int=1), UUID(int=2)
WORK = Work(
    role=TeachingRole.TEACHER,
    school_type=SchoolType.MBO,
    subject="metal",
    upper_years=False,
    minutes_per_week=480,
    starts_on=date(2027, 2, 1),
    ends_on=date(2027, 7, 9),
    statutory_lessons=True,
)


def held(code: Credential, **other: Any) -> Qualification:
    return Qualification(id=UUID(int=3), trainer_id=TRAINER, code=code, **{"status": VERIFIED, **other})


def answer(work: Work, *known: Qualification, profile: Profile | None = None) -> EligibilityView:
    facts = facts_of(work, BOARD, profile, known)
    return EligibilityView.of(assess(facts, POLICIES), ways(facts, POLICIES))


def test_each_way_says_what_is_missing_in_words() -> None:
    found = answer(WORK, held(Credential.IN_PDG), profile=Profile(experience_years=2))
    assert (found.allowed, found.ground, found.obligations) == (False, None, [])
    by_ground = {way.ground: way for way in found.ways}
    assert list(by_ground) == ["APPOINTABLE", "EU_RECOGNITION", "PDG_TRACK", "DEVIATION"]
    track = by_ground["PDG_TRACK"]
    assert [[proof.code for proof in proofs] for proofs in track.missing] == [["hbo_level", "suitability_statement"]]
    assert (track.experience_years, track.holds) == (3, False)
    assert track.text_nl == "geen bewijs van het traject naar het getuigschrift (PDG)"
    appointable = by_ground["APPOINTABLE"].missing
    assert [proof.text_nl for proofs in appointable for proof in proofs] == [
        "een pedagogisch-didactisch getuigschrift (PDG)",
        "een eerstegraads bevoegdheid voor dit vak",
        "een tweedegraads bevoegdheid voor dit vak",
    ]
    assert [proof.text_en for proof in by_ground["DEVIATION"].missing[0]] == [
        "a decision of the board to deviate from the demands"
    ]


def test_years_that_are_there_are_not_asked_for() -> None:
    [track] = [
        way
        for way in answer(WORK, held(Credential.IN_PDG), profile=Profile(experience_years=3)).ways
        if way.ground == "PDG_TRACK"
    ]
    assert [[proof.code for proof in proofs] for proofs in track.missing] == [["suitability_statement"]]
    assert track.experience_years is None


def test_a_ground_that_holds_comes_with_its_last_day_and_its_obligations() -> None:
    proofs = (Credential.IN_PDG, Credential.HBO_LEVEL, Credential.SUITABILITY_STATEMENT)
    found = answer(WORK, *map(held, proofs))
    assert (found.allowed, found.ground, found.ends_on) == (True, "PDG_TRACK", date(2029, 1, 31))
    assert [one.text_nl for one in found.obligations] == [
        "een bevoegde docent begeleidt de lessen en staat in het contract",
        "de hto'er volgt een opleiding",
    ]
    assert found.minutes_left_this_school_year is None
    used = (GroundUsed(ground="PDG_TRACK", started_on=date(2024, 1, 1)),)
    over = answer(replace(WORK, grounds_used=used), *map(held, proofs))
    [track] = [way for way in over.ways if way.ground == "PDG_TRACK"]
    assert (over.allowed, track.missing, [one.rule for one in track.obstacles]) == (False, [], ["DURATION"])
    assert track.obstacles[0].text_nl.startswith("de grond voor lesgeven geldt niet zo lang")


def test_a_claim_that_was_not_checked_is_no_proof_and_a_proof_of_another_subject_is_not_of_this_one() -> None:
    assert not answer(WORK, held(Credential.PDG, status=CLAIMED)).allowed
    assert not answer(WORK, held(Credential.TEACHER_GRADE_2, subject="maths")).allowed
    assert answer(WORK, held(Credential.TEACHER_GRADE_2, subject="metal")).allowed
    training = Profile(in_training=True)
    vo = replace(WORK, school_type=SchoolType.VO)
    assert answer(vo, held(Credential.TEACHER_GRADE_2, subject="maths"), profile=training).ground == "OTHER_SUBJECT"


def test_minutes_taught_count_towards_the_cap_and_an_open_end_is_judged_for_a_year() -> None:
    guest = replace(WORK, role=TeachingRole.GUEST_LECTURER, minutes_per_week=360, ends_on=None)
    found = answer(guest)
    assert (found.allowed, found.ground, found.minutes_left_this_school_year) == (True, "GUEST", 14_400 - 26 * 360)
    too_much = answer(replace(guest, minutes_per_week=480, taught_minutes=14_000))
    assert (too_much.allowed, too_much.minutes_left_this_school_year) == (False, 0)
    assert "GUEST_CAP" in {one.rule for one in too_much.ways[0].obstacles}


def test_lessons_outside_the_education_by_law_ask_for_nothing() -> None:
    assert answer(replace(WORK, statutory_lessons=False)).ground == "CONTRACT_ACTIVITY"
