"""A service at work on a log of its own: events come in as their services publish them; read models are rebuilt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from common.envelope import Envelope
from common.messaging.consumer import Handlers, parking
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.consumer.loop import Consumer
from common.messaging.log import EventLog, Message, Producer
from common.persistence.database import Database
from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from common.service import Projection, Service
from common.service.runtime import ServiceRuntime
from events import Event, topic_from
from events.contracts import AssignmentStarted, HoursApproved
from events.registry import TrainerApplied, TrainerAvailable
from hto.documents.event_schemas import sample_of
from hto.rebuild import Comparison, Rebuild
from hto.rebuild.rebuild import Show
from hto.services import NAMES, all_services
from operations.app import service as operations_service
from tests.support.at_work import seed_policies
from tests.support.plumbing import working
from tests.support.sample import settings_for

SAMPLES: Sequence[tuple[str, Event]] = [
    (publisher, kind.model_validate(sample_of(kind), strict=False))
    for publisher, kind in (
        ("registry", TrainerApplied),
        ("registry", TrainerAvailable),
        ("contracts", AssignmentStarted),
        ("contracts", HoursApproved),
    )
]


@dataclass
class Operations:
    """The service, its log and what is sent there."""

    service: Service
    running: ServiceRuntime
    producer: Producer
    at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=1))

    @property
    def database(self) -> Database:
        return self.running.database

    def projection(self, name: str) -> Projection:
        return next(each for each in self.service.projections if each.name == name)

    def messages(self, count: int) -> list[Message]:
        """So many trainers, each with all that happens to one: some at the same moment."""
        found = []
        for _ in range(count):
            trainer = uuid7()
            self.at += timedelta(seconds=1)
            for publisher, sample in SAMPLES:
                ids = {name: trainer if name == "trainer_id" else uuid7() for name in _IDS}
                fields = {name: id_ for name, id_ in ids.items() if name in type(sample).model_fields}
                found.append(self.message(publisher, sample.model_copy(update=fields), str(trainer)))
        return found

    def message(self, publisher: str, event: Event, case: str, **changed: Any) -> Message:
        envelope = Envelope(
            id=uuid7(),
            source=self.database.source_of(publisher),
            type=event.type,
            subject=f"{event.subject_kind()}/{event.key}",
            time=self.at,
            key=event.key,
            case=case,
        )
        envelope = replace(envelope, **changed)
        topic = topic_from(publisher, type(event))
        return Message(topic=topic, key=event.key, value=event.model_dump_json().encode(), headers=envelope.headers())

    async def happen(self, count: int) -> None:
        """Send what happens to so many trainers."""
        messages = self.messages(count)
        assert len(await self.producer.send(messages, within=30)) == len(messages)

    async def until_quiet(self) -> None:
        """Until the service has published all it has to, and each projection has handled all there is."""
        await self.until("SELECT 1 FROM outbox", there=False)
        for each in self.service.projections:
            await self.until_read(each.name, each.handlers.topics(NAMES))

    async def until_read(self, consumer: str, topics: Sequence[str]) -> None:
        """Until a consumer has committed all there is."""
        async with asyncio.timeout(60):
            while True:
                offsets = await self.running.log.offsets(f"hto.{consumer}", topics)
                if all((one.committed or 0) >= one.end for one in offsets.values()):
                    return
                await asyncio.sleep(0.05)

    async def until(self, query: str, *, there: bool) -> None:
        """Until a query finds rows, or none."""
        async with asyncio.timeout(60):
            while bool(await self.do(query)) != there:  # noqa: ASYNC110 - asked of a database
                await asyncio.sleep(0.05)

    async def rebuild(
        self, name: str, decide: Callable[[Comparison], bool] = lambda found: found.differs, show: Show | None = None
    ) -> Comparison:
        """Rebuild one, by default with the switch where anything differs."""
        return await self.rebuild_of(self.projection(name), decide, show)

    async def rebuild_of(
        self,
        projection: Projection,
        decide: Callable[[Comparison], bool] = lambda found: found.differs,
        show: Show | None = None,
    ) -> Comparison:
        """Rebuild a projection as it is declared here."""
        database = self.database.twin(pool_size=6)
        more = {} if show is None else {"show": show}
        try:
            return await Rebuild(projection, database, self.running.log, NAMES, **more).run(decide)
        finally:
            await database.close()

    async def redrive_all(self, name: str) -> None:
        """Try what a projection has parked once more."""
        dispatch = Dispatch(self.database, self.projection(name).handlers, name)
        for row in await self.do("SELECT topic, key FROM parked_keys WHERE consumer = :name", name=name):
            assert await dispatch.redrive(row.topic, row.key)

    async def discard_all(self, name: str) -> None:
        """Pass over what a projection has parked."""
        for row in await self.do("SELECT topic, key FROM parked_keys WHERE consumer = :name", name=name):
            async with self.database.begin(actor="test") as tx:
                found = await parking.next_parked(tx, name, row.topic, row.key)
                assert found is not None
                await parking.discard(tx, name, found[1], found[0], uuid7())

    async def rows(self, name: str) -> dict[str, list[Any]]:
        """Every row of a projection, in order."""
        found = {}
        async with self.database.begin(actor="test") as tx:
            for table in self.projection(name).tables:
                query = select(*table.columns).order_by(*table.primary_key)
                found[table.name] = [tuple(row) for row in await tx.execute(query)]
        return found

    async def do(self, statement: str, **parameters: Any) -> list[Any]:
        """Run a statement of SQL."""
        async with self.database.begin(actor="test") as tx:
            result = await tx.execute(text(statement), parameters)
            return list(result.all()) if result.returns_rows else []


_IDS = {"trainer_id", "assignment_id", "hour_line_id"}


@asynccontextmanager
async def operations_on(
    event_log: EventLog, url: str, *, worker: bool = True, service: Service = operations_service
) -> AsyncIterator[Operations]:
    """Operations, or another service, in this process."""
    await event_log.create_topics([topic for each in all_services() for topic in each.topics])
    await runner.upgrade(service, url)
    running = ServiceRuntime(service, settings_for(url, "postgresql://unused/unused"), event_log, NAMES)
    producer = await event_log.producer("test")
    try:
        await seed_policies(running.database)
        await running.start(worker=worker)
        yield Operations(service, running, producer)
    finally:
        await producer.close()
        await running.stop()


async def handle_as_before(at_work: Operations, event_log: EventLog, handlers: Iterable[Handlers]) -> None:
    """Have one consumer of the service handle all that there is, with what are consumers of their own today."""
    together, name = Handlers(), at_work.database.service
    for each in handlers:
        together.add(each)
    topics = together.topics(NAMES)
    consumer = Consumer(event_log, Dispatch(at_work.database, together, name), topics)
    async with working(consumer.run()):
        await at_work.until_read(name, topics)
        await consumer.measure()
