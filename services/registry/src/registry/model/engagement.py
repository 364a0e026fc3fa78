"""What the registry remembers of contracts: which places they take, and how long a person must be kept for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from common.policy import Policies
from registry.model.trainer import PRESENT, Trainer
from rules.dates import add_months


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """One signed contract."""

    contract_id: UUID
    vacancy_id: UUID
    trainer_id: UUID
    signed_on: date
    fell_away: bool = False
    """Dissolved, or ended before its term: its place is free again."""
    ended_on: date | None = None

    @property
    def over(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.ended_on is not None


def places_taken(engagements: Collection[Engagement]) -> int:
    """Return how many places of a vacancy have a contract; one that ran its term still counts."""
    return sum(not engagement.fell_away for engagement in engagements)


def all_over(engagements: Collection[Engagement]) -> bool:
    """Whether every contract of a vacancy has ended."""
    return all(engagement.over for engagement in engagements)


def forget_on(trainer: Trainer, engagements: Collection[Engagement], policies: Policies, today: date) -> date | None:
    """Return the day from which a person's data may no longer be kept; None while there is a reason to keep them.

    Policies ``retention.trainer`` and ``retention.contract``. A dissolved contract was never worked under.
    """
    if (
        trainer.person is None
        or not all_over(engagements)
        or (trainer.status in PRESENT and trainer.has_consent(today))
    ):
        return None
    gone_on = trainer.left_on or today
    ends = [engagement.ended_on for engagement in engagements if engagement.ended_on and not engagement.fell_away]
    if ends:
        years: int = policies.on("retention.contract", today).value["yearsAfterEnd"]
        return max(gone_on, add_months(max(ends), 12 * years))
    if trainer.left_on is None:
        return today
    weeks: int = policies.on("retention.trainer", today).value["weeksAfterLeaving"]
    return gone_on + timedelta(weeks=weeks)
