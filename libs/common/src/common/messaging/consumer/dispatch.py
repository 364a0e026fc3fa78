"""From records to effects: a polled batch is one transaction; a culprit is found by replaying it one by one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar
from uuid import UUID

import structlog
from opentelemetry import trace

from common.decision import MissingDependency
from common.errors import DomainError
from common.messaging.consumer import floor, parking
from common.messaging.consumer.careful import UNCOUNTED, Careful, spot_of
from common.messaging.consumer.decode import Unreadable, decode
from common.messaging.consumer.handlers import BulkHandler, Handlers, Received
from common.messaging.consumer.parking import Stop
from common.messaging.log import Record
from common.persistence.lease import WorkerDied
from common.persistence.transaction import Tx
from common.runtime.backoff import backoff
from common.runtime.event_loop import is_stopping
from common.runtime.failures import AWAY, Failure, failure_of
from common.runtime.telemetry import DUPLICATES, HANDLED, HANDLER_TIME, RETRIES, error_frames, error_location
from events import name_of

if TYPE_CHECKING:
    from common.persistence.database import Database

log = structlog.get_logger()
tracer = trace.get_tracer("hto")

Item = Received | Unreadable
T = TypeVar("T")


class TryLater(Exception):
    """The database, not the event, is the reason: nothing was done, and the batch is to be tried again."""


class HandlerHangs(Exception):
    """The handler did not end in time."""


class HandlerEnds(Exception):
    """The handler asked its process to end, or cancelled itself."""


class _SomeWait(Exception):
    """Events of a batch wait for facts: by event, the fact."""

    def __init__(self, facts: Mapping[UUID, str]) -> None:
        super().__init__()
        self.facts = facts

    @property
    def fact(self) -> str:
        """That of the only one."""
        (fact,) = self.facts.values()
        return fact


class Dispatch:
    """Handles records for one consumer of one service, with one effect however often they are delivered."""

    TRIES: Final = 3
    """How often an event is tried that fails for a reason of its own, before it is parked."""
    RACES: Final = 5
    """How often it is tried at once where the failure may pass, before it is parked and its key waits."""
    PASSING_TRIES: Final = 10
    """How often it is tried in all where the failure may pass: some forty seconds. A lost race or a file that is being
    replaced is over by then; what still fails needs a person, and is announced."""
    PASSES: Final = 5
    """How often a batch is begun anew without those that wait for a fact, before it is replayed one by one."""
    ENDS_WITHIN: ClassVar[float] = 60.0
    """Seconds that a batch may take, and half of it one event alone: what hangs must not hold up the others."""
    FIRST_WAIT: Final = 0.5
    """Seconds after which a missing fact is looked for again, unless one comes in before."""

    def __init__(self, database: Database, handlers: Handlers, consumer: str) -> None:
        """Handle for ``consumer``: the inbox and the parked events are kept under this name."""
        self.database, self.handlers, self.consumer = database, handlers, consumer
        self.careful: Final = Careful(database, consumer)
        self.arrived: set[str] = set()
        """The subjects of what was handled since they were last asked for: facts that a key may wait for."""

    async def batch(self, records: Sequence[Record]) -> int:
        """Handle records in order and commit; return how many had an effect.

        Raises:
            TryLater: the database failed; what had been committed is known to the inbox.
        """
        items = [item for record in records if (item := self._decode(record)) is not None]
        if not items:
            return 0
        with tracer.start_as_current_span(f"{self.consumer} batch"), HANDLER_TIME.labels(self.consumer).time():
            had_effect = await (self._carefully(items) if self.careful.on else self._as_batch(items))
        self.arrived |= {item.envelope.subject for item in items if item.envelope is not None}
        return had_effect

    async def _as_batch(self, items: Sequence[Item]) -> int:
        waiting: dict[UUID, str] = {}
        for _ in range(self.PASSES):
            try:
                return await self._together(items, waiting, within=self.ENDS_WITHIN)
            except _SomeWait as some:
                if len(items) == 1:
                    break
                waiting |= some.facts
            except Exception as error:  # noqa: BLE001 - the culprit is found below, one by one
                RETRIES.labels(self.consumer, type(error).__name__).inc()
                break
        return await self._one_by_one(items)

    async def _carefully(self, items: Sequence[Item]) -> int:
        """Handle items after a death: their start is written down before, and what was begun before runs alone."""
        try:
            starts = await self.careful.starts([item.record for item in items])
            had_effect = 0
            for begun, group in groupby(items, key=lambda item: starts.get(spot_of(item.record), 0)):
                run = list(group)
                for some in ([one] for one in run) if begun else (run,):
                    had_effect += await self._marked(some, begun)
        except AWAY as error:
            raise TryLater from error
        return had_effect

    async def _marked(self, items: Sequence[Item], begun: int) -> int:
        records = [item.record for item in items]
        if begun >= self.careful.STARTS:
            await self._park_failed(items[0], WorkerDied(), passes=False, attempts=begun + UNCOUNTED)
            had_effect = 1
        else:
            await self.careful.mark(records)
            had_effect = await (self._one_by_one(items) if begun else self._as_batch(items))
        await self.careful.clear(records)
        return had_effect

    async def redrive(self, topic: str, key: str) -> int:
        """Handle a parked key's events in order, each in a transaction of its own, as far as they go.

        Returns:
            How many were handled.

        Raises:
            TryLater: the database failed; what had been handled stays so.
        """
        done = 0
        while True:
            record, position = None, 0
            try:
                if self.careful.on and not await self._may_redrive(topic, key):
                    return done
                async with self.database.begin(actor=f"redrive:{self.consumer}") as tx:
                    found = await parking.next_parked(tx, self.consumer, topic, key)
                    if found is None:
                        return done
                    position, record = found
                    item = self._decode(record)
                    if isinstance(item, Unreadable):
                        await parking.failed_again(tx, self.consumer, record, Stop(why=item.why, reason=item.reason))
                        return done
                    if item is not None:
                        await self._in_time(self._call([item], tx), self.ENDS_WITHIN / 2)
                    left = await parking.handled(tx, self.consumer, record, position)
                done += 1
                await self._ended(record)
                self.arrived.add(record.headers.get("ce_subject", ""))
                if left == 0:
                    return done
            except Exception as error:
                if record is None or await self._is_outage(error):
                    raise TryLater from error
                await self._failed_again(record, position, error)
                await self._ended(record)
                return done

    async def _ended(self, record: Record) -> None:
        if self.careful.on:
            await self.careful.clear([record])

    async def _may_redrive(self, topic: str, key: str) -> bool:
        """After a death: count the start of a parked key's first event; what died too often waits for an order."""
        async with self.database.begin(actor=f"redrive:{self.consumer}") as tx:
            found = await parking.next_parked(tx, self.consumer, topic, key)
            if found is None:
                return True
            record = found[1]
            starts = (await self.careful.starts([record])).get(spot_of(record), 0)
            if starts < self.careful.STARTS:
                await self.careful.mark([record])
                return True
            died = Stop(why="failed", reason=error_location(WorkerDied()), attempts=starts + UNCOUNTED)
            await parking.failed_again(tx, self.consumer, record, died)
        await self.careful.clear([record])
        return False

    def _decode(self, record: Record) -> Item | None:
        return decode(record, self.handlers, self.database.service_of)

    async def _together(self, items: Sequence[Item], waiting: Mapping[UUID, str], *, within: float) -> int:
        return await self._in_time(self._in_one_transaction(items, waiting), within)

    async def _in_one_transaction(self, items: Sequence[Item], waiting: Mapping[UUID, str]) -> int:
        async with self.database.begin(actor=f"consumer:{self.consumer}") as tx:
            return await self._in(tx, items, waiting)

    async def _in_time(self, work: Coroutine[Any, Any, T], within: float) -> T:
        try:
            async with asyncio.timeout(within) as limit:
                return await work
        except TimeoutError as error:
            if limit.expired():
                raise HandlerHangs from error
            raise
        except SystemExit as error:  # it would end the whole process
            raise HandlerEnds from error
        except asyncio.CancelledError as error:
            if is_stopping():
                raise
            raise HandlerEnds from error  # a library's, within the handler

    async def _in(self, tx: Tx, items: Sequence[Item], waiting: Mapping[UUID, str]) -> int:
        known = [item.envelope for item in items if item.envelope is not None]
        new = await tx.sees_first(self.consumer, known) if known else set()
        keys = sorted({(item.record.topic, item.record.key) for item in items})
        parked = await parking.parked_among(tx, self.consumer, keys)
        fresh = _first_of_each(items, new)
        DUPLICATES.labels(self.consumer).inc(len(items) - len(fresh))
        refused = await floor.refused(tx, self.consumer, ((item.record, item.envelope) for item in fresh))
        free: list[Received] = []
        for item in fresh:
            if item.envelope is not None and item.envelope.id in refused:
                tx.cause = item.envelope
                await floor.set_aside(tx, self.consumer, item.record)
            elif (item.record.topic, item.record.key) in parked:
                tx.cause = item.envelope
                await parking.park_behind(tx, self.consumer, item.record)
            elif isinstance(item, Unreadable):
                # Before it is parked, what came before it in this batch must have had its effect.
                await self._call(free, tx)
                free = []
                tx.cause = item.envelope
                await parking.park(tx, self.consumer, item.record, Stop(why=item.why, reason=item.reason))
                parked.add((item.record.topic, item.record.key))
            elif item.envelope.id in waiting:
                tx.cause = item.envelope
                await parking.park(tx, self.consumer, item.record, self._waits(waiting[item.envelope.id]))
                parked.add((item.record.topic, item.record.key))
            else:
                free.append(item)
        await self._call(free, tx)
        return len(fresh)

    async def _call(self, received: Sequence[Received], tx: Tx) -> None:
        for bulk, run in groupby(received, key=self._bulk_for):
            if bulk is not None:
                tx.cause = None
                await self._call_bulk(bulk, tuple(run), tx)
                continue
            for item in run:
                tx.cause = item.envelope
                try:
                    await self._call_single(item, tx)
                except MissingDependency as missing:
                    raise _SomeWait({item.envelope.id: missing.fact}) from missing
        for type_, count in Counter(item.envelope.type for item in received).items():
            HANDLED.labels(self.consumer, name_of(type_)).inc(count)

    async def _call_bulk(self, bulk: BulkHandler, run: Sequence[Received], tx: Tx) -> None:
        try:
            waits = await bulk(run, tx)
        except MissingDependency as missing:
            if len(run) > 1:
                raise
            raise _SomeWait({run[0].envelope.id: missing.fact}) from missing
        if waits:
            raise _SomeWait({one.item.envelope.id: one.fact for one in waits})

    async def _call_single(self, item: Received, tx: Tx) -> None:
        if item.event is None:
            await self.handlers.tombstone_handlers[item.envelope.type](item.envelope.key, tx)
        else:
            await self.handlers.single[item.event.type](item.event, tx)

    def _bulk_for(self, item: Received) -> BulkHandler | None:
        return None if item.event is None else self.handlers.bulk_for(item.event.type)

    async def _one_by_one(self, items: Sequence[Item]) -> int:
        return sum([await self._alone(item) for item in items])

    async def _alone(self, item: Item) -> int:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._together([item], {}, within=self.ENDS_WITHIN / 2)
            except _SomeWait as some:
                await self._park(item, self._waits(some.fact))
                return 1
            except Exception as error:
                if await self._is_outage(error):
                    raise TryLater from error
                RETRIES.labels(self.consumer, type(error).__name__).inc()
                passes = failure_of(error) is not Failure.BUG
                if isinstance(error, DomainError | HandlerHangs) or attempt >= (self.RACES if passes else self.TRIES):
                    await self._park_failed(item, error, passes=passes)
                    return 1
            await asyncio.sleep(backoff(attempt, first=0.02))

    async def _park_failed(self, item: Item, error: Exception, *, passes: bool, attempts: int = 1) -> None:
        """Park a key; where the failure may pass, it is tried again by itself before operators see it."""
        reason, trail = error_location(error), error_frames(error)
        log.error("event.parked", consumer=self.consumer, key=item.record.key, reason=reason, trail=trail)
        retry_in = self.FIRST_WAIT if passes else None
        await self._park(item, Stop(why="failed", reason=reason, retry_in=retry_in, attempts=attempts))

    async def _is_outage(self, error: Exception) -> bool:
        """Whether the database is away for every event: then nothing is counted against this one."""
        return failure_of(error) is Failure.AWAY and not await self.database.answers()

    async def _park(self, item: Item, stop: Stop) -> None:
        """Park in the transaction of the event's own inbox row."""
        try:
            async with self.database.begin(actor=f"consumer:{self.consumer}") as tx:
                if item.envelope is None or await tx.sees_first(self.consumer, [item.envelope]):
                    tx.cause = item.envelope
                    await parking.park(tx, self.consumer, item.record, stop)
        except AWAY as error:
            raise TryLater from error

    async def _failed_again(self, record: Record, position: int, error: Exception) -> None:
        async with self.database.begin(actor=f"redrive:{self.consumer}") as tx:
            found = await parking.next_parked(tx, self.consumer, record.topic, record.key)
            if found is None or found[0] != position:
                return  # another worker was quicker
            attempts = await parking.attempts_of(tx, self.consumer, record.topic, record.key)
            if isinstance(error, _SomeWait):
                stop = self._waits(error.fact, backoff(attempts, first=self.FIRST_WAIT, most=60))
            else:
                reason, trail = error_location(error), error_frames(error)
                log.error("event.failed-again", consumer=self.consumer, key=record.key, reason=reason, trail=trail)
                passes = failure_of(error) is not Failure.BUG and attempts < self.PASSING_TRIES
                retry_in = backoff(attempts, first=self.FIRST_WAIT, most=5) if passes else None
                stop = Stop(why="failed", reason=reason, retry_in=retry_in)
            await parking.failed_again(tx, self.consumer, record, stop)

    def _waits(self, fact: str, retry_in: float | None = None) -> Stop:
        reason = str(MissingDependency(fact))
        return Stop(why="waiting", reason=reason, retry_in=retry_in or self.FIRST_WAIT, fact=fact)


def _first_of_each(items: Sequence[Item], new: set[UUID]) -> list[Item]:
    """Keep what the inbox had not seen; an event that stands twice in one batch is kept once."""
    left = set(new)
    fresh: list[Item] = []
    for item in items:
        if item.envelope is None:
            fresh.append(item)
        elif item.envelope.id in left:
            left.remove(item.envelope.id)
            fresh.append(item)
    return fresh
