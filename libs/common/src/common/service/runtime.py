"""A service at work in this process: its database, and the loops of an api or a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final

import asyncpg
import structlog
from sqlalchemy import select

from common.clock import Clock
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.consumer.loop import Consumer
from common.messaging.log import EventLog
from common.messaging.log_retention import purge_topic
from common.messaging.outbox import Notifier, Relay
from common.persistence.database import Database
from common.persistence.deadlines import DeadlineLoop
from common.persistence.stored_answers import forget_old_answers
from common.persistence.terms import AUDIT, PROCESSING_LOG, Forget
from common.runtime.backoff import until_it_works
from common.runtime.event_loop import is_stopping
from common.runtime.failures import AWAY
from common.runtime.loops import HEALTHY_AFTER, LoopState, LoopTroubled, run_for_ever
from common.runtime.settings import Settings
from common.runtime.telemetry import error_location
from common.service import Service
from common.service.housekeeping import CLOCK_CHANNEL
from common.service.loop import SHUTDOWN_GRACE, LoopContext
from common.service.retention import run_hourly
from common.service.rights import consumers_of

log = structlog.get_logger()


class ServiceRuntime:
    """One service in one process. ``services`` names all there are, since some listen to every one of them."""

    MEASURE: Final = 5.0
    CLOCK: Final = 5.0
    """Seconds after which the clock is read without a notice that it moved: a notice may get lost."""
    TROUBLED: Final = 3
    """Failures in a row after which a loop is in trouble."""
    STANDS_STILL: Final = 180.0
    """Seconds without a turn after which a consumer stands still: longer than any batch may take."""

    def __init__(self, service: Service, settings: Settings, event_log: EventLog, services: Sequence[str]) -> None:
        """Connect the parts; nothing is opened yet."""
        self.service, self.settings, self.log = service, settings, event_log
        self.database = Database(
            settings.database_of(service.name),
            service=service.name,
            metadata=service.tables,
            oin=settings.oin,
            clock=Clock(),
            pool_size=settings.pool_size,
            follows_clock=settings.test_clock,
        )
        self.relay = Relay(self.database, event_log)
        self.deadlines = DeadlineLoop(self.database, service.deadlines)
        self.consumers = [
            Consumer(
                event_log,
                Dispatch(self.database, handlers, handlers.consumer or service.name),
                handlers.topics(services),
            )
            for handlers in consumers_of(service, follow_clock=settings.test_clock)
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._loops: dict[str, LoopState] = {}
        self._has_policies = False

    async def start(self, *, api: bool = False, worker: bool = False) -> None:
        """Start the loops of an api, of a worker, or of both in one process."""
        if self.settings.test_clock:
            # Who is started before its database waits for it, as every loop does later.
            await until_it_works(self.read_clock, AWAY, on_error=self._log_waiting)
            self._supervise("clock", self._follow_clock)
        if api or worker:
            self._supervise("notifier", Notifier(self.database, self.relay if worker else None).run)
        if worker:
            self._supervise("relay", self.relay.run)
            self._supervise("deadlines", self.deadlines.run)
            self._supervise("measure", self._measure)
            self._supervise("tidy", partial(run_hourly(*self._purges()), self.loop_context))
            for consumer in self.consumers:
                self._supervise(f"consumer {consumer.group}", consumer.run)
                self._supervise(f"retry {consumer.group}", consumer.retry)
            for loop in self.service.loops:
                self._supervise(f"loop {loop.__qualname__}", partial(loop, self.loop_context))

    @property
    def loop_context(self) -> LoopContext:
        """Return what a loop of the service works with."""
        return LoopContext(database=self.database, settings=self.settings)

    def _purges(self) -> Iterator[Forget]:
        """Return the purges of the plumbing's tables, which every service has."""
        # They hold what was answered, names included.
        yield forget_old_answers
        yield AUDIT
        if PROCESSING_LOG.table in self.service.tables.tables:
            yield PROCESSING_LOG
        for consumer in self.consumers:
            yield consumer.purge()
        for topic in self.service.topics:
            if not topic.compacted:
                yield purge_topic(self.log, topic.name)

    async def stop(self) -> None:
        """Stop the loops, leave the consumer groups and close the pool."""
        tasks, self._tasks = self._tasks, []
        left = set(tasks)
        while left:
            # Again and again: before Python 3.12 a library's wait_for may swallow a cancellation.
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=SHUTDOWN_GRACE)
        await self.database.close()

    async def ready(self) -> None:
        """Return when this service may decide: its database answers and the initial policies are there.

        Raises:
            Missing: the policies have not all arrived.
        """
        if not self._has_policies:  # what has arrived is never taken back
            async with self.database.begin(actor="readiness") as tx:
                await self.database.check_policies(tx)
            self._has_policies = True

    async def check_loops(self) -> None:
        """Return when every loop runs.

        Raises:
            LoopTroubled: one keeps failing, or stands still.
        """
        now = asyncio.get_running_loop().time()
        for name, state in self._loops.items():
            if state.failures >= self.TROUBLED and now - state.failed_at < HEALTHY_AFTER:
                raise LoopTroubled(name, f"fails again and again: {state.reason}")
        for consumer in self.consumers:
            if consumer.beat is not None and now - consumer.beat > self.STANDS_STILL:
                raise LoopTroubled(f"consumer {consumer.group}", f"stands still at {consumer.at}")
        self.database.turns.check()

    def at(self, task: str) -> str | None:
        """Return what a consumer's task handles or handled last; None for any other task, whose name says it."""
        for consumer in self.consumers:
            if task == f"{self.service.name} consumer {consumer.group}":
                return consumer.at
        return None

    async def read_clock(self) -> None:
        """Read how far business time was moved."""
        rows = await self.database.execute(select(self.database.metadata.tables["clock"].c.offset_seconds))
        self.database.clock.offset = timedelta(seconds=rows[0].offset_seconds if rows else 0)

    def _log_waiting(self, error: Exception) -> None:
        log.warning(
            "start.waits", service=self.service.name, for_what="a migrated database", reason=error_location(error)
        )

    def _supervise(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        state = self._loops[name] = LoopState()
        self._tasks.append(
            asyncio.create_task(run_for_ever(name, self.service.name, run, state), name=f"{self.service.name} {name}")
        )

    async def _follow_clock(self) -> None:
        connection = await asyncpg.connect(
            self.database.url, timeout=5, server_settings={"application_name": f"hto-{self.service.name}-clock"}
        )
        moved = asyncio.Event()
        try:
            connection.add_termination_listener(lambda *_: moved.set())
            await connection.add_listener(CLOCK_CHANNEL, lambda *_: moved.set())
            while not connection.is_closed() and not is_stopping():
                await self.read_clock()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.CLOCK):
                        await moved.wait()
                moved.clear()
        finally:
            connection.terminate()

    async def _measure(self) -> None:
        while not is_stopping():
            self.database.turns.measure()
            for measure in (self.deadlines.measure, *(consumer.measure for consumer in self.consumers)):
                await measure()
            await asyncio.sleep(self.MEASURE)
