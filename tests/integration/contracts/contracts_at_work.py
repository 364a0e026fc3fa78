"""The contracts service at work on a real database: it hears events, time passes, and what it told is read back."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx2
from sqlalchemy import func, insert, select, text

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
from contracts.app import service
from contracts.model.assignment import Assignment
from contracts.model.contract import Contract
from contracts.model.hour_line import HourLine, Minutes
from contracts.store import aggregates, assignments, contracts, hour_lines
from contracts.usecases import hours, signing
from events import Event, State, modernise
from events.matching import ProposalAccepted
from events.registry import ContactState, OrganisationRegistered, ProfileState, VacancyPosted
from events.words import (
    Fee,
    FeeBasis,
    FeeKind,
    Form,
    LendingStatus,
    OrganisationKind,
    Party,
    Role,
    SchoolType,
    Slot,
)
from rules.rows import rows_from_json

E = TypeVar("E", bound=Event)

FILES: Final = Path(__file__).parents[3] / "services/registry/src/registry/reference/policies"
START: Final = datetime(2026, 11, 2, 9, tzinfo=UTC)
BOARD, SCHOOL, LOCATION, SUPERVISOR, COMPANY, OTHER_BOARD = (UUID(int=number) for number in range(901, 907))
STARTS_ON: Final = date(2027, 2, 1)
ENDS_ON: Final = date(2027, 7, 9)
TUESDAY: Final = Slot(day=2, starts=time(8, 30), ends=time(12))
SCOPES: Final = " ".join(
    f"{resource}:{verb}" for resource in ("contracts", "assignments", "hours") for verb in ("read", "write")
)


def vacancy(**other: Any) -> VacancyPosted:
    """What a school asks: a guest lecturer for an electrical Tuesday morning."""
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
        "starts_on": STARTS_ON,
        "ends_on": ENDS_ON,
        "places": 1,
        "supervisor_id": SUPERVISOR,
        "forms": [Form.GUEST],
        "fee": Fee(kind=FeeKind.NONE, cents=0),
        "language": "nl",
        "structural": False,
        "statutory_lessons": True,
        "latitude": 52.09,
        "longitude": 5.12,
        "group_size": 24,
        "upper_years": False,
    }
    return VacancyPosted(**{**facts, **other})


def profile(**other: Any) -> ProfileState:
    """What a trainer offers."""
    facts = {
        "trainer_id": uuid7(),
        "status": "available",
        "company_id": COMPANY,
        "employer_agreed": True,
        "trades": ["electrical"],
        "school_types": [SchoolType.VO],
        "forms": [],
        "availability": [TUESDAY],
        "desired_minutes_per_week": 210,
        "desired_months": 6,
        "travel_km": 40,
        "postcode_area": "3511",
        "region": "AM13",
        "latitude": 52.09,
        "longitude": 5.12,
        "languages": ["nl"],
        "qualifications": [],
        "vog_issued_on": None,
        "vog_shown_on": None,
        "company_minutes_per_week": 1920,
        "company_days": [1, 3, 4, 5],
        "in_training": False,
        "experience_years": 5,
        "shortage_trade": False,
        "crkbo_registered": False,
        "consent_until": date(2027, 10, 1),
    }
    return ProfileState(**{**facts, **other})


def company(**other: Any) -> OrganisationRegistered:
    """The employer, which may lend its people."""
    facts = {
        "organisation_id": COMPANY,
        "kind": OrganisationKind.COMPANY,
        "board_id": None,
        "school_id": None,
        "school_types": [],
        "postcode_area": "3511",
        "municipality": "Utrecht",
        "region": "AM13",
        "latitude": 52.09,
        "longitude": 5.12,
        "lending_status": LendingStatus.ADMITTED,
        "education_recognised": False,
    }
    return OrganisationRegistered(**{**facts, **other})


def accepted(asked: VacancyPosted, offered: ProfileState, form: Form | None = None, **other: Any) -> ProposalAccepted:
    """Everybody agreed."""
    facts = {
        "proposal_id": uuid7(),
        "vacancy_id": asked.vacancy_id,
        "trainer_id": offered.trainer_id,
        "board_id": asked.board_id,
        "school_id": asked.school_id,
        "location_id": asked.location_id,
        "company_id": offered.company_id,
        "form": form or asked.forms[0],
        "minutes_per_week": asked.minutes_per_week,
        "starts_on": asked.starts_on,
        "ends_on": asked.ends_on,
        "policy_version": 1,
    }
    return ProposalAccepted(**{**facts, **other})


def contacts(trainer_id: UUID) -> list[ContactState]:
    """How the parties are called."""
    return [
        ContactState(party_id=party_id, party=party, name=name, contact_name=who, email="a@example.org", language="nl")
        for party_id, party, name, who in (
            (trainer_id, Party.TRAINER, "Aagje Veerring", "Aagje Veerring"),
            (SCHOOL, Party.SCHOOL, "Technische School Noord", "Bo de Vries"),
            (COMPANY, Party.COMPANY, "Koperdraad Installaties", "Otis Zaagblad"),
        )
    ]


SECONDMENT: Final = {"forms": [Form.SECONDMENT], "fee": Fee(kind=FeeKind.COST, cents=5500, basis=FeeBasis.COST)}


@dataclass
class Contracts:
    """The service with its loops in the test's hands."""

    database: Database
    client: httpx2.AsyncClient
    issuer: Issuer
    _offsets: Iterator[int] = field(default_factory=itertools.count)
    _profiles: dict[UUID, ProfileState] = field(default_factory=dict)
    """What it heard last of each trainer."""

    async def hear(self, *events: Event) -> None:
        """Let it handle events as one batch; nothing may be parked."""
        await self.receive(*events)
        assert await self.parked() == []

    async def receive(self, *events: Event) -> None:
        """Let it handle events as one batch, whatever comes of it."""
        self._profiles |= {event.trainer_id: event for event in events if isinstance(event, ProfileState)}
        await self.dispatch.batch([self._record(event) for event in events])

    async def show_vog(self, contract: Contract, issued_on: date, shown_on: date | None = None) -> None:
        """Let it hear the trainer's profile once more, now with a certificate."""
        dates = {"vog_issued_on": issued_on, "vog_shown_on": shown_on or issued_on}
        await self.hear(self._profiles[contract.trainer_id].model_copy(update=dates))

    @property
    def dispatch(self) -> Dispatch:
        return Dispatch(self.database, service.handlers, "contracts")

    async def hear_end_of(self, state: type[State], key: UUID) -> None:
        """Let it handle a tombstone."""
        envelope = self._envelope(state.type, str(key))
        await self.dispatch.batch([self._written(state.topic, envelope, None)])
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

    async def pass_time(self, **span: int) -> None:
        """Move business time and run what became due."""
        self.database.clock.offset += timedelta(**span)
        await self.settle()

    async def until(self, day: date) -> None:
        """Move business time to noon of a day and run what became due."""
        noon = datetime.combine(day, time(12), UTC)
        self.database.clock.offset = noon - datetime.now(UTC)
        await self.settle()

    def rewind(self) -> None:
        """Begin the story anew, beside what there is already."""
        self.database.clock.offset = START - datetime.now(UTC)

    async def told(self, *kinds: type[E]) -> list[E]:
        """What it told of these kinds, in order."""
        outbox = self.database.plumbing.outbox
        async with self.database.begin(actor="test") as tx:
            rows = (await tx.execute(select(outbox).order_by(outbox.c.position))).all()
        events: list[Any] = [modernise(row.type, row.payload) for row in rows]
        return [event for event in events if isinstance(event, kinds)]

    async def names(self) -> list[str]:
        """The classes of everything it told, in order."""
        return [type(event).__name__ for event in await self.told(Event)]

    async def rows(self, query: str, **parameters: Any) -> Sequence[Any]:
        """Look into the tables."""
        async with self.database.begin(actor="test") as tx:
            return (await tx.execute(text(query), parameters)).all()

    async def count(self, table: str) -> int:
        async with self.database.begin(actor="test") as tx:
            return int((await tx.execute(select(func.count()).select_from(service.tables.tables[table]))).scalar_one())

    async def contract_of(self, proposal: ProposalAccepted) -> Contract:
        async with self.database.begin(actor="test") as tx:
            found = await aggregates.by_proposal(tx, proposal.proposal_id)
        assert found is not None
        return found

    async def contract(self, contract_id: UUID) -> Contract:
        async with self.database.begin(actor="test") as tx:
            return await contracts.get(tx, contract_id)

    async def assignment(self, contract_id: UUID) -> Assignment:
        async with self.database.begin(actor="test") as tx:
            found = await assignments.where(tx, assignments.table.c.contract_id == contract_id)
        return found[0]

    async def lines(self) -> list[HourLine]:
        async with self.database.begin(actor="test") as tx:
            return await hour_lines.where(tx)

    async def drafted(
        self, asked: VacancyPosted | None = None, offered: ProfileState | None = None, form: Form | None = None
    ) -> Contract:
        """A contract after its checks, from a proposal that everybody agreed to."""
        asked, offered = asked or vacancy(), offered or profile()
        proposal = accepted(asked, offered, form)
        await self.hear(asked, offered, company(), *contacts(offered.trainer_id), proposal)
        return await self.contract_of(proposal)

    async def signed(self, contract: Contract) -> Contract:
        """The same contract, signed by everyone who must."""
        assert contract.signing is not None, contract.decision
        for party in contract.signing.mandatory:
            async with self.database.begin(actor="test") as tx:
                await signing.sign(tx, contract.id, party, contract.signing.hash)
        return await self.contract(contract.id)

    async def at_work(self, contract: Contract | None = None) -> Contract:
        """A contract whose work has begun, on its first day."""
        contract = await self.signed(contract or await self.drafted())
        await self.show_vog(contract, date(2026, 12, 1), date(2026, 12, 10))
        await self.until(max(contract.terms.starts_on, self.database.clock.now().date()))
        return await self.contract(contract.id)

    async def hand_in(self, contract: Contract, on: date, contact: int, preparation: int = 0) -> HourLine:
        minutes = Minutes(worked_on=on, contact_minutes=contact, preparation_minutes=preparation, travel_minutes=0)
        assignment = await self.assignment(contract.id)
        async with self.database.begin(actor="test") as tx:
            return await hours.submit(tx, assignment.id, minutes)

    async def approve(self, line: HourLine) -> HourLine:
        async with self.database.begin(actor="test") as tx:
            return await hours.approve(tx, line.id)

    async def deadlines_of(self, about: UUID) -> dict[str, datetime]:
        """The deadlines that are set for something."""
        deadlines = self.database.plumbing.deadlines
        async with self.database.begin(actor="test") as tx:
            rows = await tx.execute(select(deadlines.c.what, deadlines.c.due_at).where(deadlines.c.about == about))
            return {row.what: row.due_at for row in rows}

    def token(self, *, org: UUID | None = None, role: str = "school", scope: str = SCOPES, **claims: Any) -> str:
        organisations = [] if org is None else [str(org)]
        return self.issuer.issue("portal", scope=scope, claims={"org": organisations, "roles": [role], **claims})

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **token: Any,
    ) -> Any:
        """Send a request as somebody, check the status, and return the JSON of the answer."""
        sent = {"Authorization": f"Bearer {self.token(**token)}", **(headers or {})}
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid7()))
        answer = await self.client.request(method, path, json=body, headers=sent)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

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
        await tx.execute(insert(database.plumbing.policies), all_rows())


def database_at(url: str) -> Database:
    """The service's database, its clock at the start of the test's story."""
    clock = Clock(offset=START - datetime.now(UTC))
    return Database(url, service="contracts", metadata=service.tables, oin="00000001234567890000", clock=clock)


@asynccontextmanager
async def at_work(url: str, folder: Path) -> AsyncIterator[Contracts]:
    """The service on a migrated database with policies."""
    settings = Settings(database_url=url, log_url=url, data_dir=folder, rate_limit="100000/minute")
    database = database_at(url)
    issuer = create_issuer(settings, scopes=SCOPES.split())
    verifier = Verifier({issuer.url: issuer.keys}, audience="hto")
    api = create_app(service, Context(database=database, settings=settings, verifier=verifier))
    site = create_site([api], {"/issuer": issuer.app()})
    transport = httpx2.ASGITransport(app=site)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000/contracts/v1") as client:
            yield Contracts(database, client, issuer)
    finally:
        await database.close()
