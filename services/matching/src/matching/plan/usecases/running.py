"""A queue of runs that solve plans apart: with progress, a way to cancel, and a worker's death that costs nothing."""

# A run's own row changes only when it begins and when it ends. Meanwhile its row on the queue has the lease and the
# progress. Cancelling takes that row away, in the transaction that writes the cancelled run: whatever a worker computes
# after it finds no row, and nothing of it is stored.

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, TypeVar
from uuid import UUID

import structlog

from common.persistence.lease import Claim, Lease, LeasedQueue, LeaseLost, NotEnded, WorkerDied
from common.persistence.transaction import Tx
from common.runtime.backoff import backoff
from common.runtime.event_loop import end_all
from common.runtime.failures import AWAY
from common.runtime.telemetry import QUEUE_PARKED, error_location
from matching.plan.channels import Outcome, SolverEnded, solve_apart
from matching.plan.model.run import FailReason
from matching.plan.model.search import Aim, PinsDoNotFit
from matching.plan.store.runs import Progress, RunRows

if TYPE_CHECKING:
    from common.persistence.database import Database
    from matching.plan.channels import Beside
    from matching.plan.model.market import Market

log = structlog.get_logger()

T = TypeVar("T")

__all__ = ["FailReason", "Job", "RunQueue", "Solve", "Stopped"]


class Stopped(Exception):
    """The run was cancelled, or another worker has it: whatever was computed is dropped."""


class Solve(Protocol):
    """Solves a market in a process of its own, while its run's progress is noted."""

    async def __call__(
        self, market: Callable[[], Market], aim: Aim, *, seconds: float, beside: Beside | None = None
    ) -> Outcome:
        """Return the plan.

        Raises:
            PinsDoNotFit: no plan has all that is pinned.
            SolverEnded: the process ended before it had a plan.
            Stopped: the run was cancelled meanwhile.
        """
        ...


Job = Callable[[Solve], Awaitable[T]]
"""The work of one run: it solves one plan or several, one after the other."""


class RunQueue(LeasedQueue[Claim], Generic[T]):
    """Computes the runs of one queue; a subclass says what a run is made of and where its result goes."""

    LANES = 1  # a solver takes a processor and much memory
    LONGEST = 2 * 60 * 60.0  # each solver ends by its own limit long before
    DEATHS = 3
    TRIES: ClassVar[int] = 3
    """How often a run is begun that fails in a way that may pass."""
    NOTES_EVERY: ClassVar[float] = 1.0
    """Seconds after which progress is noted, and a run that was cancelled is stopped."""

    def __init__(self, database: Database, rows: RunRows) -> None:
        """Work on ``rows``."""
        super().__init__(database, rows, rows.queue)
        self.runs: Final = rows

    @abstractmethod
    async def prepare(self, tx: Tx, run_id: UUID) -> Job[T]:
        """Read all that a run needs and write that it is under way; called again where a worker died.

        Raises:
            DomainError: it cannot be computed; ``MissingDependency`` where it may be later.
        """

    @abstractmethod
    async def record(self, tx: Tx, run_id: UUID, result: T) -> None:
        """Store the result; in the same transaction the run leaves the queue."""

    @abstractmethod
    async def give_up(self, tx: Tx, run_id: UUID, reason: FailReason) -> None:
        """Store that there is no result; in the same transaction the run leaves the queue."""

    async def claim(self, room: int, *, alone: bool) -> list[Claim]:
        """Claim runs, the one that was requested first."""
        rows = await self.runs.claim(self.database, room=room, alone=alone, seconds=self.LEASE)
        return [Claim(Lease.of(row)) for row in rows]

    async def work(self, claimed: Claim) -> None:
        """Compute one run."""
        async with self.database.begin(actor=self.name) as tx:
            job = await self.prepare(tx, claimed.id)

        async def solve(
            market: Callable[[], Market], aim: Aim, *, seconds: float, beside: Beside | None = None
        ) -> Outcome:
            return await self._solve(claimed, market, aim, seconds=seconds, beside=beside)

        result = await job(solve)
        await self.at_last(lambda tx: self._record(tx, claimed, result), actor=self.name)

    async def failed(self, claimed: Claim, error: BaseException) -> None:
        """Begin the run again later, or give it up."""
        if isinstance(error, Stopped | LeaseLost):
            return
        reason = _reason(error)
        final = reason not in {"solver_ended", "failed"} or claimed.lease.attempts >= self.TRIES
        where = error_location(error)
        log.warning("run.failed", queue=self.name, run=str(claimed.id), reason=reason, where=where, given_up=final)
        async with self.database.begin(actor=self.name) as tx:
            if not final:
                await self.runs.postpone(tx, claimed, backoff(claimed.lease.attempts, first=0.2, most=60))
            elif await self.runs.finish(tx, claimed):
                if reason == "worker_died":
                    QUEUE_PARKED.labels(self.name).inc()
                await self.give_up(tx, claimed.id, reason)

    async def _record(self, tx: Tx, claimed: Claim, result: T) -> None:
        if await self.runs.finish(tx, claimed):
            await self.record(tx, claimed.id, result)

    async def _solve(self, claimed: Claim, market: Callable[[], Market], aim: Aim, **options: Any) -> Outcome:
        so_far = Progress("begins", 0, 0)

        def report(step: str, value: int, bound: int) -> None:
            nonlocal so_far
            so_far = Progress(step, value, bound)

        solving = asyncio.create_task(solve_apart(market, aim, report=report, **options))
        try:
            while not solving.done():
                if not await self._goes_on(claimed, so_far):
                    raise Stopped
                await asyncio.wait({solving}, timeout=self.NOTES_EVERY)
            return solving.result()
        finally:
            await end_all([solving])

    async def _goes_on(self, claimed: Claim, so_far: Progress) -> bool:
        try:
            return await self.runs.note(self.database, claimed, so_far)
        except AWAY:
            self.check(claimed)
            return True


def _reason(error: BaseException) -> FailReason:
    if isinstance(error, PinsDoNotFit):
        return "pins_do_not_fit"
    if isinstance(error, SolverEnded):
        return "solver_ended"
    if isinstance(error, WorkerDied):
        return "worker_died"
    return "took_too_long" if isinstance(error, NotEnded) else "failed"
