"""The terms and declarations of the parties; the clauses that only some contracts have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import Invalid, InvalidParam, Message
from contracts.contract.model import week
from events.words import Fee, FeeKind, Form, Party, SchoolType, Slot, TeachingRole
from rules.weekly import period_faults, roster_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """The lessons; they follow from the school's vacancy, and no signature changes them."""

    role: TeachingRole
    school_type: SchoolType
    subject: str
    upper_years: bool
    structural: bool
    statutory_lessons: bool
    group_size: int
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Declarations of the parties about facts that nothing else shows; one that is missing counts as the riskier."""

    gross_wage_cents: int | None = None
    """For the hours of this contract, over the same year as the fee."""
    gross_labour_cost_cents: int | None = None
    """That wage with the employer's charges."""
    indispensable: bool = False
    not_competing: bool = False
    jointly_provided: bool = False
    """School and lending school provide the education together."""
    pupil_facing: bool = True
    in_company_time: bool = False
    on_payroll: bool = False
    """A paid guest is on the school's payroll."""
    free_substitution: bool | None = None
    free_content: bool | None = None
    other_clients: bool | None = None
    earns_exempt_wage: bool = False
    """The wage is above that from which working time has no limits: policy ``working_time.exemption``."""
    past_pension_age: bool = False
    """The trainer is past the age of policy ``pension_age``; the birth date is not stored."""
    learning_contract: bool = False
    """The employment is part of a vocational training of the trainer."""
    small_business_scheme: bool = False
    """The trainer takes part in the small-business scheme (KOR)."""
    education_taxed: bool = False
    """The school charges VAT for this education."""
    joint_employers: bool = False
    """One contract of employment has school and company as employers."""
    joint_account: bool = False
    """School and company share the costs by a key that they agreed on beforehand."""
    contract_activity: bool = False
    """The school sells these lessons, outside the education that the state pays."""
    collegial_conditions: bool | None = None
    """The lender keeps the conditions of policy ``lending.collegial``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The clauses that are filled in: minutes a week, amounts in cents without VAT, whole days."""

    starts_on: date
    ends_on: date | None
    """The last day."""
    minutes_per_week: int
    """Contact minutes."""
    preparation_minutes_per_week: int
    max_minutes_per_school_year: int | None = None
    """Contact minutes; None is as many as the weeks bring."""
    roster: tuple[Slot, ...] | None
    """None is by appointment."""
    supervisor_id: UUID | None
    """A qualified teacher of the school."""
    fee: Fee
    travel_cents_per_km: int | None = None
    payroll_tax_credit: Party | None = None
    """At which of two employers the payroll-tax credit is applied."""
    notice_months: int | None = None
    """None is what law and collective agreement say."""
    salary_scale: str | None = None
    """Of the collective agreement; with step and factor only of an employment with the school."""
    salary_step: str | None = None
    working_time_factor: Decimal | None = None
    """The part of a full-time job, by the collective agreement."""
    company_minutes_per_week: int | None = None
    """At the company from the first day on, beside the school."""
    declared: Declared = Declared()

    def check(self, form: Form) -> None:
        """Check what cannot be agreed on in this form.

        Raises:
            Invalid: with every fault at once.
        """
        if faults := [
            *self._period_faults(),
            *self._fee_faults(),
            *self._credit_faults(form),
            *self._employment_faults(form),
        ]:
            raise Invalid(*faults)

    def _period_faults(self) -> list[InvalidParam]:
        checks = (
            (self.minutes_per_week > 0, "minutesPerWeek", Message("There must be minutes to teach"), "out-of-range"),
            (
                self.minutes_per_week + self.preparation_minutes_per_week <= week.WEEK,
                "preparationMinutesPerWeek",
                Message("A week does not have so many minutes"),
                "out-of-range",
            ),
        )
        faults = [InvalidParam(name, reason, code) for good, name, reason, code in checks if not good]
        roster = [] if self.roster is None else roster_faults("roster", self.roster, at_least=self.minutes_per_week)
        return period_faults(self.starts_on, self.ends_on) + faults + roster

    def _fee_faults(self) -> list[InvalidParam]:
        if (self.fee.kind is FeeKind.NONE) != (self.fee.cents == 0):
            return [InvalidParam("fee.cents", Message("No fee is 0 cents, and any other fee is more"), "out-of-range")]
        if (self.fee.kind is FeeKind.COST) != (self.fee.basis is not None):
            return [
                InvalidParam("fee.basis", Message("A cost is passed on on some basis, and nothing else is"), "basis")
            ]
        return []

    def _employment_faults(self, form: Form) -> list[InvalidParam]:
        given = {
            "salaryScale": self.salary_scale,
            "salaryStep": self.salary_step,
            "workingTimeFactor": self.working_time_factor,
            "companyMinutesPerWeek": self.company_minutes_per_week,
        }
        if form is Form.DUAL_EMPLOYMENT:
            return []
        reason = Message("Only an employment with the school has this")
        return [InvalidParam(name, reason, "not-employed") for name, value in given.items() if value is not None]

    def _credit_faults(self, form: Form) -> list[InvalidParam]:
        two_employers = form is Form.DUAL_EMPLOYMENT
        if two_employers == (self.payroll_tax_credit in {Party.SCHOOL, Party.COMPANY}):
            return []
        reason = Message("Of two employers exactly one applies the credit; where there is one employer, nobody chooses")
        return [InvalidParam("payrollTaxCredit", reason, "one-employer")]
