"""A service at work on a real database: it hears events, time passes, and what it told is read back."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

import httpx2
from sqlalchemy import func, insert, select

from common.clock import Clock
from common.envelope import Envelope
from common.messaging.consumer import parking
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.log import Record
from common.persistence.database import Database
from common.persistence.deadlines import DeadlineLoop
from common.persistence.transaction import uuid7
from common.runtime.settings import Settings
from common.service import Service
from common.web import Api, ApiContext, create_site
from common.web.auth import Verifier
from events import EACH_SERVICE, CompactedEvent, Event, modernise, publishers_of, topic_from
from hto.issuer import Issuer, create_issuer
from rules.rows import rows_from_json

E = TypeVar("E", bound=Event)
W = TypeVar("W", bound="AtWork")

FILES: Final = Path(__file__).parents[2] / "services/registry/src/registry/policy/policies"
OIN: Final = "00000001234567890000"
START: Final = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass
class AtWork:
    """A service with its loops in the test's hands; each service's tests add what they ask it."""

    service: ClassVar[Service]
    scopes: ClassVar[str]

    database: Database
    client: httpx2.AsyncClient
    issuer: Issuer
    _offsets: Iterator[int] = field(default_factory=itertools.count)

    @property
    def dispatch(self) -> Dispatch:
        """What hands events to its handlers."""
        return Dispatch(self.database, self.service.handlers, self.service.name)

    @property
    def dispatches(self) -> list[Dispatch]:
        """The same, and what hands them to each of its projections."""
        of_projections = (Dispatch(self.database, each.handlers, each.name) for each in self.service.projections)
        return [self.dispatch, *of_projections]

    async def hear(self, *events: Event) -> None:
        """Let it handle events as one batch; nothing may be parked."""
        await self.receive(*events)
        assert await self.parked() == []

    async def receive(self, *events: Event) -> None:
        """Let it handle events as one batch, whatever comes of it."""
        records = [self._record(event) for event in events]
        for dispatch in self.dispatches:
            await dispatch.batch(records)

    async def hear_end_of(self, state: type[CompactedEvent], key: UUID) -> None:
        """Let it handle a tombstone."""
        envelope = self._envelope(state, str(key))
        await self.dispatch.batch([self._written(state.topic, envelope, None)])
        assert await self.parked() == []

    async def hear_days_later(self, event: Event, *, days: int) -> None:
        """Let it handle an event that was parked when it came in, and is redriven so many days later."""
        record = self._record(event)
        async with self.database.begin(actor="test") as tx:
            await parking.park(tx, self.service.name, record, parking.Stop(why="failed"))
        self.database.clock.offset += timedelta(days=days)
        assert await self.dispatch.redrive(record.topic, record.key) == 1
        assert await self.parked() == []

    async def parked(self) -> list[str]:
        """Why keys are parked."""
        async with self.database.begin(actor="test") as tx:
            return list((await tx.execute(select(self.database.metadata.tables["parked_keys"].c.reason))).scalars())

    async def settle(self) -> None:
        """Run every deadline that is due, and those that these bring about."""
        loop = DeadlineLoop(self.database, self.service.deadlines)
        while await loop.run_due():
            pass
        async with self.database.begin(actor="test") as tx:
            deadlines = self.database.metadata.tables["deadlines"]
            failed = await tx.execute(select(deadlines.c.what, deadlines.c.reason).where(deadlines.c.attempts > 0))
            assert failed.all() == []

    async def pass_time(self, **span: int) -> None:
        """Move business time and run what became due."""
        self.database.clock.offset += timedelta(**span)
        await self.settle()

    async def told(self, *kinds: type[E]) -> list[E]:
        """What it told of these kinds, or of any, in order."""
        outbox = self.database.metadata.tables["outbox"]
        async with self.database.begin(actor="test") as tx:
            rows = (await tx.execute(select(outbox).order_by(outbox.c.position))).all()
        events: list[Any] = [modernise(row.type, row.payload) for row in rows]
        wanted: Any = kinds or Event
        return [event for event in events if isinstance(event, wanted)]

    async def count(self, table: str) -> int:
        """How many rows a table of the service has."""
        async with self.database.begin(actor="test") as tx:
            counted = select(func.count()).select_from(self.service.tables.tables[table])
            return int((await tx.execute(counted)).scalar_one())

    async def deadlines_of(self, about: UUID) -> dict[str, datetime]:
        """The deadlines that are set for something."""
        deadlines = self.database.metadata.tables["deadlines"]
        async with self.database.begin(actor="test") as tx:
            rows = await tx.execute(select(deadlines.c.what, deadlines.c.due_at).where(deadlines.c.about == about))
            return {row.what: row.due_at for row in rows}

    def token(self, *, org: UUID | None = None, role: str = "school", scope: str | None = None, **claims: Any) -> str:
        """A token of the real issuer, for an organisation in a role."""
        claims |= {"org": [] if org is None else [str(org)], "roles": [role]}
        return self.issuer.issue("portal", scope=scope or self.scopes, claims=claims)

    def _record(self, event: Event) -> Record:
        topic = topic_from(_publisher(type(event)), type(event))
        return self._written(topic, self._envelope(type(event), event.key), event.model_dump_json().encode())

    def _envelope(self, kind: type[Event], key: str) -> Envelope:
        return Envelope(
            id=uuid7(),
            source=source_of(_publisher(kind)),
            type=kind.type,
            subject=f"{kind.subject_kind()}/{key}",
            time=self.database.clock.now(),
            key=key,
            case=key,
        )

    def _written(self, topic: str, envelope: Envelope, value: bytes | None) -> Record:
        return Record(
            topic=topic,
            partition=0,
            offset=next(self._offsets),
            key=envelope.key,
            value=value,
            headers=envelope.headers(),
            timestamp=envelope.time,
        )


def source_of(service: str) -> str:
    """How a service of the tests' programme names itself in its events."""
    return f"urn:nld:oin:{OIN}:systeem:hto-{service}"


def _publisher(event: type[Event]) -> str:
    publishers = publishers_of(event)
    return "contracts" if EACH_SERVICE in publishers else publishers[0]


def all_rows(version: int = 1) -> list[dict[str, Any]]:
    """The built-in policies as rows of a service's own table."""
    entries = [entry for file in sorted(FILES.glob("*.json")) for entry in json.loads(file.read_text("utf-8"))]
    rows = rows_from_json(entries, version)
    return [
        {
            "code": row.code,
            "valid_from": row.valid_from,
            "version": row.version,
            "rows_in_set": len(rows),
            "valid_until": row.valid_until,
            "value": dict(row.value),
            "source": row.source,
            "verified": row.verified,
        }
        for row in rows
    ]


async def seed_policies(database: Database) -> None:
    """Put the built-in policies where the housekeeping would."""
    async with database.begin(actor="test") as tx:
        await tx.execute(insert(database.metadata.tables["policies"]), all_rows())


def database_at(service: Service, url: str) -> Database:
    """A service's database, its clock at the start of the test's story."""
    clock = Clock(offset=START - datetime.now(UTC))
    return Database(url, service=service.name, metadata=service.tables, oin=OIN, clock=clock)


@asynccontextmanager
async def at_work(kind: type[W], url: str, folder: Path) -> AsyncIterator[W]:
    """A service on a migrated database with policies."""
    service, settings = (
        kind.service,
        Settings(database_url=url, log_url=url, data_dir=folder, rate_limit="100000/minute"),
    )
    database = database_at(service, url)
    issuer = create_issuer(settings, scopes=kind.scopes.split())
    verifier = Verifier({issuer.url: issuer.keys}, audience="hto")
    api = Api(service, ApiContext(database=database, settings=settings, verifier=verifier))
    site = create_site([api], {"/issuer": issuer.app()})
    base = f"http://localhost:8000/{service.name}/v1"
    try:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site), base_url=base) as client:
            yield kind(database, client, issuer)
    finally:
        await database.close()
