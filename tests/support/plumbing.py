"""What the tests of the plumbing share: a listening service's database, records as a log gives them, both logs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import text

from common.clock import Clock
from common.envelope import Envelope
from common.messaging.consumer import Handlers
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.consumer.loop import Consumer
from common.messaging.log import EventLog, Message, Producer, Record, Refusal, Topic
from common.messaging.pglog import PostgresLog
from common.persistence.database import Database
from common.persistence.deadlines import unpark
from common.persistence.transaction import uuid7
from common.service.housekeeping import add_housekeeping, keep_policy
from events import EACH_SERVICE, Event, publishers_of, topic_from
from events.flow import EventDiscarded, EventParked, EventsRedriven
from events.policies import PolicyPublished
from events.registry import ConsentGiven, ProfileState, TrainerLeft, TrainerPaused
from tests.support.sample import Listener, make_tables, tables

TOPIC = "hto.registry.events"
CONSUMER = "matching"
OIN = "00000003123456780000"
_offsets = count()


def record_of(event: Event | None, key: UUID | str | None = None, **changed: Any) -> Record:
    """A record as the log delivers it; ``changed`` puts other headers (``ce_…``) or fields in their place.

    It comes from a service that publishes it, on that service's topic: from `registry` where every service may.
    """
    kind = type(event) if event is not None else ProfileState
    publishers = publishers_of(kind)
    service = "registry" if EACH_SERVICE in publishers else publishers[0]
    about = str(key) if key is not None else (event.key if event is not None else "")
    envelope = Envelope(
        id=uuid7(),
        source=f"urn:nld:oin:{OIN}:systeem:hto-{service}",
        type=kind.type,
        subject=f"trainer/{about}",
        time=datetime.now(UTC),
        key=about,
        case=about,
    )
    headers = envelope.headers() | {name: value for name, value in changed.items() if name.startswith("ce_")}
    return Record(
        topic=changed.get("topic", topic_from(service, kind)),
        partition=0,
        offset=changed.get("offset", next(_offsets)),
        key=about,
        value=changed.get("value", event.model_dump_json().encode() if event is not None else None),
        headers=headers,
        timestamp=datetime.now(UTC),
    )


def paused(trainer: UUID, **changed: Any) -> Record:
    return record_of(TrainerPaused(trainer_id=trainer), **changed)


def left(trainer: UUID, **changed: Any) -> Record:
    return record_of(TrainerLeft(trainer_id=trainer, reason="other"), **changed)


def consented(trainer: UUID, until: datetime, **changed: Any) -> Record:
    return record_of(ConsentGiven(trainer_id=trainer, until=until.date()), **changed)


@asynccontextmanager
async def opened(url: str, service: str = CONSUMER) -> AsyncIterator[Database]:
    """A service's database with its tables."""
    database = Database(url, service=service, metadata=tables(), oin=OIN, clock=Clock(), follows_clock=True)
    await make_tables(database)
    try:
        yield database
    finally:
        await database.close()


@dataclass
class Ears:
    """A listening service without a log: records go in by hand."""

    database: Database
    listener: Listener = field(default_factory=Listener)

    def __post_init__(self) -> None:
        self.handlers = self.listener.handlers()
        queues = {f"{CONSUMER}.deadlines": unpark}
        add_housekeeping(self.handlers, CONSUMER, follow_policies=True, follow_clock=True, queues=queues)
        self.dispatch = Dispatch(self.database, self.handlers, CONSUMER)

    def twin(self) -> Dispatch:
        """The same consumer in another process."""
        return Dispatch(self.database, self.handlers, CONSUMER)

    def retries(self) -> Consumer:
        """The loop that tries again, over no log."""
        return Consumer(NoLog(), self.dispatch, [])

    async def sql(self, statement: str, **parameters: Any) -> list[Any]:
        async with self.database.begin(actor="test") as tx:
            result = await tx.execute(text(statement), parameters)
            return list(result.all()) if result.returns_rows else []

    async def heard(self) -> list[tuple[UUID, str]]:
        return [tuple(row) for row in await self.sql("SELECT trainer_id, what FROM heard ORDER BY position")]

    async def count(self, table: str) -> int:
        return int((await self.sql(f"SELECT count(*) FROM {table}"))[0][0])

    async def told(self, kind: type[Event]) -> list[Any]:
        """What it announced, in order."""
        rows = await self.sql("SELECT payload FROM outbox WHERE type = :type ORDER BY position", type=kind.type)
        return [kind.model_validate_json(row.payload) for row in rows]

    async def announced(self) -> tuple[int, int, int]:
        """How many parked, redriven and discarded events it announced."""
        told = [len(await self.told(kind)) for kind in (EventParked, EventsRedriven, EventDiscarded)]
        return told[0], told[1], told[2]


@asynccontextmanager
async def ears_at(url: str) -> AsyncIterator[Ears]:
    async with opened(url) as database:
        yield Ears(database)


class NoLog(PostgresLog):
    """For what never comes to the log."""

    def __init__(self) -> None:
        super().__init__("postgresql://nobody@127.0.0.1:1/nowhere")


@dataclass
class Meddler:
    """A real log's producer, between whose acknowledgements and the relay a test may stand."""

    real: Producer
    sent: list[list[Message]] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    drop: set[str] = field(default_factory=set)
    """Payload types whose acknowledgement gets lost, each once."""
    holding: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: sends go through. Cleared: they stand still."""

    def __post_init__(self) -> None:
        self.holding.set()

    @property
    def refused(self) -> Mapping[int, Refusal]:
        return self.real.refused

    async def send(self, messages: Sequence[Message], *, within: float) -> Sequence[int]:
        self.happened.append("send")
        await self.holding.wait()
        taken = await self.real.send(messages, within=within)
        self.sent.append(list(messages))
        lost = {index for index in taken if messages[index].headers["ce_type"] in self.drop}
        self.drop -= {messages[index].headers["ce_type"] for index in lost}
        return [index for index in taken if index not in lost]

    async def abort(self) -> None:
        self.happened.append("abort")
        await self.real.abort()

    async def close(self) -> None:
        self.happened.append("close")
        await self.real.close()


class MeddledLog(PostgresLog):
    """The PostgreSQL log with meddlers as producers."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn)
        self.meddlers: list[Meddler] = []
        self.drop: set[str] = set()

    async def producer(self, name: str) -> Any:
        self.meddlers.append(Meddler(await super().producer(name), drop=self.drop))
        return self.meddlers[-1]


async def make_topics(event_log: EventLog) -> None:
    await event_log.create_topics(
        [
            Topic(name=TOPIC, partitions=6),
            Topic(name="hto.matching.events", partitions=6),
            Topic(name="hto.operations.events", partitions=6),
            Topic(name="hto.registry.profiles", partitions=6, compacted=True),
            Topic(name="hto.registry.policies", partitions=1, compacted=True),
        ]
    )


async def all_of(event_log: EventLog, topic: str, *, at_least: int) -> list[Record]:
    """Every record of a topic, once there are so many."""
    reader = await event_log.subscribe([topic], group=None)
    found: list[Record] = []
    async with asyncio.timeout(15):
        while len(found) < at_least:
            found += await reader.poll(limit=1000, wait=0.2)
    found += await reader.poll(limit=1000, wait=0.2)
    await reader.close()
    return found


@contextmanager
def quicker(kind: type[Any], **settings: float) -> Iterator[None]:
    """Other waits of a class for one test."""
    before = {name: getattr(kind, name) for name in settings}
    for name, value in settings.items():
        setattr(kind, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(kind, name, value)


@asynccontextmanager
async def working(*runs: Any) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Loops at work beside the test, gone afterwards."""
    tasks = [asyncio.ensure_future(run) for run in runs]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


__all__ = [
    "CONSUMER",
    "TOPIC",
    "Ears",
    "Handlers",
    "MeddledLog",
    "Meddler",
    "all_of",
    "consented",
    "ears_at",
    "left",
    "make_topics",
    "opened",
    "paused",
    "policy_row",
    "quicker",
    "record_of",
    "working",
]


def policy_row(code: str, day: date, version: int, value: dict[str, Any]) -> PolicyPublished:
    """A row of a rule that holds from a day on, as it is published."""
    return PolicyPublished(
        policy_id=f"{code}@{day}#{version}",
        code=code,
        set_version=version,
        rows_in_set=1,
        valid_from=day,
        valid_until=None,
        value=value,
        source="test",
        verified=False,
    )


async def have_rule(database: Database, code: str, value: dict[str, Any], *, version: int = 1) -> None:
    """Have a rule hold for a service, as if it had been published long ago; a newer version replaces it."""
    row = policy_row(code, date(2025, 8, 1), version, value)
    async with database.begin(actor="test") as tx:
        await keep_policy(tx, row)
