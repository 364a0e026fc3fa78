"""The programme's figures K1 to K3 and K13: counted from events, and rounded so that none points at a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from rules.rounding import Rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerFacts:
    """The counted facts of a trainer: ``first_started_on`` is the day that the first assignment became active."""

    trainer_id: UUID
    was_trainer_before: bool
    first_started_on: date | None
    region: str | None
    active_assignments: int
    approved_minutes: int
    """Contact minutes, reversals taken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFigure:
    """The reported bottlenecks of one item; ``by_region`` has None where a cell is suppressed.

    ``reported`` is the sum of the cells as they are published.
    """

    reported: int
    by_region: Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """K1 extra trainers, K2 active trainers, K3 approved hours, K13 reported bottlenecks by item.

    ``by_region`` has None where a cell of K1 is suppressed. K1 is the sum of its regions as they are published, so
    that it shows nothing more than they do. An item of K13 of which no cell is published is absent.
    """

    extra_trainers: int
    target: int
    active_trainers: int
    approved_hours: int
    by_region: Mapping[str, int | None]
    bottlenecks: Mapping[str, ItemFigure]
    policy_version: int


def is_extra(trainer: TrainerFacts, rule: Mapping[str, Any]) -> bool:
    """Whether a person counts for K1: new since the baseline, no trainer before it, with enough approved time."""
    return (
        not trainer.was_trainer_before
        and trainer.first_started_on is not None
        and trainer.first_started_on >= date.fromisoformat(rule["baseline"])
        and trainer.approved_minutes >= rule["minimumApprovedMinutes"]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Totals before they are rounded; a person is one, however many assignments they have."""

    extra: Mapping[str | None, int]
    """Persons that count for K1, by region."""
    active: int
    """Persons with an assignment that runs."""
    worked: int
    """Persons with approved time, and that time together."""
    minutes: int
    bottlenecks: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    """Reports by item of the policy conversation and region."""

    @classmethod
    def of(cls, trainers: Iterable[TrainerFacts], rule: Mapping[str, Any]) -> Totals:
        """Count persons one by one, as the rule says it; the database counts the same (``queries.figures``)."""
        known = list(trainers)
        return cls(
            extra=Counter(trainer.region for trainer in known if is_extra(trainer, rule)),
            active=sum(trainer.active_assignments > 0 for trainer in known),
            worked=sum(trainer.approved_minutes > 0 for trainer in known),
            minutes=sum(trainer.approved_minutes for trainer in known),
        )


def figures(
    trainers: Iterable[TrainerFacts],
    *,
    rule: Mapping[str, Any],
    people: Rounding,
    hours: Rounding,
    regions: Collection[str],
    policy_version: int,
) -> Figures:
    """Count persons one by one, and publish."""
    totals = Totals.of(trainers, rule)
    return published(
        totals, target=rule["target"], people=people, hours=hours, regions=regions, policy_version=policy_version
    )


def published(
    totals: Totals,
    *,
    target: int,
    people: Rounding,
    hours: Rounding,
    regions: Collection[str],
    policy_version: int,
) -> Figures:
    """Round what was counted.

    ``regions`` are listed whether anybody counts there or not: that a region is in the list says nothing.
    """
    extra = {region or _NOWHERE: number for region, number in totals.extra.items()}
    by_region = _cells(extra, people, regions)
    approved = hours.published("approved", totals.minutes // 60) if people.published("worked", totals.worked) else None
    return Figures(
        extra_trainers=sum(count or 0 for count in by_region.values()),
        target=target,
        active_trainers=people.published("active", totals.active) or 0,
        approved_hours=approved or 0,
        by_region=by_region,
        bottlenecks=_bottlenecks(totals.bottlenecks, people, regions),
        policy_version=policy_version,
    )


def _bottlenecks(
    reported: Mapping[tuple[str, str | None], int], rounding: Rounding, regions: Collection[str]
) -> dict[str, ItemFigure]:
    """Round reports as persons are: a cell of few reports could point at who reported."""
    items: dict[str, ItemFigure] = {}
    for item in sorted({item for item, _ in reported}):
        numbers = {region or _COUNTRY: number for (of, region), number in reported.items() if of == item}
        cells = _cells(numbers, rounding, regions, of=f"{item} ")
        if any(cells.values()):
            items[item] = ItemFigure(reported=sum(count or 0 for count in cells.values()), by_region=cells)
    return items


def _cells(
    numbers: Mapping[str, int], rounding: Rounding, regions: Collection[str], *, of: str = ""
) -> dict[str, int | None]:
    """Publish a number for each region that is listed, and for others whose number is large enough."""
    cells = {
        region: rounding.published(f"{of}{region}", numbers.get(region, 0)) for region in sorted({*regions, *numbers})
    }
    return {region: count for region, count in cells.items() if region in regions or count is not None}


_NOWHERE = "unknown"
_COUNTRY = "NL"
"""The cell of reports about the whole country."""
