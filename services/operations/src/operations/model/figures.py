"""The programme's figures K1 to K3, counted from facts that events told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerFacts:
    """What counts of one trainer: ``first_started_on`` is the day that the first assignment ever became active."""

    trainer_id: UUID
    was_trainer_before: bool
    first_started_on: date | None
    region: str | None
    active_assignments: int
    approved_minutes: int
    """Contact minutes, reversals taken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """K1 extra trainers, K2 active trainers, K3 approved hours; ``by_region`` has None where a cell is suppressed."""

    extra_trainers: int
    target: int
    active_trainers: int
    approved_hours: int
    by_region: Mapping[str, int | None]
    policy_version: int


def is_extra(trainer: TrainerFacts, rule: Mapping[str, Any]) -> bool:
    """Whether a person counts for K1: new since the baseline, no trainer before it, with enough approved time."""
    return (
        not trainer.was_trainer_before
        and trainer.first_started_on is not None
        and trainer.first_started_on >= date.fromisoformat(rule["baseline"])
        and trainer.approved_minutes >= rule["minimumApprovedMinutes"]
    )


def figures(
    trainers: Iterable[TrainerFacts], *, rule: Mapping[str, Any], suppress_below: int, policy_version: int
) -> Figures:
    """Count; a person is one, however many assignments they have."""
    known = list(trainers)
    extra = [trainer for trainer in known if is_extra(trainer, rule)]
    regions = Counter(trainer.region or "unknown" for trainer in extra)
    return Figures(
        extra_trainers=len(extra),
        target=rule["target"],
        active_trainers=sum(trainer.active_assignments > 0 for trainer in known),
        approved_hours=sum(trainer.approved_minutes for trainer in known) // 60,
        by_region={region: count if count >= suppress_below else None for region, count in sorted(regions.items())},
        policy_version=policy_version,
    )
