"""Figures on fairness as the programme and the desks see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from common.web import View
from matching.fairness.model import Dimension, Fares, Stage, Step


class StepView(View):
    """How a class fares at one step, against all classes of its dimension together; null is too few to be shown."""

    stage: Stage
    share: float | None
    """Of those at the stage before: of those who fit for `asked`, of those asked for the others."""
    ratio: float | None
    """To the share of the whole dimension; 1 is as everybody."""
    low: float | None
    high: float | None
    """The interval of the ratio, at 95 %, with what rounding may have moved; people who are counted twice make it too
    narrow."""
    differs: bool
    """Whether the interval leaves out 1: a reason to look, not yet a proof."""


class FaresView(View):
    """One class, such as a type of school, or the people who want few hours: rounded numbers, null is too small."""

    dimension: Dimension
    code: str
    proxy: bool
    """Whether the dimension is watched since it may stand for a fact that may not count."""
    fits: int | None
    """How often people of this class fitted a vacancy for which matching asked somebody."""
    asked: int | None
    trainer_consents: int | None
    school_consents: int | None
    placed: int | None
    """How often everybody agreed and there was a place."""
    steps: list[StepView]


class FairnessView(View):
    """How people of each class fare in matching; counted of nobody in particular."""

    since: date
    regions: list[str] | None
    """Those of the desk; null is all."""
    classes: list[FaresView]


_PROXIES = frozenset({Dimension.DISTANCE_LIMIT, Dimension.EVENING_ONLY, Dimension.HOURS_WANTED})


def fairness_view(since: date, found: Iterable[Fares], regions: Iterable[str] | None) -> FairnessView:
    """Show the figures."""
    return FairnessView(
        since=since,
        regions=None if regions is None else sorted(regions),
        classes=[_fares(each) for each in found],
    )


def _fares(found: Fares) -> FaresView:
    return FaresView(
        dimension=found.dimension,
        code=found.code,
        proxy=found.dimension in _PROXIES,
        **{str(stage): number for stage, number in found.numbers.items()},
        steps=[_step(each) for each in found.steps],
    )


def _step(found: Step) -> StepView:
    return StepView(
        stage=found.stage,
        share=found.share,
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        differs=found.differs,
    )
