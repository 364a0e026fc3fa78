"""When time passes: rows whose time has come are claimed, and a use case is called for each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import UUID

import structlog
from sqlalchemy import text

from common.persistence.lease import (
    Lease,
    LeasedQueue,
    LeasedRows,
    WorkerDied,
    publish_discarded,
    publish_parked,
    publish_redriven,
)
from common.persistence.transaction import Tx
from common.runtime.backoff import backoff
from common.runtime.telemetry import DEADLINES_DUE, DEADLINES_PARKED, QUEUE_PARKED, error_location

if TYPE_CHECKING:
    from common.persistence.database import Database

log = structlog.get_logger()

Due = Callable[[UUID, Tx], Awaitable[None]]
"""Called with what the deadline is about; its effect and its completion are one transaction."""


class Deadlines:
    """The deadline handlers of a service, by the deadline's name."""

    def __init__(self) -> None:
        """Start with none."""
        self.by_name: dict[str, Due] = {}

    def add(self, others: Deadlines) -> None:
        """Add the reactions of a slice."""
        for what, function in others.by_name.items():
            self.on(what)(function)

    def on(self, what: str) -> Callable[[Due], Due]:
        """Register the reaction to the deadline ``what``, set with ``tx.set_deadline(what, about, due_at)``."""

        def register(function: Due) -> Due:
            if what in self.by_name:
                raise ValueError(f"two reactions to the deadline {what}")
            self.by_name[what] = function
            return function

        return register


@dataclass(frozen=True, slots=True)
class Claim:
    """A deadline that this worker, and no other, runs now."""

    lease: Lease
    what: str
    about: UUID
    case_id: str | None


class DeadlineLoop(LeasedQueue[Claim]):
    """Runs what is due, one after the other in the order of their time; who is slow is no longer waited for."""

    LEASE = 30.0
    RENEWS = False  # the work holds the row's lock, and it is shorter than the lease
    LONGEST = 20.0
    LANES = 8
    PATIENCE = 1.0
    GATHER = 0.0
    TRIES: ClassVar[int] = 8

    def __init__(self, database: Database, deadlines: Deadlines) -> None:
        """Run the deadlines of one service."""
        super().__init__(database, _ROWS, f"{database.service}.deadlines")
        self._deadlines = deadlines

    async def measure(self) -> None:
        """Put the numbers of overdue and parked deadlines into the metrics."""
        async with self.database.begin(actor="metrics") as tx:
            row = (await tx.execute(_COUNT, {"now": tx.now})).one()
        DEADLINES_DUE.labels(self.database.service).set(row.due)
        DEADLINES_PARKED.labels(self.database.service).set(row.parked)

    async def claim(self, room: int, *, alone: bool) -> list[Claim]:
        """Claim those that are due and that this version of the code knows."""
        known = list(self._deadlines.by_name)
        rows = await self.rows.claim(self.database, room=room, alone=alone, seconds=self.LEASE, known=known)
        return [Claim(lease=Lease.of(row), what=row.what, about=row.about, case_id=row.case_id) for row in rows]

    async def work(self, claimed: Claim) -> None:
        """Run one: its effect and its completion are one transaction."""
        if claimed.lease.attempts > self.TRIES:
            raise WorkerDied
        async with self.database.begin(actor=f"deadline:{claimed.what}") as tx:
            # Completion first: it takes the row's lock, and fails to find it where the lease was overtaken.
            done = await tx.execute(_COMPLETE, {"id": claimed.lease.id, "lease": claimed.lease.token})
            row = done.one_or_none()
            if row is not None:
                await self._deadlines.by_name[claimed.what](claimed.about, tx)
                if row.announced:
                    publish_redriven(tx, self.name, claimed.what, claimed.about, case=claimed.case_id)

    async def failed(self, claimed: Claim, error: BaseException) -> None:
        """Back off, and park after the last try or where it ends its workers."""
        died, reason = isinstance(error, WorkerDied), error_location(error)
        attempts = claimed.lease.begun_before if died else claimed.lease.attempts
        parked = attempts >= self.TRIES or died
        log.warning(
            "deadline.failed",
            what=claimed.what,
            about=str(claimed.about),
            attempts=attempts,
            reason=reason,
            parked=parked,
        )
        async with self.database.begin(actor="deadlines") as tx:
            noted = await tx.execute(
                _BACK_OFF,
                {
                    "id": claimed.lease.id,
                    "lease": claimed.lease.token,
                    "parked": parked,
                    "reason": reason,
                    "wait": backoff(attempts, first=0.2, most=60),
                },
            )
            if parked and noted.rowcount == 1:  # else it was overtaken, moved or cancelled meanwhile
                QUEUE_PARKED.labels(self.name).inc()
                publish_parked(
                    tx, self.name, claimed.what, claimed.about, case=claimed.case_id, reason=reason, attempts=attempts
                )


async def unpark(tx: Tx, what: str, about: UUID) -> bool:
    """Give a parked deadline a new start; return whether there was one."""
    tx.woken.add(f"{tx.database.service}.deadlines")
    result = await tx.execute(_UNPARK, {"what": what, "about": about})
    return bool(result.rowcount)


async def discard(tx: Tx, what: str, about: UUID, order_id: UUID) -> bool:
    """Give a parked deadline up on an operator's order; return whether there was one."""
    row = (await tx.execute(_DISCARD, {"what": what, "about": about})).one_or_none()
    if row is not None:
        publish_discarded(tx, f"{tx.database.service}.deadlines", what, about, case=row.case_id, order_id=order_id)
    return row is not None


_ROWS: Final = LeasedRows(
    "deadlines",
    claimable="NOT parked AND what = ANY(CAST(:known AS text[]))",
    suspected="NOT parked",
    returning=("what", "about", "case_id"),
    business_time=True,
)
_COMPLETE: Final = text("DELETE FROM deadlines WHERE id = :id AND lease = :lease RETURNING announced")
_DISCARD: Final = text("DELETE FROM deadlines WHERE what = :what AND about = :about AND parked RETURNING case_id")
_BACK_OFF: Final = text("""
    UPDATE deadlines SET parked = :parked, announced = announced OR :parked, reason = :reason,
                         leased_until = clock_timestamp() + make_interval(secs => :wait), lease = NULL, deaths = 0
    WHERE id = :id AND lease = :lease
""")
_UNPARK: Final = text("""
    UPDATE deadlines SET parked = false, attempts = 0, leased_until = NULL, lease = NULL, deaths = 0, reason = NULL
    WHERE what = :what AND about = :about AND parked
""")
_COUNT: Final = text("""
    SELECT (SELECT count(*) FROM deadlines WHERE due_at < :now AND NOT parked AND leased_until IS NULL)
           + (SELECT count(*) FROM deadlines WHERE due_at < :now AND NOT parked AND leased_until IS NOT NULL) AS due,
           (SELECT count(*) FROM deadlines WHERE parked) AS parked
""")
