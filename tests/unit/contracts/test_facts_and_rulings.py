"""What each rule is asked about a contract, and what follows from the answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.assignment.model.starting import first_day, starting_checks
from contracts.contract.model.checks import KINDS, Check, StoredCheck, SupervisorFacts, as_of
from contracts.contract.model.contract import ACTIVE, CANCELLED, ENDED, REVIEW, SIGNED, Contract
from contracts.contract.model.decision import Ruling
from contracts.contract.model.signing import Signature
from contracts.contract.model.terms import Declared
from contracts.fact.model import Organisation, Vog
from contracts.legal_check.model import facts
from contracts.legal_check.model.review import decide
from events.words import (
    Fee,
    FeeBasis,
    FeeKind,
    Form,
    HeldQualification,
    LendingStatus,
    OrganisationKind,
    Party,
    SchoolType,
    Slot,
    TeachingRole,
)
from rules.eligibility import Credential
from rules.guest_cap import PilotOverride, TaughtLine
from rules.vat_facts import Invoicer, Lender
from tests.unit.contracts.contract_examples import (
    BOARD,
    EMPLOYER,
    ENDS_ON,
    LESSONS,
    NOON,
    POLICIES,
    SCHOOL,
    STARTS_ON,
    TERMS,
    TODAY,
    TRAINER,
    contract,
    dossier,
    person,
    signed,
    signing,
)

COST_FEE = Fee(kind=FeeKind.COST, cents=5500, basis=FeeBasis.COST_PLUS)
HOURLY = Fee(kind=FeeKind.HOURLY, cents=6000)
SALARY = Fee(kind=FeeKind.SALARY, cents=70_000)


def _in(form: Form, fee: Fee, declared: Declared | None = None, **other: Any) -> Contract:
    terms = replace(TERMS, fee=fee, declared=declared or Declared())
    return contract(REVIEW, form=form, terms=terms, **other)


# -- money ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fee", "lines"),
    [
        (Fee(kind=FeeKind.NONE, cents=0), (0,)),
        (Fee(kind=FeeKind.FIXED, cents=123_456), (123_456,)),
        (HOURLY, (21_000,) * 23),  # 3.5 contact hours a week, 23 weeks
        (COST_FEE, (24_750,) * 23),  # preparation as well: 4.5 hours
        (Fee(kind=FeeKind.HOURLY, cents=1), (4,) * 23),  # 3.5 cents a week, half up
        (SALARY, (70_000,) * 6),  # February to July
    ],
)
def test_work_is_invoiced_by_the_week_the_month_or_at_once(fee: Fee, lines: tuple[int, ...]) -> None:
    assert facts.invoice_lines(dossier(_in(Form.GUEST, fee)), POLICIES) == lines


def test_a_year_has_forty_weeks_of_lessons_and_twelve_months() -> None:
    long = replace(TERMS, ends_on=None, fee=HOURLY)
    assert len(facts.invoice_lines(dossier(contract(REVIEW, terms=long)), POLICIES)) == 40
    long = replace(long, fee=SALARY)
    assert len(facts.invoice_lines(dossier(contract(REVIEW, terms=long)), POLICIES)) == 12
    over = replace(TERMS, starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1), fee=SALARY)
    assert facts.invoice_lines(dossier(contract(REVIEW, terms=over)), POLICIES) == ()


@pytest.mark.parametrize(
    ("form", "fee", "declared", "invoicer"),
    [
        (Form.SECONDMENT, COST_FEE, Declared(), Invoicer.EMPLOYER),
        (Form.GUEST, HOURLY, Declared(in_company_time=True), Invoicer.EMPLOYER),
        (Form.GUEST, HOURLY, Declared(), Invoicer.TRAINER),
        (Form.GUEST, HOURLY, Declared(on_payroll=True), Invoicer.NOBODY),
        (Form.GUEST, TERMS.fee, Declared(), Invoicer.NOBODY),
        (Form.DUAL_EMPLOYMENT, SALARY, Declared(), Invoicer.NOBODY),
        (Form.SELF_EMPLOYED, HOURLY, Declared(), Invoicer.TRAINER),
    ],
)
def test_the_invoicer_follows_from_form_and_declaration(
    form: Form, fee: Fee, declared: Declared, invoicer: Invoicer
) -> None:
    found = facts.vat_facts(dossier(_in(form, fee, declared)), 100)
    wage = form is Form.DUAL_EMPLOYMENT or declared.on_payroll
    assert (found.invoiced_by, found.employed_by_school) == (invoicer, wage)


def test_the_lender_is_what_the_employer_is() -> None:
    school = Organisation(id=SCHOOL, kind=OrganisationKind.SCHOOL, lending_status=None, education_recognised=True)
    for employer, lender, recognised in (
        (None, None, False),
        (EMPLOYER, Lender.COMPANY, False),
        (school, Lender.SCHOOL, True),
    ):
        found = facts.vat_facts(dossier(employer=employer), 0)
        assert (found.lender, found.lender_recognised) == (lender, recognised)


@pytest.mark.parametrize(
    ("form", "fee", "lessons", "declared", "row"),
    [
        (Form.DUAL_EMPLOYMENT, SALARY, {}, {}, "V1"),
        (Form.GUEST, TERMS.fee, {}, {}, "V2"),
        (Form.GUEST, HOURLY, {}, {"on_payroll": True}, "V1"),
        (Form.SECONDMENT, Fee(kind=FeeKind.COST, cents=0, basis=FeeBasis.COST), {}, {}, "V2"),
        (Form.SECONDMENT, COST_FEE, {}, {"joint_account": True}, "V13"),
        (Form.DUAL_EMPLOYMENT, SALARY, {}, {"joint_employers": True}, "V12"),
        (
            Form.SELF_EMPLOYED,
            HOURLY,
            {"statutory_lessons": False},
            {"pupil_facing": False, "small_business_scheme": True},
            "V11",
        ),
        (Form.SECONDMENT, COST_FEE, {}, {}, "V5"),
        (Form.SELF_EMPLOYED, HOURLY, {}, {}, "V7"),
        (Form.SELF_EMPLOYED, HOURLY, {"statutory_lessons": False}, {"pupil_facing": False}, "V9"),
        (Form.SELF_EMPLOYED, HOURLY, {"statutory_lessons": False}, {}, "V10"),
    ],
)
def test_a_contract_meets_its_row_of_the_vat_table(
    form: Form, fee: Fee, lessons: dict[str, Any], declared: dict[str, Any], row: str
) -> None:
    one = _in(form, fee, Declared(**declared), lessons=replace(LESSONS, **lessons))
    decision, _ = decide(dossier(one), POLICIES)
    assert decision.vat.row == row
    assert [cost for cost in decision.costs if cost.form is form] == [decision.vat]
    undecided = row == "V10"
    assert (decision.vat.vat_cents is None, decision.vat.total_cents is None) == (undecided, undecided)
    assert decision.vat.burden_cents == decision.vat.vat_cents
    assert replace(decision.vat, reclaimable=True).burden_cents == 0


def test_self_employment_is_measured_by_the_share_of_all_hours() -> None:
    alone = facts.self_employment_facts(dossier(person=person(company_minutes_per_week=0)))
    assert alone.share_of_hours == Decimal(1)
    busy = facts.self_employment_facts(dossier(others=(contract(SIGNED), contract(CANCELLED))))
    assert busy.share_of_hours == Decimal("0.090")  # 210 of 210 + 210 + 1920
    assert (busy.core_curriculum, busy.incidental, busy.rostered, busy.supervised) == (True, True, True, True)
    by_appointment = contract(REVIEW, terms=replace(TERMS, roster=None, supervisor_id=None))
    alone = facts.self_employment_facts(dossier(by_appointment))
    assert (alone.rostered, alone.supervised) == (False, False)
    assert facts.self_employment_facts(dossier(by_appointment), supervision=True).supervised


@pytest.mark.parametrize(
    ("employer", "fee", "status", "basis"),
    [
        (None, HOURLY, LendingStatus.UNKNOWN, FeeBasis.MARKET),
        (EMPLOYER, COST_FEE, LendingStatus.ADMITTED, FeeBasis.COST_PLUS),
        (replace(EMPLOYER, lending_status=None), TERMS.fee, LendingStatus.UNKNOWN, FeeBasis.COST),
    ],
)
def test_lending_is_judged_by_what_the_company_said(
    employer: Organisation | None, fee: Fee, status: LendingStatus, basis: FeeBasis
) -> None:
    found = facts.lending_facts(dossier(_in(Form.SECONDMENT, fee), employer=employer))
    assert (found.lending_status, found.fee_basis) == (status, basis)


def test_only_a_fee_by_the_hour_has_a_rate() -> None:
    assert facts.rate_facts(dossier()) is None
    rate = facts.rate_facts(dossier(_in(Form.GUEST, HOURLY)))
    assert rate is not None
    assert rate.hourly_cents == 6000


# -- the person ----------------------------------------------------------------------------------------------------


def test_only_verified_proofs_that_the_law_knows_count() -> None:
    held = (
        HeldQualification(code="pdg", subject=None, verified=True),
        HeldQualification(code="teacher_grade_2", subject="electrical", verified=True, valid_until=date(2030, 1, 1)),
        HeldQualification(code="pdd", subject=None, verified=False),
        HeldQualification(code="swimming", subject=None, verified=True),
    )
    found = facts.eligibility_facts(dossier(person=person(qualifications=held, in_training=True)), POLICIES)
    assert [(each.credential, each.subjects) for each in found.held] == [
        (Credential.PDG, frozenset()),
        (Credential.TEACHER_GRADE_2, frozenset({"electrical"})),
        (Credential.IN_TRAINING, frozenset()),
    ]


def test_work_planned_elsewhere_in_the_same_role_counts_and_ended_work_does_not() -> None:
    teacher = contract(SIGNED, lessons=replace(LESSONS, role=TeachingRole.TEACHER))
    running = contract(ACTIVE, terms=replace(TERMS, starts_on=date(2026, 9, 1)))
    found = facts.eligibility_facts(dossier(others=(teacher, running, contract(ENDED), contract(CANCELLED))), POLICIES)
    assert [(plan.first_day, plan.minutes_per_week) for plan in found.planned] == [(STARTS_ON, 210), (TODAY, 210)]


def test_the_clock_above_the_cap_runs_from_the_first_lesson_above_it() -> None:
    taught = (
        TaughtLine(day=date(2026, 9, 1), minutes=14_400, board=str(BOARD)),
        TaughtLine(day=date(2026, 9, 8), minutes=60, board=str(BOARD)),
    )
    assert facts.eligibility_facts(dossier(taught=taught), POLICIES).above_cap_since == date(2026, 9, 8)
    assert facts.eligibility_facts(dossier(taught=taught[:1]), POLICIES).above_cap_since is None
    qualified = contract(REVIEW, lessons=replace(LESSONS, role=TeachingRole.TEACHER))
    assert facts.eligibility_facts(dossier(qualified, taught=taught), POLICIES).above_cap_since is None


# -- time ----------------------------------------------------------------------------------------------------------


def test_hours_that_do_not_fit_into_their_days_are_not_known() -> None:
    assert facts.form_facts(dossier()).hours_known
    assert not facts.form_facts(dossier(person=person(company_days=()))).hours_known
    assert not facts.form_facts(dossier(person=person(company_days=(1,)))).hours_known


@pytest.mark.parametrize(
    ("form", "declared", "employer"),
    [
        (Form.SECONDMENT, Declared(), "company"),
        (Form.GUEST, Declared(in_company_time=True), "company"),
        (Form.GUEST, Declared(), "board"),
        (Form.DUAL_EMPLOYMENT, Declared(), "board"),
        (Form.SELF_EMPLOYED, Declared(), "self"),
    ],
)
def test_hours_fall_under_the_employer_of_the_form(form: Form, declared: Declared, employer: str) -> None:
    one = contract(REVIEW, form=form, terms=replace(TERMS, declared=declared))
    found = facts.working_time_facts(dossier(one), POLICIES)
    named = {"company": str(one.company_id), "board": str(one.board_id), "self": "self"}[employer]
    assert {interval.employer for interval in found.intervals} == {named}
    assert {interval.form for interval in found.intervals} == {form}
    minutes = [declared.minutes_per_week for declared in found.declared]
    assert minutes == [1920, 270] if form is Form.DUAL_EMPLOYMENT else [1920]


def test_only_lessons_with_hours_of_their_own_can_double_those_of_the_employer() -> None:
    found = facts.working_time_facts(dossier(), POLICIES)
    assert (found.main_employer, found.contract_id) == (str(EMPLOYER.id), str(contract().id))
    flexible = contract(REVIEW, terms=replace(TERMS, roster=None))
    assert facts.working_time_facts(dossier(flexible), POLICIES).main_employer == ""
    assert facts.working_time_facts(dossier(person=person(company_days=())), POLICIES).main_employer == ""


def test_lessons_in_declared_company_hours_are_pointed_out_and_stop_nothing() -> None:
    """Before: two employers counted on the same hours, and no check looked."""
    every_day = person(company_minutes_per_week=2400, company_days=(1, 2, 3, 4, 5))
    rules = {}
    for form in (Form.DUAL_EMPLOYMENT, Form.SECONDMENT):
        decision, _ = decide(dossier(contract(REVIEW, form=form), person=every_day), POLICIES)
        rules[form] = {finding.rule: finding.outcome for finding in decision.findings}.get("DOUBLE_BOOKED")
    assert rules == {Form.DUAL_EMPLOYMENT: "warn", Form.SECONDMENT: None}


def test_working_time_is_advice_above_the_exempt_wage() -> None:
    busy = person(company_minutes_per_week=2700, company_days=(1, 2, 3, 4, 5))
    terms = replace(TERMS, declared=Declared(earns_exempt_wage=True))
    decision, checks = decide(dossier(contract(REVIEW, form=Form.DUAL_EMPLOYMENT, terms=terms), person=busy), POLICIES)
    assert decision.ruling is Ruling.PASSED
    assert {finding.rule: finding.outcome for finding in decision.findings}["R4"] == "warn"
    (made,) = (check for check in checks if check.name == "working_time")
    assert made.verdict.reasons[0].rule == "WORKING_TIME_EXEMPT"


def test_a_secondment_is_never_counted_twice() -> None:
    """I3: it lies in the hours of the company; dual employment adds."""
    outcomes = {}
    for form in (Form.SECONDMENT, Form.DUAL_EMPLOYMENT):
        full = dossier(contract(REVIEW, form=form), person=person(company_minutes_per_week=2400))
        check = Check.make("working_time", facts.working_time_facts(full, POLICIES), POLICIES)
        outcomes[form] = next(reason.measured for reason in check.verdict.reasons if reason.rule == "R2")
    assert outcomes == {Form.SECONDMENT: 2400, Form.DUAL_EMPLOYMENT: 2400 + 210 + 60}


def test_work_by_appointment_is_spread_over_the_days_on_which_somebody_can_come() -> None:
    flexible = contract(REVIEW, terms=replace(TERMS, roster=None))
    days = {
        interval.starts_at.isoweekday() for interval in facts.working_time_facts(dossier(flexible), POLICIES).intervals
    }
    assert days == {2}
    anywhere = dossier(flexible, person=person(availability=(), company_minutes_per_week=0))
    found = facts.working_time_facts(anywhere, POLICIES)
    assert {interval.starts_at.isoweekday() for interval in found.intervals} == {1, 2, 3, 4, 5}
    assert found.declared == ()


def test_more_minutes_than_the_known_days_have_are_spread_over_the_week() -> None:
    terms = replace(TERMS, roster=None, minutes_per_week=1441)
    found = facts.working_time_facts(dossier(contract(REVIEW, terms=terms)), POLICIES)
    assert {interval.starts_at.isoweekday() for interval in found.intervals} == {1, 2, 3, 4, 5, 6, 7}
    terms = replace(TERMS, preparation_minutes_per_week=1400)
    found = facts.working_time_facts(dossier(contract(REVIEW, form=Form.DUAL_EMPLOYMENT, terms=terms)), POLICIES)
    assert found.declared[1].working_days == {1, 2, 3, 4, 5, 6, 7}


def test_all_work_from_sixteen_weeks_before_the_start_counts() -> None:
    over = contract(ENDED, terms=replace(TERMS, starts_on=date(2026, 1, 1)), ended_on=date(2026, 12, 1))
    found = facts.working_time_facts(dossier(others=(over,)), POLICIES)
    first = min(interval.starts_at for interval in found.intervals).date()
    assert STARTS_ON - timedelta(weeks=16) <= first < STARTS_ON - timedelta(weeks=15)
    assert max(interval.starts_at for interval in found.intervals).date() <= ENDS_ON


def test_a_year_after_the_last_change_shows_every_week_that_there_will_be() -> None:
    years = contract(REVIEW, terms=replace(TERMS, ends_on=date(2032, 2, 1)))
    later = contract(SIGNED, terms=replace(TERMS, starts_on=date(2028, 9, 1), ends_on=date(2032, 2, 1)))
    after = contract(SIGNED, terms=replace(TERMS, starts_on=date(2033, 9, 1), ends_on=date(2034, 2, 1)))
    for others, last in (((), date(2028, 2, 1)), ((later, after), date(2029, 9, 1))):
        found = facts.working_time_facts(dossier(years, others=others), POLICIES)
        assert last - timedelta(weeks=1) <= max(each.starts_at for each in found.intervals).date() <= last
        assert found.declared[0].last_day == last


def test_a_chain_has_the_contracts_on_the_payroll_of_the_same_board() -> None:
    employed = contract(ENDED, form=Form.DUAL_EMPLOYMENT, ended_on=date(2027, 3, 1))
    paid_guest = contract(ENDED, terms=replace(TERMS, declared=Declared(on_payroll=True)))
    elsewhere = replace(employed, board_id=SCHOOL)
    unpaid, planned = contract(ENDED), contract(REVIEW, form=Form.DUAL_EMPLOYMENT)
    found = facts.chain_facts(dossier(others=(employed, paid_guest, elsewhere, unpaid, planned)))
    assert [(term.starts_on, term.ends_on) for term in found.earlier] == [
        (STARTS_ON, date(2027, 3, 1)),
        (STARTS_ON, ENDS_ON),
    ]
    assert found.lent_before == ()
    lent = contract(ENDED, form=Form.SECONDMENT, ended_on=date(2027, 3, 1))
    declared = Declared(past_pension_age=True, learning_contract=True)
    mine = contract(REVIEW, terms=replace(TERMS, declared=declared))
    found = facts.chain_facts(
        dossier(mine, others=(lent, replace(lent, board_id=SCHOOL), replace(lent, status=REVIEW)))
    )
    assert [(term.starts_on, term.ends_on) for term in found.lent_before] == [(STARTS_ON, date(2027, 3, 1))]
    assert (found.past_pension_age, found.learning_contract) == (True, True)
    later = replace(contract(ACTIVE), terms=replace(TERMS, ends_on=date(2027, 12, 17)))
    found = facts.chain_facts(dossier(later, extends=ENDS_ON))
    assert (found.new.starts_on, found.earlier[0].ends_on) == (ENDS_ON + timedelta(days=1), ENDS_ON)


# -- what follows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "ruling", "rules"),
    [
        (contract(REVIEW), {}, Ruling.PASSED, ""),
        (_in(Form.SELF_EMPLOYED, HOURLY), {}, Ruling.HELD, "SELF_EMPLOYMENT SELF_EMPLOYMENT.embedded"),
        (
            _in(
                Form.SELF_EMPLOYED,
                HOURLY,
                Declared(free_substitution=True, free_content=True, other_clients=True),
                lessons=replace(LESSONS, structural=True),
            ),
            {},
            Ruling.HELD,
            "SELF_EMPLOYMENT.embedded",
        ),
        (_in(Form.SECONDMENT, COST_FEE), {"employer": replace(EMPLOYER, lending_status=None)}, Ruling.HELD, "LENDING"),
        (contract(REVIEW, terms=replace(TERMS, supervisor_id=None)), {}, Ruling.RETURNED, "SUPERVISOR"),
        (_in(Form.DUAL_EMPLOYMENT, Fee(kind=FeeKind.SALARY, cents=3000)), {}, Ruling.RETURNED, "FEE_BAND"),
        (contract(REVIEW, terms=replace(TERMS, minutes_per_week=640, roster=None)), {}, Ruling.REFUSED, "GUEST_CAP"),
        (
            contract(REVIEW, form=Form.SECONDMENT, company_id=None),
            {"employer": None, "person": person(company_minutes_per_week=0)},
            Ruling.REFUSED,
            "FORM LENDING",
        ),
        (contract(REVIEW, terms=replace(TERMS, starts_on=date(2026, 11, 20))), {}, Ruling.REFUSED, "VOG_ATTAINABLE"),
        (
            contract(REVIEW, form=Form.DUAL_EMPLOYMENT),
            {"person": person(company_minutes_per_week=2700, company_days=(1, 2, 3, 4, 5))},
            Ruling.REFUSED,
            "R4",
        ),
    ],
)
def test_each_outcome_of_the_checks_has_its_ruling(
    one: Contract, other: dict[str, Any], ruling: Ruling, rules: str
) -> None:
    decision, checks = decide(dossier(one, **other), POLICIES)
    assert decision.ruling is ruling
    grave = {finding.rule for finding in decision.findings if finding.outcome in {"block", "review"}}
    assert grave == set(rules.split())
    assert decision.policy_version == 7
    assert {check.name for check in checks} <= set(KINDS)


def test_an_employer_whose_hours_are_unknown_is_pointed_out() -> None:
    decision, _ = decide(dossier(person=person(company_minutes_per_week=0)), POLICIES)
    assert "COMPANY_HOURS_UNKNOWN" in {finding.rule for finding in decision.findings}
    alone = contract(REVIEW, company_id=None)
    decision, _ = decide(dossier(alone, employer=None, person=person(company_minutes_per_week=0)), POLICIES)
    assert "COMPANY_HOURS_UNKNOWN" not in {finding.rule for finding in decision.findings}


def test_an_override_lets_a_guest_teach_above_the_cap() -> None:
    more = contract(REVIEW, terms=replace(TERMS, minutes_per_week=640, roster=None))
    pilot = PilotOverride(reason="8 hours", owner="programme", starts_on=STARTS_ON, ends_on=ENDS_ON)
    decision, _ = decide(dossier(more, override=pilot), POLICIES)
    assert decision.ruling is Ruling.PASSED
    assert "PILOT_OVERRIDE" in {finding.rule for finding in decision.findings}
    wider = POLICIES.with_value("qualification.ground.guest", maxMinutesPerWeek=480, maxMinutesPerSchoolYear=19_200)
    assert decide(dossier(more), wider)[0].ruling is Ruling.PASSED


def test_an_extension_asks_for_no_new_certificate() -> None:
    _, checks = decide(dossier(extends=ENDS_ON), POLICIES)
    assert "vog" not in {check.name for check in checks}


def test_every_check_is_stored_so_that_it_can_be_repeated() -> None:
    vog = Vog(id=TRAINER, issued_on=date(2026, 12, 1), shown_on=date(2026, 12, 10))
    one = _in(Form.DUAL_EMPLOYMENT, HOURLY)
    _, checks = decide(dossier(one, vog=vog, others=(contract(SIGNED),)), POLICIES)
    for check in (*checks, *starting_checks(one, vog, STARTS_ON, POLICIES)):
        stored = StoredCheck.of(check)
        assert stored.repeat(POLICIES) == stored
        assert KINDS[check.name].facts.validate_python(stored.facts) == check.facts
    assert as_of(POLICIES, 6).rows == {}
    assert as_of(POLICIES, 7).rows == POLICIES.rows


def test_a_check_of_before_repeats_though_its_rule_takes_more_facts_by_now() -> None:
    one = _in(Form.SELF_EMPLOYED, HOURLY)
    stored = StoredCheck.of(Check.make("self_employment", facts.self_employment_facts(dossier(one)), POLICIES))
    then = {name: value for name, value in stored.facts.items() if name not in {"rostered", "supervised"}}
    old = replace(stored, facts=then)
    assert old.repeat(POLICIES) == old


@pytest.mark.parametrize(("needed", "named", "ok"), [(True, True, True), (True, False, False), (False, False, True)])
def test_a_supervisor_is_named_where_one_is_needed(needed: bool, named: bool, ok: bool) -> None:  # noqa: FBT001 - an example
    assert Check.make("supervisor", SupervisorFacts(needed=needed, named=named), POLICIES).verdict.ok is ok


# -- the start -----------------------------------------------------------------------------------------------------


def test_work_begins_as_agreed_unless_signature_or_certificate_came_later() -> None:
    late = date(2027, 3, 1)
    one = contract(SIGNED)
    assert first_day(one, None, late) == STARTS_ON
    shown = Vog(id=TRAINER, issued_on=STARTS_ON, shown_on=date(2027, 2, 10))
    assert first_day(one, shown, late) == date(2027, 2, 10)
    assert first_day(one, shown, STARTS_ON) == STARTS_ON  # not in the future
    after = replace(
        signing(), given=tuple(Signature(party=party, at=NOON.replace(year=2027, month=2, day=20)) for party in Party)
    )
    assert first_day(replace(one, signing=after), None, late) == date(2027, 11 - 9, 20)
    assert first_day(replace(one, signing=None), None, late) == STARTS_ON
    assert first_day(replace(one, signing=signing()), None, late) == STARTS_ON


def test_no_lesson_begins_without_certificate_and_supervisor() -> None:
    one = contract(SIGNED)
    vog = Vog(id=TRAINER, issued_on=date(2026, 12, 1), shown_on=date(2026, 12, 10))
    assert all(check.verdict.ok for check in starting_checks(one, vog, STARTS_ON, POLICIES))
    assert not all(check.verdict.ok for check in starting_checks(one, None, STARTS_ON, POLICIES))
    unnamed = replace(one, terms=replace(TERMS, supervisor_id=None))
    assert not all(check.verdict.ok for check in starting_checks(unnamed, vog, STARTS_ON, POLICIES))
    undecided = replace(unnamed, decision=None)
    assert all(check.verdict.ok for check in starting_checks(undecided, vog, STARTS_ON, POLICIES))
    university = replace(one, lessons=replace(LESSONS, school_type=SchoolType.HBO))
    assert all(check.verdict.ok for check in starting_checks(university, None, STARTS_ON, POLICIES))


def test_lessons_that_the_school_sells_start_without_a_certificate() -> None:
    sold = replace(TERMS, declared=Declared(contract_activity=True))
    lessons = replace(LESSONS, school_type=SchoolType.MBO, statutory_lessons=False)
    one = contract(SIGNED, terms=sold, lessons=lessons)
    assert all(check.verdict.ok for check in starting_checks(one, None, STARTS_ON, POLICIES))
    by_law = replace(one, lessons=replace(lessons, statutory_lessons=True))
    assert not all(check.verdict.ok for check in starting_checks(by_law, None, STARTS_ON, POLICIES))


def test_a_slot_at_night_is_work_as_well() -> None:
    night = replace(TERMS, roster=(Slot(day=5, starts=time(22), ends=time(2)),))
    found = facts.working_time_facts(dossier(contract(REVIEW, terms=night)), POLICIES)
    assert {interval.ends_at - interval.starts_at for interval in found.intervals} == {timedelta(hours=4)}
    assert signed(signing()).left == ()
