"""Contracts as the registry records them: the places they take, and how long a person must be kept for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID


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
