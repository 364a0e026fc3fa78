"""Plans as the programme and the desk of a region see them: figures, and people under a pseudonym per vacancy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from common.web import Command, Moment, View
from events.words import Form
from matching.plan.model.run import Emptiness, FailReason, PlannedBy, PlanRun, Result, Skipped, Status
from matching.plan.store.runs import Progress

RegionCode = Annotated[str, StringConstraints(min_length=1, max_length=20), Field(examples=["AM01"])]
MOST_WISHES = 50
Part = Literal["whole", "first", "second"]


class WishBody(Command):
    """A candidate at a vacancy."""

    vacancy_id: UUID
    candidate_id: UUID
    """From the ranking of this vacancy, as you saw it."""


class PlanBody(Command):
    """A request for a plan; nothing is proposed before it is published."""

    regions: Annotated[tuple[RegionCode, ...], Field(max_length=50)] = ()
    """The vacancies of these labour-market regions; none is the whole country. A desk names one of its own."""
    seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """How long the search may take, at most what policy `matching.plan` allows; left out, what it says."""
    pins: Annotated[tuple[WishBody, ...], Field(max_length=MOST_WISHES)] = ()
    """Pairs that the plan must have."""
    exclusions: Annotated[tuple[WishBody, ...], Field(max_length=MOST_WISHES)] = ()
    """Pairs that the plan must not have."""


class WaveBody(Command):
    """How large the next wave is."""

    size: Annotated[int, Field(ge=1, le=50)] | None = None
    """Proposals; left out, what policy `matching.plan` says."""


class ProgressView(View):
    """How far the search is; values in points."""

    step: str
    value: int
    bound: int


class GroupView(View):
    """A region or a subject: its places, and those that the plan fills."""

    kind: Literal["region", "subject"]
    code: str
    places: float
    filled: float
    expected: float
    """Filled places, each counted with its chance of consent."""
    price: int
    """The points of one ten-thousandth of half a place more; 0 where it is served enough."""


class ResultView(View):
    """The worth of a plan and how sure it is; values in points, of which differences and ratios mean something."""

    value: int
    bound: int
    """No plan of the same snapshot and rules is worth more: proven."""
    gap_per_million: int
    optimal: bool
    cut: bool
    """Whether the time ended the search: the best that it found, and the gap."""
    available: int
    """Trainers in the talent pool."""
    people: int
    """Those who fit at least one vacancy."""
    openings: int
    pairs: int
    chosen: int
    empty: Emptiness | None
    """Why nobody is planned, where there was nothing to plan with."""
    groups: list[GroupView]
    blocking_pairs: int
    """People and schools that would both score higher with each other."""
    exchanges: int
    """Pairs of people who could change places so that neither scores less and one more."""
    exchange_gain: float
    """By how much all these would raise scores together."""
    price_of_wishes: int | None
    """The points that the plan without any pin or exclusion is worth more; null without wishes."""
    price_cut: bool
    """Whether the time ended one of both searches: then the price is not exact."""


class PlanView(View):
    """A plan, from the request on."""

    id: UUID
    version: int
    status: Status
    by: PlannedBy
    regions: list[str]
    requested_at: Moment
    seconds: int | None
    pins: int
    exclusions: int
    started_at: Moment | None
    snapshot_on: date | None
    policy_version: int | None
    ended_at: Moment | None
    reason: FailReason | None
    """Why there is no plan."""
    waves: int
    progress: ProgressView | None
    """While it is computed."""
    result: ResultView | None


class AssignmentView(View):
    """A candidate at a vacancy, chosen or in reserve."""

    vacancy_id: UUID
    candidate_id: UUID
    """A pseudonym for this vacancy and this viewer only."""
    place: int
    """0 is chosen; else the place in reserve, 1 first."""
    form: Form
    part: Part
    """Of a place that two people may share, a half."""
    score: float
    """Of the highest possible one, from 0 to 1."""
    chance: float
    """That every party consents, from 0 to 1."""
    minutes_per_week: int
    cost: int | None
    """What the plan would lose by having this reserve there, at its prices, in points."""
    wave: int | None
    """The last wave that tried it."""
    proposal_id: UUID | None
    skipped: Skipped | None
    """Why that wave did not propose it."""


class OpeningView(View):
    """A vacancy in a plan: its places, those filled, and what one more would bring."""

    vacancy_id: UUID
    places: int
    """Those that were free."""
    filled: float
    expected: float
    """Filled places, each counted with its chance of consent."""
    price: int
    """What one place more would bring to the plan, at most, in points; 0 where a place stays empty."""
    candidates: int
    """People who fit."""


class PairView(View):
    """A candidate at a vacancy that a wave looked at."""

    vacancy_id: UUID
    candidate_id: UUID
    proposal_id: UUID | None
    skipped: Skipped | None


class WaveView(View):
    """The outcome of one wave, for each pair that it looked at."""

    plan_id: UUID
    wave: int
    proposed: int
    skipped: int
    left: int
    """Pairs that a next wave can try."""
    pairs: list[PairView]


class ChangeView(View):
    """A pair that only one of two plans has."""

    vacancy_id: UUID
    candidate_id: UUID
    change: Literal["added", "dropped"]


class DifferenceView(View):
    """The pairs that only one of two plans has, and the price of it."""

    plan_id: UUID
    with_id: UUID
    same_snapshot: bool
    """Whether both are of the same day and the same version of the rules; else values cannot be compared."""
    added: int
    """Pairs that only the other one has."""
    dropped: int
    """Pairs that only this one has."""
    kept: int
    price: int
    """The points that the other one is worth less; below 0 where it is worth more."""
    changes: list[ChangeView]
    """By vacancy; the first 500."""


def plan_view(plan: PlanRun, progress: Progress | None = None) -> PlanView:
    """Show a plan."""
    return PlanView(
        **{name: getattr(plan, name) for name in _AS_THEY_ARE},
        regions=list(plan.regions),
        pins=len(plan.pins),
        exclusions=len(plan.exclusions),
        snapshot_on=plan.day,
        progress=None if progress is None else ProgressView(**_fields(progress)),
        result=None if plan.result is None else _result_view(plan.result),
    )


def assignment_view(row: Mapping[str, Any], candidate_id: UUID) -> AssignmentView:
    """Show who is planned at a vacancy."""
    return AssignmentView(
        **{name: row[name] for name in ("vacancy_id", "place", "part", "cost", "wave", "proposal_id", "skipped")},
        candidate_id=candidate_id,
        form=Form(row["form"]),
        score=_share(row["score"]),
        chance=_share(row["chance"]),
        minutes_per_week=row["minutes"],
    )


def opening_view(row: Mapping[str, Any]) -> OpeningView:
    """Show a vacancy in a plan."""
    return OpeningView(
        **{name: row[name] for name in ("vacancy_id", "places", "price", "candidates")},
        filled=row["filled"] / _HALVES,
        expected=row["expected"] / _HALVES / _CERTAIN,
    )


def _result_view(result: Result) -> ResultView:
    groups = [
        GroupView(
            kind="region" if each.kind == "region" else "subject",
            code=each.code,
            places=each.places,
            filled=each.filled / _HALVES,
            expected=each.expected / _HALVES / _CERTAIN,
            price=each.price,
        )
        for each in result.groups
    ]
    return ResultView(
        **{name: getattr(result, name) for name in _FIGURES},
        gap_per_million=result.gap,
        groups=groups,
        blocking_pairs=result.blocking,
        exchange_gain=_share(result.exchange_gain),
    )


def _fields(progress: Progress) -> dict[str, Any]:
    return {"step": progress.step, "value": progress.value, "bound": progress.bound}


def _share(ten_thousandths: int) -> float:
    return ten_thousandths / _CERTAIN


_HALVES = 2
_CERTAIN = 10_000
_AS_THEY_ARE = (
    "id", "version", "status", "by", "requested_at", "seconds", "started_at", "policy_version", "ended_at", "reason",
    "waves",
)  # fmt: skip
_FIGURES = (
    "value", "bound", "optimal", "cut", "available", "people", "openings", "pairs", "chosen", "empty", "exchanges",
    "price_of_wishes", "price_cut",
)  # fmt: skip
