"""A consumer at work: poll, handle, commit the offset; and beside it, what waits is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final

import structlog
from sqlalchemy import text

from common.messaging.consumer import floor, parking
from common.messaging.consumer.dispatch import Dispatch, TryLater
from common.messaging.log import EventLog, Lag, LogUnavailable, Partition, PartitionLost, Record, Subscription
from common.persistence.terms import Purge
from common.runtime.backoff import backoff, until_it_works
from common.runtime.event_loop import is_stopping
from common.runtime.failures import AWAY
from common.runtime.telemetry import LAG_EVENTS, LAG_SECONDS, PARKED, PARKED_AGE, error_chain
from events import state_topics

if TYPE_CHECKING:
    from collections.abc import Mapping

log = structlog.get_logger()


class Consumer:
    """One member of a consumer group, with the retries of what its service has parked."""

    BATCH: Final = 500
    WAIT: Final = 0.5
    COMMIT_EVERY: Final = 0.1
    """Seconds in which handled batches are gathered before their offsets are committed: the inbox knows them."""
    RETRY_POLL: Final = 0.25
    """Seconds between two looks at what is parked."""
    IDLE_POLL: ClassVar[float] = 2.0
    """The same where nothing was: what this process parks is seen at once, what another one does by then."""
    RETRY_BATCH: Final = 50
    GATHER: Final = 0.05
    """Seconds in which new facts are gathered before those that wait are tried again."""
    NOTE: ClassVar[float] = 60.0
    """Seconds after which it is noted again until when the log was read: the inbox is purged by it."""
    LONG: Final = 60.0
    """Seconds after which waiting for a fact is worth an alert."""
    FACTS_WITHIN: Final = 300.0
    """Seconds in which compacted topics are read alone, at most: what is missing then is waited for per key."""
    LOG_EVERY: Final = 5.0

    def __init__(self, event_log: EventLog, dispatch: Dispatch, topics: Sequence[str]) -> None:
        """Consume ``topics`` as the group named after the dispatch's consumer."""
        self._log, self._dispatch, self._topics = event_log, dispatch, topics
        self.group: Final = f"hto.{dispatch.consumer}"
        self._facts = asyncio.Event()
        self._handled: dict[Partition, int] = {}
        """The offsets that are to be committed."""
        self._commit_at = 0.0
        self._keeps = True
        """Whether something was parked at the last look."""
        self._note_at = 0.0
        self.subscription: Subscription | None = None
        self.beat: float | None = None
        """When its last turn began, by the event loop's clock; None while it does not run."""
        self.at = "nothing"
        """What it handles or handled last: topic, partition and offset."""

    async def run(self) -> None:
        """Consume until cancelled, through outages of the log and of the database."""
        await self._dispatch.careful.begin()
        failures = 0
        try:
            while not is_stopping():
                try:
                    self.subscription = await self._log.subscribe(self._topics, group=self.group)
                    failures = 0
                    await self._consume(self.subscription)
                except LogUnavailable as error:
                    failures += 1
                    self.beat = None
                    log.warning("consumer.log-unavailable", group=self.group, error=str(error))
                    await asyncio.sleep(backoff(failures, first=0.2, most=5))
        finally:
            await self._dispatch.careful.end()

    async def _consume(self, subscription: Subscription) -> None:
        try:
            await self._read_facts(subscription)
            while not is_stopping():
                await self._poll(subscription)
        finally:
            self.subscription = None
            await self._leave(subscription)

    async def retry(self) -> None:
        """Try parked keys again whose time has come, until cancelled."""
        await self._dispatch.careful.begin()
        await self._until_it_works(self._retry_newer)
        while not is_stopping():
            self._facts.clear()
            tried = await self._until_it_works(self.retry_due)
            if not tried:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.RETRY_POLL if self._keeps else self.IDLE_POLL):
                        await self._facts.wait()
                    await asyncio.sleep(self.GATHER)

    async def retry_due(self) -> int:
        """Try once each key whose time has come, and each that waits for what has come in; return how many."""
        facts, self._dispatch.arrived = self._dispatch.arrived, set()
        self._keeps = await parking.are_there_any(self._dispatch.database, self._dispatch.consumer)
        if not self._keeps:
            return 0
        async with self._dispatch.database.begin(actor="redrive") as tx:
            await parking.wake(tx, self._dispatch.consumer, facts)
            keys = await parking.to_retry(tx, self._dispatch.consumer, limit=self.RETRY_BATCH)
            await parking.announce_long_waits(tx, self._dispatch.consumer, after=self.LONG)
        failed: TryLater | None = None
        for topic, key in keys:
            try:
                if await self._dispatch.redrive(topic, key):
                    # What was handled after all may be the fact that another key waits for.
                    self._facts.set()
            except TryLater as error:
                failed = error  # one key that cannot go on now must not hold up the others
        if failed is not None:
            raise failed
        return len(keys)

    async def measure(self) -> None:
        """Put lag and parked events into the metrics."""
        if self.subscription is not None:
            lags = await self.subscription.lag()
            await self._note(lags)
            for partition, lag in lags.items():
                LAG_EVENTS.labels(self.group, partition.topic, partition.number).set(lag.events)
                LAG_SECONDS.labels(self.group, partition.topic, partition.number).set(lag.seconds)
        async with self._dispatch.database.begin(actor="metrics") as tx:
            rows = await tx.execute(_PARKED, {"consumer": self._dispatch.consumer})
            for row in rows:
                PARKED.labels(self._dispatch.consumer, row.why).set(row.events)
                PARKED_AGE.labels(self._dispatch.consumer, row.why).set(row.age)

    def purge(self) -> Purge:
        """Return what purges its inbox."""

        async def places() -> list[Partition]:
            return [
                Partition(topic, number)
                for topic in self._topics
                for number in range(await self._log.partitions(topic))
            ]

        return floor.purge_of(self._dispatch.consumer, places)

    async def _note(self, lags: Mapping[Partition, Lag]) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._note_at:
            async with self._dispatch.database.begin(actor="progress") as tx:
                await floor.note(tx, self._dispatch.consumer, lags)
            self._note_at = now + self.NOTE

    async def _poll(self, subscription: Subscription) -> None:
        clock = asyncio.get_running_loop().time
        self.beat = clock()
        wait = min(self.WAIT, max(0.0, self._commit_at - clock())) if self._handled else self.WAIT
        await self._take(subscription, await subscription.poll(limit=self.BATCH, wait=wait))

    async def _take(self, subscription: Subscription, records: Sequence[Record]) -> None:
        """Handle what was polled, and commit what is due."""
        clock = asyncio.get_running_loop().time
        if records:
            self.at = f"{records[0].topic}/{records[0].partition}/{records[0].offset}"
            await self._handle(subscription, records)
            if not self._handled:
                self._commit_at = clock() + self.COMMIT_EVERY
            self._handled |= _next_offsets(records)
        if self._handled and clock() >= self._commit_at:
            await self._commit(subscription)

    async def _read_facts(self, subscription: Subscription) -> None:
        """Read the compacted topics to their end before the others: what needs their states then finds them.

        Other events would be parked one by one until the states have come, nearly all of them at a first start.
        """
        facts = state_topics().intersection(self._topics)
        if not facts or facts.issuperset(self._topics):
            return
        clock = asyncio.get_running_loop().time
        began = logged_at = clock()
        while not is_stopping() and clock() - began < self.FACTS_WITHIN:
            self.beat = clock()
            subscription.pause(place for place in subscription.assigned() if place.topic not in facts)
            polled = await subscription.poll(limit=self.BATCH, wait=self.COMMIT_EVERY)
            await _give_back(subscription, [record for record in polled if record.topic not in facts])
            states = [record for record in polled if record.topic in facts]
            await self._take(subscription, states)
            if states or self._handled or not subscription.assigned():
                continue
            left = sum([lag.events for place, lag in (await subscription.lag()).items() if place.topic in facts])
            if not left:
                break
            if clock() - logged_at > self.LOG_EVERY:
                logged_at = clock()
                log.info("consumer.reads-facts", group=self.group, left=left)
        subscription.resume(subscription.assigned())
        log.info("consumer.facts-read", group=self.group, seconds=round(clock() - began, 1))

    async def _commit(self, subscription: Subscription) -> None:
        handled, self._handled = self._handled, {}
        try:
            await subscription.commit(handled)
        except PartitionLost:
            # Whoever has the partition now reads these again, and its inbox knows them.
            log.info("consumer.partition-lost", group=self.group)

    async def _leave(self, subscription: Subscription) -> None:
        try:
            if self._handled:
                await self._commit(subscription)
        finally:
            await subscription.close()

    async def _handle(self, subscription: Subscription, records: Sequence[Record]) -> None:
        """Handle a batch, however long the database takes to come back; polling keeps the membership alive."""
        attempt = 0
        while True:
            try:
                had_effect = await self._dispatch.batch(records)
            except TryLater as error:
                attempt += 1
                self.beat = asyncio.get_running_loop().time()
                log.warning("consumer.try-later", group=self.group, attempt=attempt, error=error_chain(error))
                await _poll_nothing(subscription, backoff(attempt, first=0.1, most=5))
            else:
                if had_effect:
                    self._facts.set()
                if attempt:
                    subscription.resume(subscription.assigned())
                return

    async def _retry_newer(self) -> int:
        async with self._dispatch.database.begin(actor="redrive") as tx:
            await parking.retry_newer(tx, self._dispatch.consumer)
        return 0

    async def _until_it_works(self, action: Callable[[], Awaitable[int]]) -> int:
        def on_error(error: Exception) -> None:
            log.warning("retry.interrupted", group=self.group, error=error_chain(error))

        return await until_it_works(action, (*AWAY, TryLater), on_error=on_error)


async def _poll_nothing(subscription: Subscription, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        subscription.pause(subscription.assigned())
        for record in await subscription.poll(limit=1, wait=min(left, 0.5)):
            # Of a partition that came to us while we wait: nobody has handled it, so it is read again.
            with suppress(PartitionLost):
                await subscription.seek(record.place, record.offset)
    subscription.pause(subscription.assigned())


async def _give_back(subscription: Subscription, records: Sequence[Record]) -> None:
    """Have records delivered again, and nothing of their partitions meanwhile."""
    first = {record.place: record.offset for record in reversed(records)}
    subscription.pause(first)
    for place, offset in first.items():
        with suppress(PartitionLost):
            await subscription.seek(place, offset)


def _next_offsets(records: Sequence[Record]) -> Mapping[Partition, int]:
    return {record.place: record.offset + 1 for record in records}


_PARKED: Final = text("""
    SELECT w.why, count(e.position) AS events,
           coalesce(extract(epoch FROM clock_timestamp() - min(k.since))::float8, 0) AS age
    FROM (VALUES ('waiting'), ('failed'), ('unreadable'), ('newer')) AS w (why)
    LEFT JOIN parked_keys k ON k.why = w.why AND k.consumer = :consumer
    LEFT JOIN parked_events e ON (e.consumer, e.topic, e.key) = (k.consumer, k.topic, k.key)
    GROUP BY w.why
""")
