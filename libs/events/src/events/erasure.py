"""The confirmation of every service that has scrubbed its copies of a person's data."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from events import EACH_SERVICE, PREFIX, Event, published_by

published_by(__name__, EACH_SERVICE)


class ErasureConfirmed(Event):
    """A service has scrubbed its copy of a person; said by every service that keeps one."""

    type: ClassVar[str] = f"{PREFIX}erasure.confirmed.v1"
    dutch: ClassVar[str] = "Een dienst heeft zijn kopie van de persoonsgegevens gewist."
    about: ClassVar[str] = "trainer_id"
    taking_part: ClassVar[frozenset[str]] = frozenset({"trainer"})
    trainer_id: UUID
    service: str
    rows: int
    """How many rows were scrubbed."""
