"""What a board declared of a person, and what earlier contracts began, decides what the next one may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from common.decision import Outcome
from common.errors import Invalid
from contracts.contract.model.checks import Check
from contracts.contract.model.contract import ACTIVE, ENDED, REVIEW, SIGNED, Contract, Status
from contracts.contract.model.decision import Ruling
from contracts.legal_check.model import facts
from contracts.legal_check.model.dossier import Dossier
from contracts.legal_check.model.review import decide
from contracts.standing.model import GroundDeclared, Standing
from events.words import Form, HeldQualification, SchoolType, TeachingRole
from rules.eligibility import GroundUsed
from rules.guest_cap import TaughtLine
from rules.qualification import Eligibility, assess
from tests.unit.contracts.contract_examples import (
    BOARD,
    ENDS_ON,
    LESSONS,
    POLICIES,
    SCHOOL,
    STARTS_ON,
    TERMS,
    TRAINER,
    contract,
    decision,
    dossier,
    person,
)

MBO = replace(LESSONS, role=TeachingRole.TEACHER, school_type=SchoolType.MBO)
VO = replace(MBO, school_type=SchoolType.VO)
LONG_AGO = date(2024, 1, 1)


def standing(**declared: Any) -> Standing:
    return Standing(trainer_id=TRAINER, board_id=BOARD, **declared)


DEVIATES = standing(board_decisions=("board_deviation",))


def deviating(status: Status = ENDED, **other: Any) -> Contract:
    """A contract of before, in which the board deviated."""
    fields: dict[str, Any] = {
        "lessons": MBO,
        "decision": replace(decision(), ground="DEVIATION"),
        "active_from": LONG_AGO,
        **other,
    }
    return contract(status, **fields)


def judged(of: Dossier) -> Eligibility:
    return assess(facts.eligibility_facts(of, POLICIES), POLICIES)


def asked(declared: Standing | None = None, **other: Any) -> Dossier:
    return dossier(contract(REVIEW, lessons=MBO), standing=declared, **other)


def test_a_decision_of_the_board_is_a_proof_at_that_board() -> None:
    assert not judged(asked()).allowed
    assert judged(asked(DEVIATES)).ground == "DEVIATION"


def test_a_second_contract_on_the_same_ground_does_not_start_its_term_anew() -> None:
    alone = judged(asked(DEVIATES))
    assert (alone.allowed, alone.ends_on) == (True, date(2029, 1, 31))
    again = asked(DEVIATES, others=(deviating(),))
    assert not judged(again).allowed
    assert {reason.rule for reason in judged(again).verdict.reasons if reason.outcome is Outcome.BLOCK} >= {"DURATION"}
    assert decide(again, POLICIES)[0].ruling is Ruling.REFUSED
    recently = judged(asked(DEVIATES, others=(deviating(active_from=date(2025, 9, 1)),)))
    assert (recently.allowed, recently.ends_on) == (True, date(2027, 8, 31))


@pytest.mark.parametrize(
    "other",
    [
        deviating(board_id=SCHOOL),
        deviating(Status.CANCELLED),
        deviating(decision=None),
        deviating(decision=replace(decision(), ground=None)),
        deviating(decision=replace(decision(), ground="GUEST")),
    ],
    ids=["another board", "never began", "never judged", "without a ground", "another ground"],
)
def test_no_other_contract_starts_the_term_of_a_ground(other: Contract) -> None:
    assert judged(asked(DEVIATES, others=(other,))).ends_on == date(2029, 1, 31)


def test_a_contract_that_did_not_begin_yet_counts_from_its_first_day() -> None:
    signed = deviating(SIGNED, active_from=None, terms=replace(TERMS, starts_on=STARTS_ON - timedelta(days=7)))
    assert judged(asked(DEVIATES, others=(signed,))).ends_on == date(2029, 1, 24)


def test_a_statement_of_effort_lets_the_ground_go_on() -> None:
    extended = replace(
        DEVIATES,
        grounds=(GroundDeclared(ground="DEVIATION", started_on=LONG_AGO, effort_statements=(date(2025, 12, 1),)),),
    )
    found = judged(asked(extended, others=(deviating(),)))
    assert (found.allowed, found.ends_on) == (True, date(2027, 12, 31))
    before_these_contracts = replace(
        DEVIATES, grounds=(GroundDeclared(ground="DEVIATION", started_on=date(2023, 1, 1)),)
    )
    assert not judged(asked(before_these_contracts)).allowed


def test_a_later_end_is_judged_from_the_first_day_of_the_work() -> None:
    running = deviating(ACTIVE, active_from=date(2026, 2, 1), terms=replace(TERMS, starts_on=date(2026, 2, 1)))
    later = replace(running, terms=replace(running.terms, ends_on=date(2028, 6, 30)))
    found = judged(dossier(later, extends=ENDS_ON, standing=DEVIATES))
    assert (found.allowed, found.ends_on) == (True, date(2028, 1, 31))
    assert [reason.outcome for reason in found.verdict.reasons if reason.rule == "DURATION"][-1] is Outcome.WARN


@pytest.mark.parametrize(
    ("lower_years", "underqualified", "ground"),
    [(501, 50, "UNDERQUALIFIED"), (500, 50, "TEMPORARY"), (501, 51, "TEMPORARY"), (0, 0, "TEMPORARY")],
)
def test_the_shares_of_lessons_decide_whether_a_teacher_may_be_underqualified(
    lower_years: int, underqualified: int, ground: str
) -> None:
    grade_2 = HeldQualification(code="teacher_grade_2", subject="electrical", verified=True, valid_until=None)
    of = dossier(
        contract(REVIEW, lessons=replace(VO, upper_years=True)),
        person=person(qualifications=(grade_2,)),
        standing=standing(lower_years_per_mille=lower_years, school_underqualified_per_mille=underqualified),
    )
    assert judged(of).ground == ground


@pytest.mark.parametrize(
    ("until", "allowed"), [(None, False), (STARTS_ON, True), (STARTS_ON - timedelta(days=1), False)]
)
def test_the_two_years_above_the_cap_last_as_long_as_the_board_extended_them(
    until: date | None,
    allowed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    too_much = TaughtLine(day=date(2024, 10, 1), minutes=20_000, board=str(BOARD))
    found = judged(dossier(taught=(too_much,), standing=standing(above_cap_until=until)))
    assert found.allowed is allowed


@pytest.mark.parametrize(("deviates", "outcome"), [(False, Outcome.BLOCK), (True, Outcome.PASS)])
def test_a_collective_agreement_lets_four_weeks_be_fuller(
    deviates: bool,  # noqa: FBT001 - a column of the table
    outcome: Outcome,
) -> None:
    """58 hours in each of four weeks, beside a job of forty."""
    four_weeks = replace(
        TERMS,
        ends_on=STARTS_ON + timedelta(days=27),
        minutes_per_week=18 * 60,
        preparation_minutes_per_week=0,
        roster=None,
    )
    of = dossier(
        contract(REVIEW, form=Form.DUAL_EMPLOYMENT, terms=four_weeks),
        person=person(company_minutes_per_week=40 * 60, company_days=(1, 2, 3, 4, 5)),
        standing=standing(cao_deviation=deviates),
    )
    reasons = Check.make("working_time", facts.working_time_facts(of, POLICIES), POLICIES).verdict.reasons
    assert [reason.outcome for reason in reasons if reason.rule == "R3"] == [outcome]


def test_lessons_outside_the_education_by_law_are_a_contract_activity() -> None:
    extra = dossier(contract(REVIEW, lessons=replace(MBO, statutory_lessons=False)))
    assert judged(extra).ground == "CONTRACT_ACTIVITY"


def test_a_declaration_comes_before_what_the_contracts_show() -> None:
    declared = standing(grounds=(GroundDeclared(ground="B", started_on=date(2026, 1, 1)),))
    worked = [("B", date(2024, 1, 1)), ("A", date(2025, 2, 1)), ("A", date(2025, 1, 1))]
    assert declared.used(worked) == (
        GroundUsed(ground="A", started_on=date(2025, 1, 1)),
        GroundUsed(ground="B", started_on=date(2026, 1, 1)),
    )


DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("grounds", "faults"),
    [
        ([GroundDeclared(ground="B", started_on=DAY)], ["grounds.0.ground"]),
        ([GroundDeclared(ground="A", started_on=DAY)] * 2, ["grounds.1.ground"]),
        (
            [GroundDeclared(ground="A", started_on=DAY, effort_statements=(DAY,))],
            ["grounds.0.effortStatements"],
        ),
        (
            [GroundDeclared(ground="A", started_on=DAY, effort_statements=(date(2027, 1, 1), date(2026, 6, 1)))],
            ["grounds.0.effortStatements"],
        ),
    ],
)
def test_a_declaration_that_cannot_be_so_is_refused_with_its_field(
    grounds: list[GroundDeclared], faults: list[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        standing(grounds=tuple(grounds)).checked({"A"})
    assert [param.name for param in refusal.value.params] == faults
    good = standing(grounds=(GroundDeclared(ground="A", started_on=DAY, effort_statements=(date(2026, 6, 1),)),))
    assert good.checked({"A"}) is good
