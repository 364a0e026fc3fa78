"""Works on the rows of a queue: whatever one row does, the others go on."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar
from uuid import UUID

import structlog

from common.persistence.lease.held import C, HeldLeases, NotEnded, WorkerDied
from common.persistence.lease.rows import SUSPECT, LeasedRows
from common.runtime.backoff import backoff, until_it_works
from common.runtime.event_loop import end_all, is_stopping
from common.runtime.failures import AWAY
from common.runtime.telemetry import QUEUE_FAILURES, QUEUE_PARKED, QUEUE_WORKING, error_location

if TYPE_CHECKING:
    from common.persistence.database import Database
    from common.persistence.transaction import Tx

log = structlog.get_logger()


T = TypeVar("T")


class LeasedQueue(ABC, Generic[C]):
    """Works on the rows of one queue in this process."""

    LEASE: ClassVar[float] = 30.0
    """Seconds of real time; after a crash another worker takes over then."""
    RENEWS: ClassVar[bool] = True
    """Whether leases are renewed while the work lasts; not where the work itself locks the row."""
    LONGEST: ClassVar[float] = 20.0
    """Seconds that one row may take."""
    LANES: ClassVar[int] = 4
    """How many rows are worked on at once."""
    SLOW: ClassVar[float] = 10.0
    """Seconds after which a row takes long: from then on it holds up nobody, also where it is suspected."""
    PATIENCE: ClassVar[float | None] = None
    """Where rows go one after the other: the seconds after which the next one no longer waits for a slow one."""
    BATCH: ClassVar[int] = 100
    POLL: ClassVar[float] = 1.0
    """Seconds after which it looks without being woken."""
    DEATHS: ClassVar[int] = 5
    """A row that ended so many workers is parked; at the last of them it was the only suspect under way."""
    LOOK_FOR_SUSPECTS: ClassVar[float] = 5.0
    GATHER: ClassVar[float] = 0.01
    """Seconds in which rows that end are gathered before it claims again."""
    GRACE: ClassVar[float] = 1.0
    """Seconds that what is under way has to end when the worker stops."""

    def __init__(self, database: Database, rows: LeasedRows, name: str) -> None:
        """``name`` is what metrics and the operator's list call it, such as ``notifications.letters``."""
        self.database, self.rows, self.name = database, rows, name
        self._in_flight: dict[asyncio.Task[None], C] = {}
        self._begun: dict[asyncio.Task[None], float] = {}
        """Since when each of them is under way."""
        self._held: HeldLeases[C] = HeldLeases(database, rows, self)
        self._stirred = database.wakeup(name)
        self._look_at = 0.0
        self._alone: asyncio.Task[None] | None = None
        for counter in (QUEUE_FAILURES, QUEUE_PARKED):
            counter.labels(name)  # an alert on what never happened yet needs its zero

    @abstractmethod
    async def claim(self, room: int, *, alone: bool) -> Sequence[C]:
        """Claim up to ``room`` rows in a transaction that commits; with ``alone`` a single suspect."""

    @abstractmethod
    async def work(self, claimed: C) -> None:
        """Do what the row asks for and end it, unless the lease was lost; whatever it raises is the row's failure."""

    @abstractmethod
    async def failed(self, claimed: C, error: BaseException) -> None:
        """Record a failure: back off, or park."""

    async def rest(self) -> None:
        """Put away what is only needed while there is work."""

    def check(self, claimed: C) -> None:
        """Return if the lease surely holds; call it right before an effect that cannot be taken back.

        Raises:
            LeaseLost: it may be over.
        """
        self._held.check(claimed)

    @property
    def under_way(self) -> Collection[C]:
        """The rows that this process works on now."""
        return self._in_flight.values()

    @property
    def swift(self) -> int:
        """How many of them do not take long, so far."""
        clock = asyncio.get_running_loop().time()
        return sum(clock - since < self.SLOW for since in self._begun.values())

    async def at_last(self, work: Callable[[Tx], Awaitable[T]], *, actor: str) -> T:
        """Do it in a transaction, as soon as a database that went away is back.

        What was done outside and is not recorded is done again when the lease ends: no longer than that is it tried.
        """

        async def once() -> T:
            async with self.database.begin(actor=actor) as tx:
                return await work(tx)

        return await until_it_works(once, AWAY, first=0.1, most=2, within=self.LEASE)

    async def run(self) -> None:
        """Work until cancelled, through outages of the database."""
        failures = 0
        renewing = asyncio.create_task(self._held.renew_for_ever())
        try:
            while not is_stopping():
                self.database.turns.take(self.name, str(self._oldest()))
                try:
                    await self.round()
                    failures = 0
                except (Exception, asyncio.CancelledError) as error:  # what is under way goes on; it looks again
                    if isinstance(error, asyncio.CancelledError) and is_stopping():
                        raise
                    failures += 1
                    log.warning("queue.interrupted", queue=self.name, reason=error_location(error))
                    await asyncio.sleep(backoff(failures, first=0.2, most=5))
        finally:
            renewing.cancel()
            self.database.turns.leave(self.name)
            await self._leave()

    def _oldest(self) -> UUID | str:
        return next((claimed.lease.id for claimed in self._in_flight.values()), "")

    async def round(self) -> int:
        """Start what there is room for and wait until something happens; return how many are under way."""
        self._stirred.clear()
        await self._start(self.BATCH)
        if not self._in_flight:
            await self.rest()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.POLL):
                await self._stirred.wait()
            await asyncio.sleep(self.GATHER)
        return len(self._in_flight)

    async def run_due(self) -> int:
        """Work on what is due, one batch at most, until it has ended; return how many rows were started."""
        started, self._look_at = 0, 0.0
        renewing = asyncio.create_task(self._held.renew_for_ever())
        try:
            while started < self.BATCH:
                new = await self._start(self.BATCH - started)
                started += new
                if not self._in_flight and not new:
                    break
                await self._one_ended()
            while self._in_flight:
                await self._one_ended()
        finally:
            renewing.cancel()
            await end_all(self._in_flight)
        await self.rest()
        return started

    async def _one_ended(self) -> None:
        if self._in_flight:
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # for the callbacks of what ended

    async def _start(self, most: int) -> int:
        """Claim and start what there is room for; return how many rows that were."""
        room = min(self.LANES - len(self._in_flight), most, 1 if self.PATIENCE is not None else most)
        if room <= 0 or self._is_one_alone():
            return 0
        if await self._suspects_are_due():
            return 0 if self.swift else await self._start_alone()
        started = [self._launch(claimed) for claimed in await self._claimed(room, alone=False)]
        if started and self.PATIENCE is not None:
            await asyncio.wait(started, timeout=self.PATIENCE)
            await asyncio.sleep(0)
        return len(started)

    def _is_one_alone(self) -> bool:
        """Whether a suspect still has its time alone; once that is over, others have theirs before the next one."""
        if self._alone is None:
            return False
        clock = asyncio.get_running_loop().time()
        if clock - self._begun[self._alone] < self.SLOW:
            return True
        self._alone, self._look_at = None, clock + self.LOOK_FOR_SUSPECTS
        return False

    def _is_last_chance(self, claimed: C) -> bool:
        """Whether one more death parks a row: until it ends, no other suspect is begun that could be the killer."""
        return claimed.lease.deaths == self.DEATHS - 1

    async def _suspects_are_due(self) -> bool:
        clock = asyncio.get_running_loop().time()
        if clock < self._look_at or any(map(self._is_last_chance, self._in_flight.values())):
            return False
        if await self.rows.has_suspects(self.database):
            return True
        self._look_at = clock + self.LOOK_FOR_SUSPECTS
        return False

    async def _start_alone(self) -> int:
        claims = await self._claimed(1, alone=True)
        beside = any(each.lease.deaths >= SUSPECT for each in self._in_flight.values())
        if beside and any(map(self._is_last_chance, claims)):
            await self.rows.release(self.database, [claimed.lease for claimed in claims])
            claims = []
        for claimed in claims:
            self._alone = self._launch(claimed)
        if not claims:  # they wait for their time or for another suspect's end, or another worker has them
            self._look_at = asyncio.get_running_loop().time() + self.LOOK_FOR_SUSPECTS
            self._stirred.set()
        return len(claims)

    async def _claimed(self, room: int, *, alone: bool) -> Sequence[C]:
        surely = asyncio.get_running_loop().time() + self.LEASE
        claims = await self.claim(room, alone=alone)
        self._held.take(claims, surely)
        return claims

    def _launch(self, claimed: C) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(claimed), name=f"{self.name} {claimed.lease.id}")
        self._in_flight[task], self._begun[task] = claimed, asyncio.get_running_loop().time()
        QUEUE_WORKING.labels(self.name).set(len(self._in_flight))
        task.add_done_callback(self._landed)
        return task

    def _landed(self, task: asyncio.Task[None]) -> None:
        claimed = self._in_flight.pop(task)
        del self._begun[task]
        self._held.drop(claimed)
        if task is self._alone:
            self._alone = None
        QUEUE_WORKING.labels(self.name).set(len(self._in_flight))
        self._stirred.set()

    async def _run(self, claimed: C) -> None:
        error = await self._outcome(claimed)
        if error is None:
            return
        QUEUE_FAILURES.labels(self.name).inc()
        try:
            await until_it_works(
                lambda: self.failed(claimed, error), AWAY, first=0.1, most=2, within=max(1.0, self.LEASE / 2)
            )
        except Exception as unrecorded:  # noqa: BLE001 - the lease ends by itself, which counts as a worker's death
            reason, because = error_location(unrecorded), error_location(error)
            log.error("queue.unrecorded", queue=self.name, reason=reason, because=because)  # noqa: TRY400 - no text of an error is logged

    async def _outcome(self, claimed: C) -> BaseException | None:
        if claimed.lease.deaths >= self.DEATHS:
            return WorkerDied()
        # The watchdog names the task that holds the event loop.
        working = asyncio.create_task(self._contained(claimed), name=f"{self.name} {claimed.lease.id}")
        try:
            await asyncio.wait({working}, timeout=self.LONGEST)
        except asyncio.CancelledError:
            await end_all([working])
            raise
        if not working.done():
            await end_all([working])
            return NotEnded()
        # What a library cancels within the work is a failure of the row as any other.
        return asyncio.CancelledError() if working.cancelled() else working.exception()

    async def _contained(self, claimed: C) -> None:
        try:
            await self.work(claimed)
        except SystemExit as error:  # it would end the whole process
            raise RuntimeError("the work asked its process to end") from error

    async def _leave(self) -> None:
        """Let what is under way end, for a moment; give back the rest."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=self.GRACE)
        left = [claimed.lease for claimed in self._in_flight.values()]
        await end_all(self._in_flight)
        with suppress(*AWAY, TimeoutError):
            async with asyncio.timeout(self.GRACE):
                await self.rows.release(self.database, left)
        await self.rest()
