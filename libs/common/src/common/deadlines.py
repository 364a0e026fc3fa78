"""When time passes: rows whose time has come are claimed, and a use case is called for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from sqlalchemy import text

from common.backoff import backoff
from common.db import AWAY
from common.telemetry import DEADLINES_DUE, DEADLINES_PARKED, place_of
from common.transaction import Tx
from events.flow import EventDiscarded, EventParked, EventsRedriven

if TYPE_CHECKING:
    from common.db import Database

log = structlog.get_logger()

Due = Callable[[UUID, Tx], Awaitable[None]]
"""Called with what the deadline is about; its effect and its completion are one transaction."""


class Deadlines:
    """What a service does when time passes, by the deadline's name."""

    def __init__(self) -> None:
        """Start with none."""
        self.by_name: dict[str, Due] = {}

    def on(self, what: str) -> Callable[[Due], Due]:
        """Register the reaction to the deadline ``what``, set with ``tx.remind(what, about, due_at)``."""

        def register(function: Due) -> Due:
            if what in self.by_name:
                raise ValueError(f"two reactions to the deadline {what}")
            self.by_name[what] = function
            return function

        return register


@dataclass(frozen=True, slots=True)
class _Claim:
    id: UUID
    what: str
    about: UUID
    due_at: datetime
    case_id: str | None
    attempts: int


class WorkerDied(Exception):
    """A deadline was claimed again and again and never ended."""


class DeadlineLoop:
    """Claims what is due and runs it. Any number may run: a claim is a lease that the others skip."""

    BATCH: Final = 100
    LEASE: Final = 30
    """Seconds of real time; after a crash another worker takes over then."""
    TRIES: Final = 8
    POLL: Final = 0.25

    def __init__(self, database: Database, deadlines: Deadlines) -> None:
        """Run the deadlines of one service."""
        self._database, self._deadlines = database, deadlines

    async def run(self) -> None:
        """Run until cancelled, through outages of the database."""
        failures = 0
        while True:
            try:
                busy = await self.run_due()
                failures = 0
                if not busy:
                    await asyncio.sleep(self.POLL)
            except AWAY as error:
                failures += 1
                log.warning("deadlines.interrupted", service=self._database.service, error=type(error).__name__)
                await asyncio.sleep(backoff(failures, first=0.2, most=5))

    async def run_due(self) -> int:
        """Claim and run one batch, oldest first; return how many there were."""
        claims = await self._claim()
        for claim in claims:
            await self._run(claim)
        return len(claims)

    async def measure(self) -> None:
        """Put the numbers of overdue and parked deadlines into the metrics."""
        async with self._database.begin(actor="metrics") as tx:
            row = (await tx.execute(_COUNT, {"now": tx.now})).one()
        DEADLINES_DUE.labels(self._database.service).set(row.due)
        DEADLINES_PARKED.labels(self._database.service).set(row.parked)

    async def _claim(self) -> list[_Claim]:
        # The lease and the count of attempts commit before the work: a deadline that kills its worker is counted.
        about = {"now": self._database.clock.now(), "lease": self.LEASE, "batch": self.BATCH}
        rows = await self._database.execute(_CLAIM, about | {"known": list(self._deadlines.by_name)})
        claims = [_Claim(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it
        return sorted(claims, key=lambda claim: (claim.due_at, claim.id))

    async def _run(self, claim: _Claim) -> None:
        try:
            if claim.attempts > self.TRIES:
                await self._failed(claim, WorkerDied())
                return
            async with self._database.begin(actor=f"deadline:{claim.what}") as tx:
                # Completion first: it takes the row's lock, and fails to find it where the lease was overtaken.
                done = await tx.execute(_COMPLETE, {"id": claim.id, "attempts": claim.attempts})
                row = done.one_or_none()
                if row is not None:
                    await self._deadlines.by_name[claim.what](claim.about, tx)
                    if row.announced:
                        _tell_solved(tx, claim.what, claim.about, claim.case_id)
        except Exception as error:  # noqa: BLE001 - whatever it is: it is counted, tried again and in the end parked
            await self._failed(claim, error)

    async def _failed(self, claim: _Claim, error: Exception) -> None:
        reason = place_of(error)
        parked = claim.attempts >= self.TRIES
        log.warning(
            "deadline.failed",
            what=claim.what,
            about=str(claim.about),
            attempts=claim.attempts,
            reason=reason,
            parked=parked,
        )
        async with self._database.begin(actor="deadlines") as tx:
            noted = await tx.execute(
                _BACK_OFF,
                {
                    "id": claim.id,
                    "attempts": claim.attempts,
                    "parked": parked,
                    "reason": reason,
                    "wait": backoff(claim.attempts, first=0.2, most=60),
                },
            )
            if parked and noted.rowcount == 1:  # else it was overtaken, moved or forgotten meanwhile
                consumer = f"{self._database.service}.deadlines"
                tx.publish(
                    EventParked(
                        flow_key=_flow_key(tx, claim.what, claim.about),
                        consumer=consumer,
                        topic=claim.what,
                        parked_key=str(claim.about),
                        partition=0,
                        offset=0,
                        event_id=None,
                        event_type=None,
                        case_id=claim.case_id,
                        why="failed",
                        reason=reason,
                        attempts=claim.attempts,
                        waiting=1,
                    ),
                    case=claim.case_id,
                )


async def unpark(tx: Tx, what: str, about: UUID) -> bool:
    """Give a parked deadline a new start; return whether there was one."""
    result = await tx.execute(_UNPARK, {"what": what, "about": about})
    return bool(result.rowcount)


async def discard(tx: Tx, what: str, about: UUID, order_id: UUID) -> bool:
    """Give a parked deadline up on an operator's order; return whether there was one."""
    row = (await tx.execute(_DISCARD, {"what": what, "about": about})).one_or_none()
    if row is not None:
        tx.publish(
            EventDiscarded(
                flow_key=_flow_key(tx, what, about),
                consumer=f"{tx.database.service}.deadlines",
                topic=what,
                parked_key=str(about),
                event_id=None,
                order_id=order_id,
            ),
            case=row.case_id,
        )
    return row is not None


def _tell_solved(tx: Tx, what: str, about: UUID, case_id: str | None) -> None:
    tx.publish(
        EventsRedriven(
            flow_key=_flow_key(tx, what, about),
            consumer=f"{tx.database.service}.deadlines",
            topic=what,
            parked_key=str(about),
            handled=1,
            left=0,
        ),
        case=case_id,
    )


def _flow_key(tx: Tx, what: str, about: UUID) -> str:
    return f"{tx.database.service}.deadlines/{what}/{about}"


_CLAIM: Final = text("""
    UPDATE deadlines SET attempts = attempts + 1,
                         leased_until = clock_timestamp() + make_interval(secs => :lease)
    WHERE id IN (
        SELECT id FROM deadlines
        WHERE due_at <= :now AND NOT parked AND (leased_until IS NULL OR leased_until < clock_timestamp())
              AND what = ANY(CAST(:known AS text[]))
        ORDER BY due_at, id LIMIT :batch
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, what, about, due_at, case_id, attempts
""")
_COMPLETE: Final = text("DELETE FROM deadlines WHERE id = :id AND attempts = :attempts RETURNING announced")
_DISCARD: Final = text("DELETE FROM deadlines WHERE what = :what AND about = :about AND parked RETURNING case_id")
_BACK_OFF: Final = text("""
    UPDATE deadlines SET parked = :parked, announced = announced OR :parked, reason = :reason,
                         leased_until = clock_timestamp() + make_interval(secs => :wait)
    WHERE id = :id AND attempts = :attempts
""")
_UNPARK: Final = text("""
    UPDATE deadlines SET parked = false, attempts = 0, leased_until = NULL, reason = NULL
    WHERE what = :what AND about = :about AND parked
""")
_COUNT: Final = text("""
    SELECT count(*) FILTER (WHERE NOT parked AND due_at < :now) AS due, count(*) FILTER (WHERE parked) AS parked
    FROM deadlines
""")
