"""The leases that this process holds: until when they surely do, and their renewal while the work lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

import structlog

from common.persistence.lease.rows import Lease, LeasedRows
from common.runtime.telemetry import error_location

if TYPE_CHECKING:
    from common.persistence.database import Database

log = structlog.get_logger()


class WorkerDied(Exception):
    """A row or an event was begun again and again, and each time its worker ended without a word."""


class LeaseLost(Exception):
    """The lease may be over: another worker may be at work on the row."""


class NotEnded(Exception):
    """The row took longer than one row may take."""


class Claimed(Protocol):
    """A row and the lease on it."""

    @property
    def lease(self) -> Lease:
        """The right to work on it."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of which a queue needs to know nothing but the row: its id says what to work on."""

    lease: Lease

    @property
    def id(self) -> UUID:
        """Of the row."""
        return self.lease.id


C = TypeVar("C", bound=Claimed)


class Terms(Protocol):
    """For how long a queue leases its rows."""

    LEASE: ClassVar[float]
    RENEWS: ClassVar[bool]


class HeldLeases(Generic[C]):
    """The leases that a queue holds in this process."""

    def __init__(self, database: Database, rows: LeasedRows, terms: Terms) -> None:
        """Hold nothing yet."""
        self._database, self._rows, self._terms = database, rows, terms
        self._held: dict[UUID, tuple[C, float]] = {}

    def take(self, claims: Collection[C], surely: float) -> None:
        """Hold claims until a moment on this process's clock, taken before they were made."""
        self._held |= {_place(claimed): (claimed, surely) for claimed in claims}

    def drop(self, claimed: C) -> None:
        """Hold a claim no longer."""
        self._held.pop(_place(claimed), None)

    def check(self, claimed: C) -> None:
        """Return if a lease surely holds.

        Raises:
            LeaseLost: it may be over.
        """
        _, until = self._held.get(_place(claimed), (claimed, 0.0))
        if asyncio.get_running_loop().time() >= until:
            raise LeaseLost

    async def renew_for_ever(self) -> None:
        """Renew all of them, three times in the time of a lease."""
        while self._terms.RENEWS:
            await asyncio.sleep(self._terms.LEASE / 3)
            held = dict(self._held)
            if not held:
                continue
            surely = asyncio.get_running_loop().time() + self._terms.LEASE
            leases = [claimed.lease for claimed, _ in held.values()]
            try:
                still = await self._rows.renew(self._database, leases, self._terms.LEASE)
            except Exception as error:  # noqa: BLE001 - the leases run out, and their holders see that
                log.warning("lease.not-renewed", reason=error_location(error))
                continue
            for place, (claimed, _) in held.items():
                if place in self._held:
                    self._held[place] = (claimed, surely if claimed.lease.id in still else 0.0)


def _place(claimed: Claimed) -> UUID:
    """A claim among those of this process: the token is one claim's, the id one row's."""
    return UUID(int=claimed.lease.token.int ^ claimed.lease.id.int)
