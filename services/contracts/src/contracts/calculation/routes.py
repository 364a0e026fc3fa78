"""Calculations: what would be, asked of the law without anything being agreed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from common.caller import PARTIES, CallerRole
from common.web import Command, InTx, PlannedDay, Router, View, roles, scope
from contracts.calculation import model
from contracts.contract.model.findings import findings
from contracts.contract.views import Cents, CostView, FindingView, SlotGiven, WeekMinutes
from events.words import Form

router = Router(tags=["Calculations"])
_CALCULATE = [scope("contracts:read"), roles(*PARTIES, CallerRole.DESK, CallerRole.PROGRAMME)]


class CalculateVat(Command):
    """Facts that decide the VAT of some work; a fact that is left out counts as the riskier answer."""

    form: Form
    starts_on: PlannedDay
    lines: Annotated[int, Field(ge=1, le=366)] = 1
    """How many equal invoice lines the work has in a year; VAT is rounded on each of them."""
    line_cents: Cents
    employed: bool = True
    lender_is_school: bool = False
    lender_recognised: bool = False
    gross_wage_cents: Cents | None = None
    gross_labour_cost_cents: Cents | None = None
    """The wage with the employer's charges."""
    indispensable: bool = False
    not_competing: bool = False
    jointly_provided: bool = False
    statutory_lessons: bool = False
    pupil_facing: bool = True
    crkbo_registered: bool = False
    in_company_time: bool = False
    on_payroll: bool = False
    small_business_scheme: bool = False
    education_taxed: bool = False
    joint_employers: bool = False
    joint_account: bool = False


class VatCalculation(View):
    """The outcome in the form that was asked for, and in every form that is open to the trainer."""

    vat: CostView
    costs: list[CostView]
    findings: list[FindingView]
    policy_version: int


class CalculateWorkingTime(Command):
    """A week's lessons beside a main job; minutes a week."""

    form: Form
    starts_on: PlannedDay
    ends_on: PlannedDay
    roster: Annotated[tuple[SlotGiven, ...], Field(min_length=1, max_length=50)]
    company_minutes_per_week: WeekMinutes = 0
    company_days: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] = frozenset()


class WorkingTimeCalculation(View):
    """Every rule of working time with what was measured, the worst period of each."""

    ok: bool
    findings: list[FindingView]
    policy_version: int


@router.post("/calculations/vat", response_model=VatCalculation, dependencies=_CALCULATE)
async def calculate_vat(command: CalculateVat, tx: InTx) -> VatCalculation:
    """Tell which row of the VAT table fits, and what each feasible form would cost the school."""
    question = model.VatQuestion(**dict(command))
    vat, costs, verdict = model.calculate_vat(question, await tx.policies())
    return VatCalculation.model_validate(
        {
            "vat": vat,
            "costs": list(costs),
            "findings": list(findings(verdict.reasons)),
            "policy_version": verdict.policy_version,
        }
    )


@router.post("/calculations/working-time", response_model=WorkingTimeCalculation, dependencies=_CALCULATE)
async def calculate_working_time(command: CalculateWorkingTime, tx: InTx) -> WorkingTimeCalculation:
    """Tell whether the lessons fit beside the main job."""
    given = {**dict(command), "roster": tuple(slot.slot() for slot in command.roster)}
    verdict = model.calculate_working_time(model.HoursQuestion(**given), await tx.policies())
    return WorkingTimeCalculation.model_validate(
        {
            "ok": verdict.ok,
            "findings": list(findings(verdict.reasons)),
            "policy_version": verdict.policy_version,
        }
    )
