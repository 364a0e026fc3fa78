"""The notifications service on a real database, told by real records; and a partner that takes webhooks."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, select, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from common.envelope import Envelope
from common.messaging.consumer.dispatch import Dispatch
from common.messaging.log import Record
from common.persistence.database import Database
from common.persistence.deadlines import DeadlineLoop
from common.persistence.transaction import uuid7
from common.runtime.settings import Settings
from events import EACH_SERVICE, CompactedEvent, Event, publishers_of, topic_from
from events.contracts import ContractDrafted
from events.matching import ProposalMade
from events.parties import Parties
from events.registry import ContactState, VacancyPosted
from hto.documents.event_schemas import sample_of
from hto.process import serving
from notifications.app import service
from notifications.endpoint import tables as endpoint_tables
from notifications.endpoint.channels.webhooks import Webhooks
from notifications.endpoint.model.endpoint import Endpoint
from notifications.endpoint.usecases import endpoints, fan_out
from notifications.endpoint.usecases.delivering import Deliverer
from notifications.fact import tables as fact_tables
from notifications.message import tables as message_tables
from notifications.message.model.schedule import SETTLES
from notifications.message.usecases.mailing import Letters
from notifications.tables import metadata
from tests.support.plumbing import have_rule

E = TypeVar("E", bound=Event)
_offsets = itertools.count()


def made(kind: type[E], /, **changes: Any) -> E:
    """An event of this kind, every field filled."""
    values = {name: str(value) if isinstance(value, UUID) else value for name, value in changes.items()}
    return kind.model_validate_json(json.dumps({**sample_of(kind), **values}))


@dataclass(frozen=True)
class Cast:
    """Who takes part in one case."""

    vacancy: UUID = field(default_factory=uuid7)
    proposal: UUID = field(default_factory=uuid7)
    contract: UUID = field(default_factory=uuid7)
    board: UUID = field(default_factory=uuid7)
    school: UUID = field(default_factory=uuid7)
    location: UUID = field(default_factory=uuid7)
    company: UUID = field(default_factory=uuid7)
    trainer: UUID = field(default_factory=uuid7)

    def ids(self) -> dict[str, UUID]:
        return {
            "vacancyId": self.vacancy,
            "proposalId": self.proposal,
            "contractId": self.contract,
            "boardId": self.board,
            "schoolId": self.school,
            "locationId": self.location,
            "companyId": self.company,
            "trainerId": self.trainer,
        }

    def parties(self) -> Parties:
        """All of them, by role."""
        return Parties(
            board=self.board,
            school=self.school,
            location=self.location,
            company=self.company,
            trainer=self.trainer,
            region="AM28",
        )

    def event(self, kind: type[E], /, **changes: Any) -> E:
        """An event of this case."""
        wire = {info.alias for info in kind.model_fields.values()}
        return made(kind, **{**{name: id_ for name, id_ in self.ids().items() if name in wire}, **changes})

    def contact(self, role: str, **changes: Any) -> ContactState:
        """How one of them is reached."""
        party = {"trainer": self.trainer, "school": self.location, "company": self.company}[role]
        names = {"trainer": "Petra Prikkebeen", "school": "Vakcollege Noord", "company": "Draaierij De Spil"}
        values = {
            "partyId": party,
            "party": role,
            "name": names[role],
            "contactName": f"Contact {role}" if role != "trainer" else names[role],
            "email": f"{role}@example.org",
            "language": "nl",
        }
        return made(ContactState, **{**values, **changes})


@dataclass
class Notifications:
    """The service, its parts driven one at a time."""

    database: Database
    settings: Settings
    dispatch: Dispatch
    casts: list[Cast] = field(default_factory=list)
    """Those of whom it was told."""

    async def hear(self, *told: Event, source: str = "registry", at: datetime | None = None) -> list[Record]:
        """Hear events as the log would hand them over."""
        records = [self.record(event, source=source, at=at) for event in told]
        await self.handle(records)
        return records

    async def handle(self, records: Sequence[Record]) -> None:
        """Handle records by each consumer, and enqueue deliveries of what the feed has got."""
        for dispatch in (self.dispatch, self.of_feed):
            await dispatch.batch(records)
        while await fan_out.enqueue_new(self.database):
            pass

    @property
    def of_feed(self) -> Dispatch:
        """The consumer that writes the feed."""
        (feed,) = service.projections
        return Dispatch(self.database, feed.handlers, feed.name)

    def parties_of(self, event: Event) -> Parties:
        """Who takes part in what an event is about, as its publisher would say."""
        about = set(event.model_dump(include={"vacancy_id", "proposal_id", "contract_id"}).values())
        for cast in self.casts:
            if about & {cast.vacancy, cast.proposal, cast.contract}:
                return cast.parties().only(*event.taking_part)
        return Parties.named_in(event)

    def record(self, event: Event, *, source: str = "registry", at: datetime | None = None) -> Record:
        """A record as the event's own publisher sends it; ``source`` does where every service may."""
        publishers = publishers_of(type(event))
        service = source if EACH_SERVICE in publishers else publishers[0]
        envelope = Envelope(
            id=uuid7(),
            source=f"urn:nld:oin:{self.settings.oin}:systeem:hto-{service}",
            type=event.type,
            subject=f"{event.subject_kind()}/{event.key}",
            time=at or self.database.clock.now(),
            key=event.key,
            sequence=1,
            case=str(uuid7()),
            parties=None if isinstance(event, CompactedEvent) else self.parties_of(event),
        )
        return self._record(topic_from(service, type(event)), envelope, event.model_dump_json().encode())

    def tombstone(self, state: ContactState) -> Record:
        envelope = Envelope(
            id=uuid7(),
            source=f"urn:nld:oin:{self.settings.oin}:systeem:hto-registry",
            type=state.type,
            subject="",
            time=self.database.clock.now(),
            key=state.key,
        )
        return self._record(state.topic, envelope, None)

    def _record(self, topic: str, envelope: Envelope, value: bytes | None) -> Record:
        return Record(
            topic=topic,
            partition=0,
            offset=next(_offsets),
            key=envelope.key,
            value=value,
            headers=envelope.headers(),
            timestamp=datetime.now(UTC),
        )

    async def meet(self, cast: Cast, **languages: str) -> None:
        """Know everybody of a case and how it came about, without mail about that."""
        self.casts.append(cast)
        await self.hear(*(cast.contact(role) for role in ("trainer", "school", "company")))
        await self.hear(cast.event(VacancyPosted), cast.event(ProposalMade), cast.event(ContractDrafted))
        await self.run("DELETE FROM outgoing")
        await self.run("DELETE FROM messages")

    async def rows(self, table: Table, *order: Any) -> list[Any]:
        async with self.database.begin(actor="test") as tx:
            return list((await tx.execute(select(table).order_by(*(order or table.primary_key.columns)))).all())

    async def run(self, statement: str, **values: Any) -> None:
        async with self.database.begin(actor="test") as tx:
            await tx.execute(text(statement), values)

    async def messages(self) -> dict[tuple[str, str], str]:
        """Status by template and role; a letter that was dropped counts where no other took its place."""
        rows = sorted(await self.rows(message_tables.messages), key=lambda row: bool(row.status != "obsolete"))
        return {(row.template, row.role): row.status for row in rows}

    async def told(self) -> list[str]:
        """The names of what is in the outbox."""
        rows = await self.rows(metadata.tables["outbox"])
        return [row.type.removeprefix("nl.hybride-techniekopleiders.") for row in rows]

    async def rule(self, code: str, value: dict[str, Any]) -> None:
        """Have a rule hold, as if it had been published long ago."""
        await have_rule(self.database, code, value)

    async def send(self, channel: Any) -> int:
        """Send one batch, once new letters have settled; return how many went out or were refused for good."""
        settled = "UPDATE outgoing SET due_at = due_at - CAST(:settles AS interval) WHERE attempts = 0"
        await self.run(settled, settles=SETTLES)
        letters = Letters(self.database, channel, self.settings)
        await letters.run_due()
        return letters.gone

    def pass_time(self, **time: float) -> None:
        """Let time pass, business time and real time alike."""
        self.database.clock.offset += timedelta(**time)
        self.database.clock.passed += timedelta(**time)

    async def register(self, owner: UUID, url: str, *names: str) -> Endpoint:
        """Register an address for an organisation that is confirmed."""
        if owner not in {row.party_id for row in await self.rows(fact_tables.contacts)}:
            await self.hear(made(ContactState, partyId=owner, party="school"))
        return await self.register_for(owner, url, *names)

    async def register_for(self, owner: UUID, url: str, *names: str) -> Endpoint:
        async with self.database.begin(actor="test") as tx:
            return await endpoints.register(tx, owner_id=owner, url=url, event_types=names, right_form=True)

    async def endpoint(self, endpoint: Endpoint) -> Any:
        return next(row for row in await self.rows(endpoint_tables.endpoints) if row.id == endpoint.id)

    async def deadlines(self) -> None:
        await DeadlineLoop(self.database, service.deadlines).run_due()


@asynccontextmanager
async def notifications(url: str, folder: Path, **changes: Any) -> AsyncIterator[Notifications]:
    settings = Settings(
        **{"database_url": url, "log_url": url, "data_dir": folder, "rate_limit": "100000/minute", **changes}
    )
    database = Database(url, service="notifications", metadata=metadata, oin=settings.oin)
    try:
        yield Notifications(database, settings, Dispatch(database, service.handlers, "notifications"))
    finally:
        await database.close()


@dataclass(frozen=True)
class Got:
    """One request that a partner got."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)


class Held:
    """What a partner has taken and not answered yet."""

    def __init__(self) -> None:
        self.arrived, self.go_on = asyncio.Event(), asyncio.Event()

    async def answer(self, got: Got) -> Response:
        del got
        self.arrived.set()
        await self.go_on.wait()
        return Response(status_code=204)


@dataclass
class Receiver:
    """A partner: what it got, and what it answers."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: Callable[[Got], Awaitable[Response]] | None = None
    allows: str | None = "*"

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")

    async def hook(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            self.asked.append(request.headers["webhook-request-origin"])
            headers = {"WebHook-Allowed-Origin": self.allows} if self.allows else {}
            return Response(status_code=200, headers=headers)
        got = Got(dict(request.headers), await request.body())
        answer = await self.answer(got) if self.answer else Response(status_code=204)
        self.got.append(got)
        return answer

    def hold(self) -> Held:
        """Take what comes and answer it when told to."""
        held = Held()
        self.answer = held.answer
        return held

    def always(self, status: int, **headers: str) -> None:
        """Answer everything the same."""

        async def answer(got: Got) -> Response:
            del got
            return Response(status_code=status, headers={n.replace("_", "-"): v for n, v in headers.items()})

        self.answer = answer


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = Starlette(routes=[Route("/hook", found.hook, methods=["POST", "OPTIONS"])])
    async with serving(app, host="127.0.0.1", port=0) as url:
        found.url = url
        yield found


@asynccontextmanager
async def webhooks(*allowed: str) -> AsyncIterator[Webhooks]:
    channel = Webhooks(origin="hto.example", allowed=allowed, inside=True)
    try:
        yield channel
    finally:
        await channel.close()


async def rounds(deliverer: Deliverer) -> None:
    """Deliver until nothing is due and nothing under way."""
    async with asyncio.timeout(20):
        while await deliverer.run_due():
            pass
