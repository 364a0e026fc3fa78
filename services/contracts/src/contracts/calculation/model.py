"""Calculations: the law applied to work on which no party has agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from common.errors import Invalid, InvalidParam, Message
from contracts.contract.model.decision import Cost
from contracts.legal_check.model.costs import cost, side_by_side
from events.words import Form, Slot
from rules import roster, vat, working_time
from rules.roster import DeclaredHours
from rules.vat_facts import Invoicer, Lender, VatFacts
from rules.weekly import roster_faults
from rules.working_time import WorkingTimeFacts

if TYPE_CHECKING:
    from common.decision import Verdict
    from common.policy import Policies

_LONGEST = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class VatQuestion:
    """Work, and what of it decides the VAT; cents without VAT, over a year."""

    form: Form
    starts_on: date
    lines: int
    line_cents: int
    employed: bool
    lender_is_school: bool
    lender_recognised: bool
    gross_wage_cents: int | None
    indispensable: bool
    not_competing: bool
    jointly_provided: bool
    statutory_lessons: bool
    pupil_facing: bool
    crkbo_registered: bool
    in_company_time: bool
    on_payroll: bool
    gross_labour_cost_cents: int | None = None
    small_business_scheme: bool = False
    education_taxed: bool = False
    joint_employers: bool = False
    joint_account: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursQuestion:
    """A week's lessons in a period, beside a main job; both days are included."""

    form: Form
    starts_on: date
    ends_on: date
    roster: tuple[Slot, ...]
    company_minutes_per_week: int
    company_days: frozenset[int]


def calculate_vat(question: VatQuestion, policies: Policies) -> tuple[Cost, tuple[Cost, ...], Verdict]:
    """Return the cost in that form, in every feasible one, and the verdict of the VAT table.

    Raises:
        Missing: a policy is not known on that day.
    """
    lender = Lender.SCHOOL if question.lender_is_school else Lender.COMPANY
    by_employer = question.form is Form.SECONDMENT or (question.form is Form.GUEST and question.in_company_time)
    by_nobody = question.form is Form.DUAL_EMPLOYMENT or question.on_payroll or question.line_cents == 0
    by_trainer_or_nobody = Invoicer.NOBODY if by_nobody else Invoicer.TRAINER
    paid_guest = question.form is Form.GUEST and question.on_payroll
    facts = VatFacts(
        form=question.form,
        day=question.starts_on,
        invoiced_by=Invoicer.EMPLOYER if by_employer else by_trainer_or_nobody,
        fee_cents=question.lines * question.line_cents,
        gross_wage_cents=question.gross_wage_cents,
        gross_labour_cost_cents=question.gross_labour_cost_cents,
        employed_by_school=question.form is Form.DUAL_EMPLOYMENT or paid_guest,
        lender=lender if question.employed else None,
        lender_recognised=question.lender_recognised,
        indispensable=question.indispensable,
        not_competing=question.not_competing,
        jointly_provided=question.jointly_provided,
        statutory_lessons=question.statutory_lessons,
        pupil_facing=question.pupil_facing,
        crkbo_registered=question.crkbo_registered,
        in_company_time=question.in_company_time,
        small_business_scheme=question.small_business_scheme,
        education_taxed=question.education_taxed,
        joint_employers=question.joint_employers,
        joint_account=question.joint_account,
    )
    outcome = vat.decide(facts, policies)
    agreed = cost(outcome, question.form, (question.line_cents,) * question.lines)
    return agreed, side_by_side(facts, policies, agreed), outcome.verdict


def calculate_working_time(question: HoursQuestion, policies: Policies) -> Verdict:
    """Return the verdict of every rule of working time.

    Raises:
        Invalid: the period does not end after it starts, or the hours do not fit into the days.
        Missing: a policy is not known on the first day.
    """
    if faults := roster_faults("roster", question.roster):
        raise Invalid(*faults)
    if not timedelta() <= question.ends_on - question.starts_on <= _LONGEST:
        raise Invalid(InvalidParam("endsOn", Message("It ends after it starts, within five years"), "out-of-range"))
    weeks = int(policies.on("working_time.R4", question.starts_on).value["weeks"])
    slots = [roster.Slot(weekday=slot.day, starts=slot.starts, ends=slot.ends) for slot in question.roster]
    employer = "company" if question.form is Form.SECONDMENT else "school"
    declared: tuple[DeclaredHours, ...] = ()
    if question.company_minutes_per_week:
        declared = (
            DeclaredHours(
                employer="company",
                minutes_per_week=question.company_minutes_per_week,
                working_days=question.company_days,
                first_day=question.starts_on - timedelta(weeks=weeks),
                last_day=question.ends_on,
            ),
        )
    facts = WorkingTimeFacts(
        day=question.starts_on,
        intervals=roster.rostered(slots, question.starts_on, question.ends_on, employer=employer, form=question.form),
        declared=declared,
        main_employer="company" if declared else "",
    )
    return working_time.check(facts, policies)
