"""Scenarios as the programme and the desk of a region see them: rounded figures, and nothing about one person."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from common.web import Command, Moment, View
from matching.plan.model.run import FailReason
from matching.plan.store.runs import Progress
from matching.plan.views import RegionCode
from matching.scenario.model.overrides import Override, Sweep
from matching.scenario.model.scenario import Scenario, Status, TriedBy

RuleCode = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^[a-z0-9_]+(\.[a-zA-Z0-9_]+)*$"),
    Field(examples=["qualification.ground.guest"]),
]
PolicyItem = Annotated[str, StringConstraints(pattern=r"^K[0-9](\.[0-9])?$"), Field(examples=["K2.2"])]
ValueName = Annotated[str, StringConstraints(min_length=1, max_length=60), Field(examples=["maxMinutesPerSchoolYear"])]


class OverrideBody(Command):
    """A rule with other values."""

    code: RuleCode
    """Of the rule, as `GET /registry/v1/policies` names it; a new `qualification.ground.…` is a new ground."""
    value: Annotated[dict[ValueName, Any], Field(max_length=50, examples=[{"maxMinutesPerSchoolYear": 19200}])]
    """The values that change; of a new ground, all of them."""


class SweepBody(Command):
    """One value of one rule, tried with several numbers."""

    code: RuleCode
    name: ValueName
    values: Annotated[tuple[Any, ...], Field(min_length=1, max_length=20, examples=[[14400, 16800, 19200]])]


class ScenarioBody(Command):
    """A change of rules to try; no proposal and no rule changes by it."""

    regions: Annotated[tuple[RegionCode, ...], Field(max_length=50)] = ()
    """The vacancies of these labour-market regions; none is the whole country. A desk names one of its own."""
    overrides: Annotated[tuple[OverrideBody, ...], Field(max_length=20)] = ()
    sweep: SweepBody | None = None
    """On top of the overrides, one plan for each value."""
    horizon_months: Annotated[int, Field(ge=1, le=36)] = 12
    """Vacancies that begin later are left out; hours and costs are counted to there."""
    simulate: bool = False
    """Whether years of arrivals, questions and answers are simulated as well, under the rules of now and the change."""
    bottleneck_report_id: UUID | None = None
    """The report that asks for the change."""
    policy_item: PolicyItem | None = None
    """The item of the policy conversation."""


class ScenarioProgressView(View):
    """How far it is."""

    step: str


class SweepView(View):
    """One value of one rule, tried with several numbers."""

    code: str
    name: str
    values: list[Any]


class OverrideView(View):
    """A rule with other values."""

    code: str
    value: dict[str, Any]


class AmountsView(View):
    """Sums of a group of matches, rounded; null is too small to be shown. Money is in euros, to the horizon."""

    places: int
    """Free places; 0 by form."""
    matches: int | None
    expected: int | None
    """Matches to which all sides will probably consent."""
    hours: int | None
    school_euros: int | None
    """What schools pay, VAT that they do not get back included."""
    company_euros: int | None
    """What companies pay for hours of their employees, less what they invoice; below 0 they earn."""
    vat_euros: int | None
    """VAT that schools do not get back."""
    vat_undecided: int | None
    """Matches whose VAT only a fiscal review could name; it is counted as 0."""


class ScenarioGroupView(View):
    """The sums of one region, school type, subject or form."""

    by: Literal["region", "school_type", "subject", "form"]
    code: str
    amounts: AmountsView


class BindingRuleView(View):
    """About how many pairs of a trainer and a vacancy a rule keeps apart."""

    rule: str
    pairs: int | None
    alone: int | None
    """Those that no other rule keeps apart: what the rule binds."""


class MovedView(View):
    """About how many vacancies and people the change would move."""

    filled: int | None
    """Vacancies with more places filled than now."""
    emptied: int | None
    planned: int | None
    """People who have a match and had none."""
    dropped: int | None
    elsewhere: int | None
    """People with a match in both plans, and not the same."""


class RangeView(View):
    """A mean of simulated years, and between which numbers it is with 95 % certainty; null is too small to be shown."""

    mean: int | None
    low: int | None
    high: int | None
    is_certain: bool
    """Of a difference: whether both ends are on the same side of 0, so that the dice alone would hardly bring it."""


class MeasuredView(View):
    """Numbers of one simulated year, or the difference from those of now."""

    filled: RangeView
    """Places that were filled."""
    median_days: RangeView
    """After so many days half of the filled places were filled; null of too few."""
    p90_days: RangeView
    """The same of nine in ten."""
    asked: RangeView
    """Questions to trainers."""
    letters: RangeView
    """To trainers: each question, its reminders, and that it is withdrawn."""
    asked_in_vain: RangeView
    """Questions that were withdrawn since the last place was given."""


class YearsView(View):
    """Simulated years under one set of rules."""

    runs: int
    """How many years were drawn; the same dice under each set of rules."""
    places: int
    """That are to be filled in each."""
    filled_percent: int | None
    letters_per_hundred_placements: int | None
    measured: MeasuredView
    change: MeasuredView | None
    """Null of the rules of now."""


class TriedPlanView(View):
    """One plan, in rounded figures."""

    gap_per_million: int
    """How much better any other plan could be at most, in millionths."""
    optimal: bool
    cut: bool
    """Whether the time ended the search."""
    people: int | None
    """Trainers who fit at least one vacancy."""
    total: AmountsView
    groups: list[ScenarioGroupView]
    bindings: list[BindingRuleView]
    """The rule that alone keeps most pairs apart comes first."""
    moved: MovedView | None
    """Null of the plan of now."""
    simulated: YearsView | None
    """Null where none was asked for, or no time was left."""


class PointView(View):
    """A plan under the change; `value` is that of the sweep."""

    value: Any = None
    plan: TriedPlanView


class OutcomeView(View):
    """The plan of now and the plans under the change."""

    now: TriedPlanView
    points: list[PointView]
    absent: list[str]
    """Figures that no data have."""


class ScenarioView(View):
    """A scenario, from the request on."""

    id: UUID
    version: int
    status: Status
    by: TriedBy
    regions: list[str]
    overrides: list[OverrideView]
    sweep: SweepView | None
    horizon_months: int
    simulate: bool
    bottleneck_report_id: UUID | None
    policy_item: str | None
    requested_at: Moment
    started_at: Moment | None
    snapshot_on: date | None
    policy_version: int | None
    ended_at: Moment | None
    reason: FailReason | None
    """Why there is no result."""
    progress: ScenarioProgressView | None
    """While it is computed."""
    result: OutcomeView | None


def scenario_view(scenario: Scenario, progress: Progress | None = None) -> ScenarioView:
    """Show a scenario."""
    sweep, result = scenario.sweep, scenario.result
    return ScenarioView(
        **{name: getattr(scenario, name) for name in _AS_THEY_ARE},
        regions=list(scenario.regions),
        overrides=[OverrideView(code=each.code, value=dict(each.value)) for each in scenario.overrides],
        sweep=None if sweep is None else SweepView(code=sweep.code, name=sweep.name, values=list(sweep.values)),
        snapshot_on=scenario.day,
        progress=None if progress is None else ScenarioProgressView(step=progress.step),
        result=None if result is None else OutcomeView.model_validate(result),
    )


def override_of(body: OverrideBody) -> Override:
    """Return what a caller overrides."""
    return Override(code=body.code, value=body.value)


def sweep_of(body: SweepBody | None) -> Sweep | None:
    """Return what a caller sweeps over."""
    return None if body is None else Sweep(code=body.code, name=body.name, values=body.values)


_AS_THEY_ARE = (
    "id", "version", "status", "by", "horizon_months", "simulate", "bottleneck_report_id", "policy_item",
    "requested_at", "started_at", "policy_version", "ended_at", "reason",
)  # fmt: skip
