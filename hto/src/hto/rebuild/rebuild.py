"""From the log's first event to the switch, while the live consumer goes on."""

# Both sets of tables are compared, and switched, at a moment at which they have handled the same events: the writers of
# the old ones wait, and what the live consumer's inbox and offsets say that it has handled is handled here as well, and
# nothing else. So its inbox, its offsets and what it has parked are true of the new tables as they are.

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from common.decision import MissingDependency
from common.envelope import Envelope
from common.messaging.consumer import parking
from common.messaging.consumer.careful import Spot, spot_of
from common.messaging.consumer.decode import decode
from common.messaging.consumer.dispatch import Dispatch, TryLater
from common.messaging.log import EventLog, Offsets, Partition, Record
from common.messaging.rights import GROUP_PREFIX
from common.persistence.database import Database
from common.persistence.terms import Forget
from common.service.projection import Projection
from common.service.retention import forget_all
from events import events_topic
from events.flow import EventDiscarded
from hto.rebuild.comparison import Comparison
from hto.rebuild.reading import BATCH, OrderedReader
from hto.rebuild.shadow import Shadow, TablesBusy

_ROUNDS: Final = 10
"""How often the live consumer is followed before its writers wait: it goes on while the log is replayed."""
_NEAR: Final = BATCH
"""Events that may be left to handle while writers wait."""

Show = Callable[[int, int], None]
"""Shows how many events were handled, and how many there are as far as is known."""


class RebuildFailed(Exception):
    """The projection cannot be rebuilt; the old tables are as they were."""


class AlreadyRebuilding(RebuildFailed):
    """Another rebuild of the same projection runs."""


class CannotReplay(RebuildFailed):
    """An event cannot be handled, or its handler does more than write a read model."""


class Disturbed(RebuildFailed):
    """An operator passed over an event that was handled here already: to be run again."""


class Rebuild:
    """One rebuild of one projection."""

    def __init__(
        self,
        projection: Projection,
        database: Database,
        event_log: EventLog,
        services: Sequence[str],
        *,
        show: Show = lambda _done, _total: None,
    ) -> None:
        """Prepare; ``services`` names all there are."""
        self._projection, self._live, self._log = projection, database, event_log
        self._group: Final = f"{GROUP_PREFIX}{projection.name}"
        self._topics: Final = projection.handlers.topics(services)
        self._shadow: Final = Shadow(database, projection)
        self._dispatch: Final = Dispatch(self._shadow.database, projection.handlers, projection.name)
        self._show = show
        self._done = 0
        self._set_aside: list[Record] = []
        """What the live consumer had parked when it was read here."""
        self._discarded: set[str] = set()
        """The ids of events that an operator had it pass over."""
        self._reader: OrderedReader
        self._orders: OrderedReader

    async def run(self, decide: Callable[[Comparison], bool]) -> Comparison:
        """Replay, compare and, where ``decide`` says so of what differs, switch.

        Raises:
            AlreadyRebuilding: another one runs.
            RebuildFailed: the reason why it cannot be done.
        """
        async with self._alone():
            await self._shadow.make()
            try:
                async with self._reading():
                    comparison = await self._replay_and_compare()
                    if decide(comparison):
                        await self._switch()
            except TablesBusy:
                raise RebuildFailed("the tables are written to, or read, by a transaction that does not end") from None
            except MissingDependency as missing:
                raise RebuildFailed(f"this service has not got {missing.fact} yet") from None
            except TryLater as error:
                raise RebuildFailed("the database failed meanwhile") from error
            finally:
                await self._shadow.drop()
        return comparison

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold what only one rebuild of this projection holds; it goes with the process."""
        async with self._live.engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            if not (await autocommit.execute(_ALONE, {"name": self._projection.name})).scalar_one():
                raise AlreadyRebuilding(f"{self._projection.name} is being rebuilt by another process")
            try:
                yield
            finally:
                await autocommit.execute(_RELEASE, {"name": self._projection.name})

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        own = events_topic(self._live.service)
        events = await self._log.subscribe(self._topics, group=None)
        orders = await self._log.subscribe([own], group=None)
        try:
            self._reader = OrderedReader(events, _starts(await self._offsets()))
            self._orders = OrderedReader(orders, _starts(await self._log.offsets(self._group, [own])))
            yield
        finally:
            await events.close()
            await orders.close()

    async def _replay_and_compare(self) -> Comparison:
        await self._read_discards()
        await self._follow()
        for purge in self._projection.purges:
            await self._purge(purge)
        await self._shadow.analyze()
        async with AsyncExitStack() as stack:
            async with self._shadow.writers_wait() as connection:
                await self._same(connection)
                snapshot = await stack.enter_async_context(self._shadow.snapshot())
            # Writers go on: a comparison of large tables takes its time.
            parked = await snapshot.execute(_COUNT_PARKED, {"consumer": self._projection.name})
            tables = await self._shadow.compare(snapshot)
        purged = {place.topic for place, one in (await self._offsets()).items() if one.first > 0}
        return Comparison(tables=tables, parked=parked.scalar_one(), purged=sorted(purged))

    async def _switch(self) -> None:
        await self._follow()
        async with self._shadow.writers_wait(readers_too=True) as connection:
            await self._same(connection)
            await self._shadow.take_over(connection)

    async def _follow(self) -> None:
        """Handle what the live consumer has committed, until little is left."""
        for _ in range(_ROUNDS):
            before, offsets = self._done, await self._offsets()
            await self._note_numbers()
            committed = {place: one.committed or 0 for place, one in offsets.items()}
            total = self._done + self._reader.left(committed)
            async for records in self._reader.up_to(committed):
                await self._handle(records)
                self._show(self._done, total)
            if self._done - before <= _NEAR:
                break
        await self._check()

    async def _note_numbers(self) -> None:
        async with self._live.engine.connect() as connection:
            await self._shadow.note_numbers(connection)

    async def _same(self, connection: AsyncConnection) -> None:
        """Handle what the live consumer has handled, and nothing else; its writers wait for this connection."""
        await self._shadow.note_numbers(connection)
        new = await self._read_discards()
        if await self._shadow.has_handled(new):
            raise Disturbed("an operator passed over an event while it was replayed: run it again")
        offsets = await self._offsets()
        await self._handle_redriven()
        self._reader.stopped = set()
        async for records in self._reader.up_to({place: one.end for place, one in offsets.items()}):
            await self._handle(await self._handled_by_live(records, offsets))
        await self._check()

    async def _handled_by_live(self, records: Sequence[Record], offsets: Mapping[Partition, Offsets]) -> list[Record]:
        """Return those that it has handled; of each partition nothing after the first that it has not."""
        open_ = [record for record in records if record.offset >= (offsets[record.place].committed or 0)]
        # What nobody reacts to is in no inbox, nor is what has no envelope: that is parked by its place.
        items = {spot_of(one): decode(one, self._projection.handlers, self._live.service_of) for one in open_}
        envelopes = {spot: item.envelope for spot, item in items.items() if item is not None}
        known = await self._in_inbox([envelope for envelope in envelopes.values() if envelope is not None])
        parked = await self._parked(open_)
        theirs: list[Record] = []
        left: list[Record] = []
        stopped = self._reader.stopped
        for record in records:
            spot = spot_of(record)
            envelope = envelopes.get(spot)
            if spot in envelopes and spot not in parked and (envelope is None or envelope.id not in known):
                stopped.add(record.place)
            (left if record.place in stopped else theirs).append(record)
        self._reader.give_back(left)
        return theirs

    async def _in_inbox(self, envelopes: Sequence[Envelope]) -> set[UUID]:
        sources, ids = [one.source for one in envelopes], [one.id for one in envelopes]
        about = {"consumer": self._projection.name, "sources": sources, "ids": ids}
        return {row.event_id for row in await self._live.execute(_IN_INBOX, about)}

    async def _handle(self, records: Sequence[Record]) -> None:
        """Handle records as the live consumer did, but for those that it has parked or an operator discarded."""
        parked = await self._parked(records)
        self._set_aside += [record for record in records if spot_of(record) in parked]
        await self._dispatch_all_but(parked, records)
        self._done += len(records)

    async def _handle_redriven(self) -> None:
        """Handle what was parked when it was read, and was redriven since, in order."""
        for start in range(0, len(self._set_aside), BATCH):
            some = self._set_aside[start : start + BATCH]
            await self._dispatch_all_but(await self._parked(some), some)
        still = await self._parked(self._set_aside)
        self._set_aside = [record for record in self._set_aside if spot_of(record) in still]

    async def _dispatch_all_but(self, parked: set[Spot], records: Sequence[Record]) -> None:
        await self._dispatch.batch(
            [
                record
                for record in records
                if spot_of(record) not in parked and record.headers.get("ce_id") not in self._discarded
            ]
        )

    async def _parked(self, records: Sequence[Record]) -> set[Spot]:
        if not records:
            return set()
        topics, partitions, offsets = zip(*map(spot_of, records), strict=True)
        about = {"topics": list(topics), "partitions": list(partitions), "offsets": list(offsets)}
        rows = await self._live.execute(_PARKED, {"consumer": self._projection.name, **about})
        return {(row.topic, row.partition, row.offset) for row in rows}

    async def _read_discards(self) -> set[str]:
        """Find the events that an operator had the consumer pass over; return those that are new."""
        before = set(self._discarded)
        # First: what leaves the outbox meanwhile is on the log by then.
        rows = await self._live.execute(_DISCARDS_TO_COME, {"type": EventDiscarded.type})
        self._note_discards(row.payload for row in rows)
        own = events_topic(self._live.service)
        ends = {place: one.end for place, one in (await self._log.offsets(self._group, [own])).items()}
        async for records in self._orders.up_to(ends):
            of_ours = (record for record in records if record.headers.get("ce_type") == EventDiscarded.type)
            self._note_discards(record.value for record in of_ours)
        return self._discarded - before

    def _note_discards(self, payloads: Any) -> None:
        # The service's own consumer: of which the projection may have been a part.
        consumers = {self._projection.name, self._live.service}
        for payload in payloads:
            event = EventDiscarded.model_validate_json(payload)
            # What came a second time and was refused is no reason to leave the first one out.
            again = event.parked_key.startswith(parking.AGAIN)
            if event.consumer in consumers and event.event_id and not again:
                self._discarded.add(event.event_id)

    async def _check(self) -> None:
        parked = await self._shadow.parked()
        if parked is not None:
            raise CannotReplay(f"cannot handle {parked}")
        effects = await self._shadow.effects()
        if effects:
            raise CannotReplay(f"{self._projection.name} is no projection: it {', '.join(effects)}")

    async def _purge(self, purge: Forget) -> None:
        """Purge both sets: the log may have events for longer than their rows stay."""
        await forget_all(self._live, purge)
        await self._shadow.purge(purge)

    async def _offsets(self) -> Mapping[Partition, Offsets]:
        return await self._log.offsets(self._group, self._topics)


def _starts(offsets: Mapping[Partition, Offsets]) -> dict[Partition, int]:
    return {place: one.first for place, one in offsets.items()}


_ALONE: Final = text("SELECT pg_try_advisory_lock(hashtext('hto rebuild'), hashtext(:name))")
_RELEASE: Final = text("SELECT pg_advisory_unlock(hashtext('hto rebuild'), hashtext(:name))")
_COUNT_PARKED: Final = text("SELECT count(*) AS number FROM parked_events WHERE consumer = :consumer")
_PARKED: Final = text("""
    SELECT topic, partition, "offset" FROM parked_events
    WHERE consumer = :consumer AND (topic, partition, "offset") IN (
        SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:offsets AS bigint[]))
    )
""")
_IN_INBOX: Final = text("""
    SELECT event_id FROM inbox
    WHERE consumer = :consumer AND (source, event_id) IN (
        SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:ids AS uuid[]))
    )
""")
_DISCARDS_TO_COME: Final = text("SELECT payload FROM outbox WHERE type = :type")
