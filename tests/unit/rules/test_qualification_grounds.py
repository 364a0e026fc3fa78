"""Every ground of the eligibility table: what opens it, what it brings, and that it is data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.decision import MissingDependency, Outcome
from common.policy import Policies, PolicyRow
from rules.dates import last_day_of
from rules.forms import SchoolType, TeachingRole
from rules.grounds import judge
from rules.qualification import (
    Credential,
    EligibilityFacts,
    GroundUsed,
    Held,
    Obligation,
    assess,
    check,
    rows_for,
)

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
PDG_TRACK = (Credential.HBO_LEVEL, Credential.IN_PDG, Credential.SUITABILITY_STATEMENT)
GUEST = {Obligation.SUPERVISION, Obligation.BOARD_JUDGEMENT}
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
    ("GUEST", replace(VO_TEACHER, role=TeachingRole.GUEST_LECTURER), None, GUEST),
    ("GUEST", replace(MBO_TEACHER, role=TeachingRole.GUEST_LECTURER), None, GUEST),
    (
        "GUEST_PO",
        replace(VO_TEACHER, school_type=SchoolType.PO, role=TeachingRole.GUEST_LECTURER),
        None,
        GUEST,
    ),
    ("APPOINTABLE", holding(MBO_TEACHER, Credential.PDG), None, set()),
    (
        "PDG_TRACK",
        holding(MBO_TEACHER, *PDG_TRACK),
        date(2028, 8, 31),
        {Obligation.SUPERVISION, Obligation.IN_TRAINING},
    ),
    ("DEVIATION", holding(MBO_TEACHER, Credential.BOARD_DEVIATION), date(2028, 8, 31), set()),
    ("EU_RECOGNITION", holding(MBO_TEACHER, Credential.EU_RECOGNITION), None, set()),
    ("EU_RECOGNITION", holding(VO_TEACHER, Credential.EU_RECOGNITION), None, set()),
    ("CONTRACT_ACTIVITY", replace(MBO_TEACHER, contract_activity=True), None, set()),
    (
        "LATERAL_ENTRY_PO",
        holding(
            replace(VO_TEACHER, school_type=SchoolType.PO),
            Credential.SUITABILITY_STATEMENT,
            Credential.TRAINING_AGREEMENT,
        ),
        date(2028, 8, 31),
        {Obligation.SUPERVISION, Obligation.IN_TRAINING},
    ),
    (
        "INSTRUCTOR_VO",
        holding(replace(VO_TEACHER, role=TeachingRole.INSTRUCTOR), Credential.PDC),
        None,
        {Obligation.TEAM_SUPERVISION},
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


@pytest.mark.parametrize(
    ("without", "years", "ok"),
    [
        (None, 0, True),
        (Credential.HBO_LEVEL, 2, False),
        (Credential.HBO_LEVEL, 3, True),
        (Credential.SUITABILITY_STATEMENT, 30, False),
        (Credential.IN_PDG, 30, False),
    ],
)
def test_experience_stands_in_for_a_diploma_on_the_pdg_track_and_for_nothing_else(
    policies: Policies,
    without: Credential | None,
    years: int,
    ok: bool,  # noqa: FBT001 - a column of the table
) -> None:
    held = [each for each in PDG_TRACK if each is not without]
    facts = replace(holding(MBO_TEACHER, *held), ground="PDG_TRACK", experience_years=years)
    assert check(facts, policies).ok is ok


def test_the_pdg_track_asked_experience_of_everybody_before(policies: Policies) -> None:
    then = replace(holding(MBO_TEACHER, Credential.HBO_LEVEL, Credential.IN_PDG), day=date(2016, 9, 1), until=None)
    assert not check(then, policies).ok
    assert check(replace(then, experience_years=3), policies).ok


def used(ground: str, started_on: date, extensions: int = 0) -> tuple[GroundUsed, ...]:
    return (
        GroundUsed(ground="SUPPORT", started_on=date(2000, 1, 1)),
        GroundUsed(ground=ground, started_on=started_on, extensions=extensions),
    )


def test_a_ground_that_is_in_use_goes_on_from_its_first_day(policies: Policies) -> None:
    deviating = replace(holding(MBO_TEACHER, Credential.BOARD_DEVIATION), ground="DEVIATION", until=None)
    again = replace(deviating, used=used("DEVIATION", date(2024, 9, 2)))
    assert assess(again, policies).ends_on == date(2026, 9, 1)
    over = replace(again, day=date(2026, 9, 2))
    assert not check(over, policies).ok
    extended = replace(over, used=used("DEVIATION", date(2024, 9, 2), extensions=1))
    assert assess(extended, policies).ends_on == date(2028, 9, 1)
    twice = replace(over, used=used("DEVIATION", date(2024, 9, 2), extensions=2))
    assert assess(twice, policies).ends_on == date(2028, 9, 1), "once is all there is"
    later = replace(deviating, used=used("DEVIATION", date(2027, 1, 1)))
    assert assess(later, policies).ends_on == date(2028, 8, 31), "what begins later begins now"


@pytest.mark.parametrize(
    ("extensions", "held", "ends_on"),
    [
        (0, (), date(2026, 9, 1)),
        (1, (), date(2026, 9, 1)),
        (1, (Credential.IN_TRAINING,), date(2028, 9, 1)),
        (2, (Credential.IN_TRAINING,), date(2030, 9, 1)),
        (3, (Credential.IN_TRAINING,), date(2030, 9, 1)),
    ],
)
def test_a_temporary_teacher_gets_twice_two_years_more_in_training(
    policies: Policies, extensions: int, held: tuple[Credential, ...], ends_on: date
) -> None:
    since = date(2025, 9, 2)
    facts = replace(holding(VO_TEACHER, *held), ground="TEMPORARY", used=used("TEMPORARY", since, extensions))
    found = assess(replace(facts, until=None), policies)
    assert (found.allowed, found.ends_on) == (True, ends_on)
    said = [reason.outcome for reason in found.verdict.reasons if reason.rule == "EXTENSION"]
    assert said == ([Outcome.PASS if held else Outcome.WARN] if extensions else [])


def test_a_temporary_teacher_had_a_year_before(policies: Policies) -> None:
    then = replace(
        holding(VO_TEACHER, Credential.IN_TRAINING), day=date(2016, 9, 1), until=None, extended=True, ground="TEMPORARY"
    )
    assert assess(then, policies).ends_on == date(2017, 8, 31)


@given(
    since=st.dates(date(2018, 1, 1), date(2030, 1, 1)),
    later=st.integers(0, 4000),
    extensions=st.integers(0, 4),
    in_training=st.booleans(),
)
def test_a_ground_never_lasts_longer_than_its_row_allows_and_an_extension_never_shortens_it(
    policies: Policies,
    since: date,
    later: int,
    extensions: int,
    in_training: bool,  # noqa: FBT001 - drawn by name
) -> None:
    held = (Credential.IN_TRAINING,) if in_training else ()
    facts = replace(holding(VO_TEACHER, *held), day=since + timedelta(days=later), ground="TEMPORARY", until=None)

    def ends_on(times: int) -> date:
        found = judge(
            replace(facts, used=used("TEMPORARY", since, times)),
            policies.on("qualification.ground.vo_temporary", facts.day),
            policies,
        )
        assert found.ends_on is not None
        assert found.holds is (facts.day <= found.ends_on)
        return found.ends_on

    assert last_day_of(since, 12) <= ends_on(extensions) <= ends_on(extensions + 1) <= last_day_of(since, 60)


def test_lessons_by_law_are_no_contract_activity(policies: Policies) -> None:
    assert not check(replace(MBO_TEACHER, ground="CONTRACT_ACTIVITY"), policies).ok
    assert check(replace(MBO_TEACHER, ground="CONTRACT_ACTIVITY", contract_activity=True), policies).ok
    elsewhere = replace(VO_TEACHER, ground="CONTRACT_ACTIVITY", contract_activity=True)
    assert not check(elsewhere, policies).ok


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
    everything = holding(MBO_TEACHER, Credential.PDG, *PDG_TRACK, Credential.TEACHER_GRADE_1)
    assert assess(everything, policies).ground == "APPOINTABLE"
    changed = policies.with_value("qualification.ground.mbo_pdg_track", priority=1, minExperienceYears=0)
    assert assess(everything, changed).ground == "PDG_TRACK"


def test_a_rejection_keeps_the_reasons_of_every_ground(policies: Policies) -> None:
    found = assess(MBO_TEACHER, policies)
    assert (found.allowed, found.ground, found.ends_on, found.obligations) == (False, None, None, ())
    assert [reason.rule for reason in found.verdict.reasons if reason.outcome is Outcome.BLOCK] == [
        "APPOINTABLE",
        "EU_RECOGNITION",
        "PDG_TRACK",
        "DEVIATION",
    ]


def test_a_role_without_a_ground_is_refused(policies: Policies) -> None:
    found = assess(replace(VO_TEACHER, school_type=SchoolType.PO, role=TeachingRole.INSTRUCTOR), policies)
    (reason,) = found.verdict.reasons
    assert (reason.rule, reason.outcome, reason.measured) == ("NO_GROUND", Outcome.BLOCK, "po/instructor")
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
