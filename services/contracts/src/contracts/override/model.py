"""An override: a pilot in which a cap may be exceeded for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A decision that one person may exceed the cap for guests at one board for a while."""

    id: UUID
    trainer_id: UUID
    board_id: UUID
    reason: str
    owner: str
    starts_on: date
    ends_on: date
