"""Every ground of the eligibility table: what opens it, what it brings, and that it is data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from common.decision import MissingDependency, Outcome
from common.policy import Policies, PolicyRow
from rules.forms import SchoolType, TeachingRole
from rules.qualification import Credential, EligibilityFacts, Held, Obligation, assess, check, rows_for

DAY = date(2026, 9, 1)
METAL = frozenset({"metal"})
MATHS = frozenset({"maths"})
VO_TEACHER = EligibilityFacts(
    day=DAY,
    school_type=SchoolType.VO,
    role=TeachingRole.TEACHER,
    board="north",
    subject="metal",
    until=date(2027, 7, 31),
)
MBO_TEACHER = replace(VO_TEACHER, school_type=SchoolType.MBO)
UNDERQUALIFIED = replace(
    VO_TEACHER,
    upper_years=True,
    share_lower_years=Decimal("0.51"),
    school_share_underqualified=Decimal("0.05"),
    held=(Held(credential=Credential.TEACHER_GRADE_2, subjects=METAL),),
)


def holding(facts: EligibilityFacts, *credentials: Credential, subjects: frozenset[str] = METAL) -> EligibilityFacts:
    return replace(facts, held=tuple(Held(credential=each, subjects=subjects) for each in credentials))


TABLE: list[tuple[str, EligibilityFacts, date | None, set[Obligation]]] = [
    ("QUALIFIED", holding(VO_TEACHER, Credential.TEACHER_GRADE_2), None, set()),
    ("QUALIFIED", replace(holding(VO_TEACHER, Credential.TEACHER_GRADE_1), upper_years=True), None, set()),
    (
        "LATERAL_ENTRY",
        holding(VO_TEACHER, Credential.SUITABILITY_STATEMENT, Credential.TRAINING_AGREEMENT),
        date(2028, 8, 31),
        {Obligation.SUPERVISION, Obligation.IN_TRAINING},
    ),
    (
        "OTHER_SUBJECT",
        holding(VO_TEACHER, Credential.TEACHER_GRADE_1, Credential.IN_TRAINING, subjects=MATHS),
        date(2028, 8, 31),
        {Obligation.IN_TRAINING},
    ),
    ("UNDERQUALIFIED", UNDERQUALIFIED, date(2027, 8, 31), {Obligation.REPORT_TO_INSPECTORATE}),
    (
        "TRAINEE",
        holding(VO_TEACHER, Credential.TEACHER_STUDENT),
        date(2028, 8, 31),
        {Obligation.SUPERVISION, Obligation.IN_TRAINING},
    ),
    (
        "TEMPORARY",
        VO_TEACHER,
        date(2027, 8, 31),
        {Obligation.SUPERVISION, Obligation.TRAINING_AFTERWARDS},
    ),
    ("GUEST", replace(VO_TEACHER, role=TeachingRole.GUEST_LECTURER), None, {Obligation.SUPERVISION}),
    ("GUEST", replace(MBO_TEACHER, role=TeachingRole.GUEST_LECTURER), None, {Obligation.SUPERVISION}),
    (
        "GUEST_PO",
        replace(VO_TEACHER, school_type=SchoolType.PO, role=TeachingRole.GUEST_LECTURER),
        None,
        {Obligation.SUPERVISION},
    ),
    ("APPOINTABLE", holding(MBO_TEACHER, Credential.PDG), None, set()),
    (
        "PDG_TRACK",
        replace(holding(MBO_TEACHER, Credential.HBO_LEVEL, Credential.IN_PDG), experience_years=3),
        date(2028, 8, 31),
        {Obligation.SUPERVISION, Obligation.IN_TRAINING},
    ),
    (
        "INSTRUCTOR",
        holding(replace(MBO_TEACHER, role=TeachingRole.INSTRUCTOR), Credential.BOARD_STATEMENT),
        None,
        {Obligation.TEAM_SUPERVISION},
    ),
    ("PRACTICE", replace(MBO_TEACHER, role=TeachingRole.PRACTICE_TRAINER), None, {Obligation.SUPERVISION}),
    ("QUALIFIED_PO", holding(replace(VO_TEACHER, school_type=SchoolType.PO), Credential.TEACHER_PO), None, set()),
    ("INSTITUTION", replace(VO_TEACHER, school_type=SchoolType.HBO), None, set()),
    ("INSTITUTION", replace(VO_TEACHER, school_type=SchoolType.WO, role=TeachingRole.SUPPORT), None, set()),
    ("SUPPORT", replace(VO_TEACHER, role=TeachingRole.SUPPORT), None, {Obligation.NEVER_ALONE_RESPONSIBLE}),
    ("SUPPORT", replace(MBO_TEACHER, role=TeachingRole.PRACTICE_EXPERT), None, {Obligation.NEVER_ALONE_RESPONSIBLE}),
]


@pytest.mark.parametrize(("ground", "facts", "ends_on", "obligations"), TABLE, ids=[row[0] for row in TABLE])
def test_the_ground_is_found(
    policies: Policies, ground: str, facts: EligibilityFacts, ends_on: date | None, obligations: set[Obligation]
) -> None:
    found = assess(facts, policies)
    assert (found.allowed, found.ground, found.ends_on) == (True, ground, ends_on)
    assert set(found.obligations) == obligations
    assert found.counts_teaching_minutes is (ground != "SUPPORT")
    assert found.verdict.ok
    assert found.verdict.policy_version == 7


@pytest.mark.parametrize(("ground", "facts", "ends_on", "obligations"), TABLE, ids=[row[0] for row in TABLE])
def test_a_ground_whose_row_asks_more_does_not_hold(
    policies: Policies, ground: str, facts: EligibilityFacts, ends_on: date | None, obligations: set[Obligation]
) -> None:
    (code,) = {
        code
        for code, rows in policies.rows.items()
        if code.startswith("qualification.ground.")
        and rows[0].value["ground"] == ground
        and facts.school_type in rows[0].value["schoolTypes"]
    }
    more = [["hto_module"]]
    changed = policies.with_value(code, requires=more, requiresInUpperYears=more)
    only = replace(facts, ground=ground)
    assert check(only, policies).ok
    assert not check(only, changed).ok
    assert (assess(only, policies).ends_on, set(assess(only, policies).obligations)) == (ends_on, obligations)


def test_grade_2_does_not_qualify_for_upper_years(policies: Policies) -> None:
    upper = replace(holding(VO_TEACHER, Credential.TEACHER_GRADE_2), upper_years=True, ground="QUALIFIED")
    assert not check(upper, policies).ok


def test_a_qualification_for_another_subject_does_not_qualify(policies: Policies) -> None:
    maths = holding(replace(VO_TEACHER, ground="QUALIFIED"), Credential.TEACHER_GRADE_1, subjects=MATHS)
    (reason,) = check(maths, policies).reasons
    assert (reason.rule, reason.outcome) == ("QUALIFIED", Outcome.BLOCK)
    assert reason.measured == "teacher_grade_1, teacher_grade_1:other_subject"
    assert reason.limit == "teacher_grade_1:own_subject | teacher_grade_2:own_subject"


def test_a_proof_counts_to_its_last_day(policies: Policies) -> None:
    def ending(day: date) -> EligibilityFacts:
        proof = Held(credential=Credential.PDG, expires_on=day)
        return replace(MBO_TEACHER, held=(proof,))

    assert check(ending(DAY), policies).ok
    assert not check(ending(date(2026, 8, 31)), policies).ok


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"share_lower_years": Decimal("0.5")}, "LOWER_YEARS"),
        ({"school_share_underqualified": Decimal("0.0501")}, "SCHOOL_SHARE"),
    ],
)
def test_underqualified_lessons_stay_the_exception(policies: Policies, change: dict[str, Any], rule: str) -> None:
    verdict = check(replace(UNDERQUALIFIED, ground="UNDERQUALIFIED", **change), policies)
    assert [reason.rule for reason in verdict.reasons if reason.outcome is Outcome.BLOCK] == [rule]


@pytest.mark.parametrize(("key", "value"), [("shareLowerYearsAbove", "0.6"), ("maxShareOfSchoolLessons", "0.04")])
def test_another_policy_narrows_the_exception(policies: Policies, key: str, value: str) -> None:
    only = replace(UNDERQUALIFIED, ground="UNDERQUALIFIED")
    assert check(only, policies).ok
    assert not check(only, policies.with_value("qualification.ground.vo_underqualified", **{key: value})).ok


def test_lower_years_have_no_underqualified_ground(policies: Policies) -> None:
    verdict = check(replace(UNDERQUALIFIED, ground="UNDERQUALIFIED", upper_years=False), policies)
    assert [reason.rule for reason in verdict.reasons] == ["NO_GROUND"]


def test_the_pdg_track_asks_three_years_of_experience(policies: Policies) -> None:
    two = replace(holding(MBO_TEACHER, Credential.HBO_LEVEL, Credential.IN_PDG), experience_years=2)
    assert not check(two, policies).ok
    assert check(two, policies.with_value("qualification.ground.mbo_pdg_track", minExperienceYears=2)).ok


def test_a_ground_ends_after_its_months_and_an_extension_adds_to_them(policies: Policies) -> None:
    entrant = replace(
        holding(VO_TEACHER, Credential.SUITABILITY_STATEMENT, Credential.TRAINING_AGREEMENT),
        ground="LATERAL_ENTRY",
        ground_started_on=date(2024, 9, 2),
        until=None,
    )
    last = replace(entrant, day=date(2026, 9, 1))
    over = replace(entrant, day=date(2026, 9, 2))
    assert assess(last, policies).ends_on == date(2026, 9, 1)
    assert not check(over, policies).ok
    assert assess(replace(over, extended=True), policies).ends_on == date(2028, 9, 1)
    assert check(over, policies.with_value("qualification.ground.vo_lateral_entry", maxMonths=25)).ok


def test_work_planned_beyond_the_ground_is_pointed_out(policies: Policies) -> None:
    verdict = check(replace(VO_TEACHER, ground="TEMPORARY", until=date(2027, 9, 1)), policies)
    assert verdict.ok
    assert [(reason.measured, reason.limit) for reason in verdict.reasons if reason.outcome is Outcome.WARN] == [
        ("2027-09-01", "2027-08-31")
    ]


def test_work_may_be_planned_to_the_last_day_of_the_ground(policies: Policies) -> None:
    to_the_end = replace(VO_TEACHER, ground="TEMPORARY", until=date(2027, 8, 31))
    assert {reason.outcome for reason in check(to_the_end, policies).reasons} == {Outcome.PASS}
    on_its_last_day = replace(
        to_the_end, day=date(2027, 8, 31), ground_started_on=date(2026, 9, 1), until=date(2027, 9, 1)
    )
    assert [reason.outcome for reason in check(on_its_last_day, policies).reasons].count(Outcome.WARN) == 1


@pytest.mark.parametrize(("until", "ok"), [(date(2027, 1, 30), False), (date(2027, 1, 31), True), (None, True)])
def test_a_traineeship_takes_at_least_five_months(policies: Policies, until: date | None, ok: bool) -> None:  # noqa: FBT001 - a column of the table
    trainee = replace(holding(VO_TEACHER, Credential.TEACHER_STUDENT), ground="TRAINEE", until=until)
    assert check(trainee, policies).ok is ok


def test_the_best_ground_that_holds_is_chosen(policies: Policies) -> None:
    everything = holding(
        MBO_TEACHER, Credential.PDG, Credential.HBO_LEVEL, Credential.IN_PDG, Credential.TEACHER_GRADE_1
    )
    assert assess(everything, policies).ground == "APPOINTABLE"
    changed = policies.with_value("qualification.ground.mbo_pdg_track", priority=1, minExperienceYears=0)
    assert assess(everything, changed).ground == "PDG_TRACK"


def test_a_rejection_keeps_the_reasons_of_every_ground(policies: Policies) -> None:
    found = assess(MBO_TEACHER, policies)
    assert (found.allowed, found.ground, found.ends_on, found.obligations) == (False, None, None, ())
    assert [reason.rule for reason in found.verdict.reasons if reason.outcome is Outcome.BLOCK] == [
        "APPOINTABLE",
        "PDG_TRACK",
        "EXPERIENCE",
    ]


def test_a_role_without_a_ground_is_refused(policies: Policies) -> None:
    found = assess(replace(VO_TEACHER, role=TeachingRole.INSTRUCTOR), policies)
    (reason,) = found.verdict.reasons
    assert (reason.rule, reason.outcome, reason.measured) == ("NO_GROUND", Outcome.BLOCK, "vo/instructor")
    assert found.minutes_left_this_school_year == 0


def test_a_new_ground_is_a_row_and_no_code(policies: Policies) -> None:
    module = holding(MBO_TEACHER, Credential.HTO_MODULE)
    assert not check(module, policies).ok
    value = {**policies.on("qualification.ground.mbo_appointable", DAY).value}
    value |= {"ground": "HTO_MODULE", "requires": [["hto_module"]], "priority": 30, "maxMinutesPerWeek": 480}
    row = PolicyRow(
        code="qualification.ground.mbo_hto_module", version=8, valid_from=DAY, value=value, source="a proposal"
    )
    grown = Policies.of([*(row for rows in policies.rows.values() for row in rows), row])
    found = assess(module, grown)
    assert (found.ground, found.minutes_left_this_school_year) == ("HTO_MODULE", 40 * 480)
    assert found.verdict.policy_version == 8


def test_a_ground_that_does_not_exist_yet_is_not_missed(policies: Policies) -> None:
    early = replace(VO_TEACHER, school_type=SchoolType.HBO, day=date(2016, 1, 4), until=None)
    late = PolicyRow(code="qualification.ground.later", version=8, valid_from=DAY, value={}, source="a proposal")
    grown = Policies.of([*(row for rows in policies.rows.values() for row in rows), late])
    assert assess(early, grown).ground == "INSTITUTION"


def test_without_any_ground_known_nothing_is_decided() -> None:
    with pytest.raises(MissingDependency, match=r"qualification\.ground"):
        assess(VO_TEACHER, Policies())


@pytest.mark.parametrize(
    ("code", "change", "same"),
    [
        ("qualification.ground.guest", {"maxMinutesPerSchoolYear": 1}, False),
        ("qualification.counting", {"teachingWeeks": 39}, False),
        ("qualification.clock", {"months": 1}, False),
        ("qualification.ground.mbo_pdg_track", {"priority": 90}, True),
    ],
)
def test_a_verdict_depends_on_the_grounds_of_its_place_and_on_how_to_count(
    policies: Policies, code: str, change: dict[str, Any], *, same: bool
) -> None:
    facts = EligibilityFacts(day=DAY, school_type=SchoolType.VO, role=TeachingRole.GUEST_LECTURER, board="1")
    other = policies.with_value(code, **change)
    assert (rows_for(facts, policies) == rows_for(facts, other)) is same
