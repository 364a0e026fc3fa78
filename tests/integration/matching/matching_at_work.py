"""The matching service at work on a real database: it hears events, time passes, and what it told is read back."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx2
from sqlalchemy import TextClause, func, insert, select, text

from common.auth import Verifier
from common.clock import Clock
from common.consumer.dispatch import Dispatch
from common.db import Database
from common.deadlines import DeadlineLoop
from common.envelope import Envelope
from common.http import Context, create_app, create_site
from common.issuer import Issuer, create_issuer
from common.log import Record
from common.settings import Settings
from common.transaction import uuid7
from events import Event, State, modernise
from events.contracts import ContractDrafted
from events.registry import ProfileState, VacancyPosted
from events.words import Fee, FeeKind, Form, Role, SchoolType, Slot
from matching.app import service
from matching.model.proposal import Proposal
from matching.model.vacancy import Vacancy
from matching.store import proposals, vacancies
from rules.rows import rows_from_json

E = TypeVar("E", bound=Event)

FILES: Final = Path(__file__).parents[3] / "services/registry/src/registry/reference/policies"
START: Final = datetime(2026, 11, 2, 9, tzinfo=UTC)
BOARD, SCHOOL, LOCATION, SUPERVISOR, COMPANY = (UUID(int=number) for number in range(901, 906))
UTRECHT: Final = (52.0907, 5.1214)
GRONINGEN: Final = (53.2194, 6.5665)
TUESDAY: Final = Slot(day=2, starts=time(8, 30), ends=time(12))
SCOPES: Final = "proposals:read proposals:write rankings:read vacancies:read"


def vacancy(**other: Any) -> VacancyPosted:
    """What a school asks: a guest lecturer for an electrical Tuesday morning in Utrecht."""
    facts = {
        "vacancy_id": uuid7(),
        "board_id": BOARD,
        "school_id": SCHOOL,
        "location_id": LOCATION,
        "region": "AM13",
        "school_type": SchoolType.VO,
        "role": Role.GUEST_LECTURER,
        "subject": "electrical",
        "minutes_per_week": 210,
        "preparation_minutes_per_week": 60,
        "roster": [TUESDAY],
        "starts_on": date(2027, 2, 1),
        "ends_on": date(2027, 7, 9),
        "places": 1,
        "supervisor_id": SUPERVISOR,
        "forms": [Form.GUEST],
        "fee": Fee(kind=FeeKind.NONE, cents=0),
        "language": "nl",
        "structural": False,
        "statutory_lessons": True,
        "latitude": UTRECHT[0],
        "longitude": UTRECHT[1],
        "group_size": 24,
        "upper_years": False,
    }
    return VacancyPosted(**{**facts, **other})


def profile(**other: Any) -> ProfileState:
    """What a trainer offers that fits; with more experience nothing changes, with another subject the order does."""
    facts = {
        "trainer_id": uuid7(),
        "status": "available",
        "company_id": None,
        "employer_agreed": False,
        "trades": ["electrical"],
        "school_types": [SchoolType.VO],
        "forms": [],
        "availability": [TUESDAY],
        "desired_minutes_per_week": 210,
        "desired_months": 6,
        "travel_km": 40,
        "postcode_area": "3511",
        "region": "AM13",
        "latitude": UTRECHT[0],
        "longitude": UTRECHT[1],
        "languages": ["nl"],
        "qualifications": [],
        "vog_issued_on": None,
        "vog_shown_on": None,
        "company_minutes_per_week": 0,
        "company_days": [],
        "in_training": False,
        "experience_years": 5,
        "shortage_trade": False,
        "crkbo_registered": False,
        "consent_until": date(2027, 10, 1),
    }
    return ProfileState(**{**facts, **other})


def drafted(proposal: Proposal, **other: Any) -> dict[str, Any]:
    """The ids that every event about a proposal's contract carries."""
    return {
        "contract_id": uuid7(),
        "vacancy_id": proposal.vacancy_id,
        "proposal_id": proposal.id,
        "trainer_id": proposal.trainer_id,
        **other,
    }


def contract_drafted(proposal: Proposal, contract: dict[str, Any]) -> ContractDrafted:
    return ContractDrafted(
        **contract,
        board_id=BOARD,
        school_id=SCHOOL,
        location_id=LOCATION,
        company_id=proposal.company_id,
        form=proposal.form,
        role=Role.GUEST_LECTURER,
        school_type=SchoolType.VO,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        minutes_per_week=proposal.minutes_per_week,
        region=proposal.region,
    )


@dataclass
class Matching:
    """The service with its loops in the test's hands."""

    database: Database
    client: httpx2.AsyncClient
    issuer: Issuer
    _offsets: Iterator[int] = field(default_factory=itertools.count)

    async def hear(self, *events: Event) -> None:
        """Let it handle events as one batch; nothing may be parked."""
        await self.receive(*events)
        assert await self.parked() == []

    async def receive(self, *events: Event) -> None:
        """Let it handle events as one batch, whatever comes of it."""
        await Dispatch(self.database, service.handlers, "matching").batch([self._record(event) for event in events])

    async def hear_end_of(self, state: type[State], key: UUID) -> None:
        """Let it handle a tombstone."""
        envelope = self._envelope(state.type, str(key))
        record = self._written(state.topic, envelope, None)
        await Dispatch(self.database, service.handlers, "matching").batch([record])
        assert await self.parked() == []

    async def parked(self) -> list[str]:
        """Why keys are parked."""
        async with self.database.begin(actor="test") as tx:
            return list((await tx.execute(select(self.database.plumbing.parked_keys.c.reason))).scalars())

    async def settle(self) -> None:
        """Run every deadline that is due, and those that these bring about."""
        loop = DeadlineLoop(self.database, service.deadlines)
        while await loop.run_due():
            pass
        async with self.database.begin(actor="test") as tx:
            deadlines = self.database.plumbing.deadlines
            failed = await tx.execute(select(deadlines.c.what, deadlines.c.reason).where(deadlines.c.attempts > 0))
            assert failed.all() == []

    async def pass_time(self, **time: int) -> None:
        """Move business time and run what became due."""
        self.database.clock.offset += timedelta(**time)
        await self.settle()

    async def told(self, *kinds: type[E]) -> list[E]:
        """What it told of these kinds, or of any, in order."""
        outbox = self.database.plumbing.outbox
        async with self.database.begin(actor="test") as tx:
            rows = (await tx.execute(select(outbox).order_by(outbox.c.position))).all()
        events = [modernise(row.type, row.payload) for row in rows]
        return [event for event in events if isinstance(event, kinds or Event)]  # type: ignore[misc]

    async def envelopes(self) -> list[dict[str, Any]]:
        """The headers of what it told."""
        outbox = self.database.plumbing.outbox
        async with self.database.begin(actor="test") as tx:
            return list((await tx.execute(select(outbox.c.headers).order_by(outbox.c.position))).scalars())

    async def vacancy(self, vacancy_id: UUID) -> Vacancy:
        async with self.database.begin(actor="test") as tx:
            return await vacancies.get(tx, vacancy_id)

    async def proposals_for(self, vacancy_id: UUID) -> list[Proposal]:
        """In the order in which they were made."""
        async with self.database.begin(actor="test") as tx:
            return await proposals.where(tx, proposals.table.c.vacancy_id == vacancy_id)

    async def until_somebody_waits(self) -> None:
        """Return when a transaction on this database waits for another one's lock."""
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        async with asyncio.timeout(10):
            # A transaction of its own each time: within one, PostgreSQL shows the same picture again and again.
            while not await self._count(waiting):  # noqa: ASYNC110 - PostgreSQL tells nobody
                await asyncio.sleep(0.01)

    async def _count(self, query: TextClause) -> int:
        async with self.database.begin(actor="test") as tx:
            return int((await tx.execute(query)).scalar_one())

    async def new_policy(self, code: str, **changes: Any) -> None:
        """Publish other values for a rule, as another version of the set."""
        policies = self.database.plumbing.policies
        async with self.database.begin(actor="test") as tx:
            row = (await tx.execute(select(policies).where(policies.c.code == code))).mappings().one()
            await tx.execute(insert(policies).values({**row, "version": 2, "value": {**row["value"], **changes}}))
        self.database.policies_changed()

    async def rows(self, table: str) -> int:
        async with self.database.begin(actor="test") as tx:
            return int((await tx.execute(select(func.count()).select_from(service.tables.tables[table]))).scalar_one())

    async def planned(self, about: UUID) -> dict[str, datetime]:
        """The deadlines that are set for something."""
        deadlines = self.database.plumbing.deadlines
        async with self.database.begin(actor="test") as tx:
            rows = await tx.execute(select(deadlines.c.what, deadlines.c.due_at).where(deadlines.c.about == about))
            return {row.what: row.due_at for row in rows}

    def token(self, *, org: UUID | None = None, role: str = "school", scope: str = SCOPES, **claims: Any) -> str:
        organisations = [] if org is None else [str(org)]
        return self.issuer.issue("portal", scope=scope, claims={"org": organisations, "roles": [role], **claims})

    def headers(self, *, write: bool = False, **token: Any) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token(**token)}"}
        return {**headers, "Idempotency-Key": str(uuid7())} if write else headers

    def _record(self, event: Event) -> Record:
        topic = event.topic if isinstance(event, State) else "hto.registry.events"
        return self._written(topic, self._envelope(event.type, event.key), event.model_dump_json().encode())

    def _envelope(self, type_: str, key: str) -> Envelope:
        now = self.database.clock.now()
        return Envelope(id=uuid7(), source="urn:test", type=type_, subject=f"x/{key}", time=now, key=key, case=key)

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


async def seed_policies(database: Database) -> None:
    """Put the built-in policies where the housekeeping would."""
    entries = [entry for file in sorted(FILES.glob("*.json")) for entry in json.loads(file.read_text("utf-8"))]
    rows = rows_from_json(entries, 1)
    async with database.begin(actor="test") as tx:
        await tx.execute(
            insert(database.plumbing.policies),
            [
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
            ],
        )


def database_at(url: str) -> Database:
    """The service's database, its clock at the start of the test's story."""
    clock = Clock(offset=START - datetime.now(UTC))
    return Database(url, service="matching", metadata=service.tables, oin="00000001234567890000", clock=clock)


@asynccontextmanager
async def at_work(url: str, folder: Path) -> AsyncIterator[Matching]:
    """The service on a migrated database with policies."""
    settings = Settings(database_url=url, log_url=url, data_dir=folder, rate_limit="100000/minute")
    database = database_at(url)
    issuer = create_issuer(settings, scopes=SCOPES.split())
    verifier = Verifier({issuer.url: issuer.keys}, audience="hto")
    api = create_app(service, Context(database=database, settings=settings, verifier=verifier))
    site = create_site([api], {"/issuer": issuer.app()})
    transport = httpx2.ASGITransport(app=site)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000/matching/v1") as client:
            yield Matching(database, client, issuer)
    finally:
        await database.close()
