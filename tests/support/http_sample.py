"""A service with an API, small: notes that belong to a school, on real tables, behind real tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx2
from fastapi import Query
from fastapi.responses import PlainTextResponse
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Row, Table, Text, Uuid, insert, select, text, update

from common.caller import CallerRole
from common.errors import Conflict, Invalid, InvalidParam, Message, NotFound, Refused
from common.persistence.database import Database
from common.persistence.paging import Paged
from common.persistence.processing_log import processing_log, record_processing
from common.persistence.tables import add_plumbing
from common.persistence.transaction import Tx, uuid7
from common.persistence.visibility import visible
from common.runtime.settings import Settings
from common.service import Service, Slice
from common.web import (
    Api,
    ApiContext,
    Caller,
    Command,
    Day,
    FreeText,
    IfMatch,
    InTx,
    Line,
    Moment,
    Now,
    Page,
    Paging,
    Router,
    View,
    create_site,
    creates_resource,
    max_body_size,
    public,
    roles,
    scope,
)
from common.web.auth import Verifier
from events.erasure import ErasureConfirmed
from hto.issuer import Issuer, create_issuer
from tests.support.sample import make_tables

AUDIENCE = "hto"
ACTIVITY = "https://hybride-techniekopleiders.nl/processing/notes"


class NoteFull(Refused):
    """A note has at most {most} lines, this one {lines}."""


class NoteClosed(Conflict):
    """A note that is {status} cannot become {wanted}."""


class Part(Command):
    starts_at: Moment
    minutes: int


class WriteNote(Command):
    """Write a note."""

    school_id: UUID
    title: Line
    text: FreeText | None = None
    mark: str = ""
    starts_on: Day | None = None
    parts: tuple[Part, ...] = ()


class ChangeNote(Command):
    """Give a note another title."""

    title: Line


class NoteView(View):
    """A note."""

    id: UUID
    school_id: UUID
    title: str
    starts_on: date | None
    written_at: Moment
    version: int


@dataclass
class Hooks:
    """What a test puts into the routes' way."""

    before_answer: Callable[[Tx], Awaitable[None]] | None = None
    runs: int = 0

    async def reached(self, tx: Tx) -> None:
        self.runs += 1
        if self.before_answer:
            await self.before_answer(tx)


def tables() -> MetaData:
    metadata = MetaData()
    add_plumbing(metadata)
    processing_log(metadata)
    Table(
        "notes",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("school_id", Uuid, nullable=False),
        Column("title", Text, nullable=False),
        Column("starts_on", Date),
        Column("written_at", DateTime(timezone=True), nullable=False),
        Column("version", Integer, nullable=False),
    )
    return metadata


TABLES = tables()
NOTES = TABLES.tables["notes"]


async def _find(tx: Tx, caller: Caller, note_id: UUID) -> Row[Any]:
    query = select(NOTES).where(NOTES.c.id == note_id, visible(caller, schools=NOTES.c.school_id))
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise NotFound(what="note", id=note_id)
    return row


def router_of(hooks: Hooks) -> Router:
    """The routes; fixed addresses come before those with an id in them."""
    router = Router(tags=["Notes"])
    _unusual(router)
    _reading(router, hooks)
    _writing(router, hooks)
    return router


def _writing(router: Router, hooks: Hooks) -> None:
    @router.post(
        "/notes",
        status_code=201,
        response_model=NoteView,
        dependencies=[scope("notes:write"), roles(CallerRole.SCHOOL)],
    )
    async def write(command: WriteNote, caller: Caller, tx: InTx, now: Now) -> Row[Any]:
        """Write a note for a school."""
        caller.must_act_for(schools=command.school_id)
        if command.text and command.text.count("\n") > 2:
            raise NoteFull(most=3, lines=command.text.count("\n") + 1)
        values = {"school_id": command.school_id, "title": command.title, "starts_on": command.starts_on}
        row = insert(NOTES).values(id=uuid7(), written_at=now, version=1, **values).returning(NOTES)
        note = (await tx.execute(row)).one()
        tx.publish(ErasureConfirmed(trainer_id=note.id, service="sample", rows=0), case=note.id)
        await hooks.reached(tx)
        return note

    @router.put(
        "/notes/{note_id}",
        response_model=NoteView,
        dependencies=[scope("notes:write"), roles(CallerRole.SCHOOL), creates_resource()],
    )
    async def put(note_id: UUID, command: WriteNote, caller: Caller, tx: InTx, now: Now) -> Row[Any]:
        """Write a note under an id of the caller's own."""
        caller.must_act_for(schools=command.school_id)
        found = (await tx.execute(select(NOTES).where(NOTES.c.id == note_id))).one_or_none()
        await hooks.reached(tx)
        if found:
            return found
        values = {"school_id": command.school_id, "title": command.title, "starts_on": command.starts_on}
        row = insert(NOTES).values(id=note_id, written_at=now, version=1, **values).returning(NOTES)
        return (await tx.execute(row)).one()

    @router.put(
        "/notes/{note_id}/title", response_model=NoteView, dependencies=[scope("notes:write"), roles(CallerRole.SCHOOL)]
    )
    async def change(note_id: UUID, command: ChangeNote, caller: Caller, tx: InTx, match: IfMatch) -> Row[Any]:
        """Give a note another title."""
        note = await _find(tx, caller, note_id)
        match.check(note.version)
        if note.title == "closed":
            raise NoteClosed(status="closed", wanted="open")
        row = (
            update(NOTES)
            .where(NOTES.c.id == note_id)
            .values(title=command.title, version=note.version + 1)
            .returning(NOTES)
        )
        await hooks.reached(tx)
        return (await tx.execute(row)).one()

    @router.delete("/notes/{note_id}", status_code=204, dependencies=[scope("notes:write"), roles(CallerRole.SCHOOL)])
    async def remove(note_id: UUID, caller: Caller, tx: InTx, match: IfMatch) -> None:
        """Remove a note."""
        match.check((await _find(tx, caller, note_id)).version)
        await tx.execute(NOTES.delete().where(NOTES.c.id == note_id))


def _reading(router: Router, hooks: Hooks) -> None:
    @router.get("/notes", response_model=Page[NoteView], dependencies=[scope("notes:read")])
    async def find(
        caller: Caller,
        tx: InTx,
        paging: Paging,
        starts_on: Day | None = None,
        newest_first: Annotated[bool, Query(description="Begin with the newest.")] = False,  # noqa: FBT002
    ) -> Paged[Row[Any]]:
        """Find the caller's notes."""
        query = select(NOTES).where(visible(caller, schools=NOTES.c.school_id))
        if starts_on:
            query = query.where(NOTES.c.starts_on == starts_on)
        return await paging.read(tx, query, NOTES.c.written_at, NOTES.c.id, newest_first=newest_first)

    @router.get("/titles", response_model=Page[str], dependencies=[scope("notes:read")])
    async def find_titles(caller: Caller, tx: InTx, paging: Paging) -> Paged[str]:
        """Find the titles of the caller's notes."""
        query = select(NOTES).where(visible(caller, schools=NOTES.c.school_id))
        return await paging.read_each(tx, query, NOTES.c.id, load=lambda row: f"{row['title']}!")

    @router.get("/notes/{note_id}", response_model=NoteView, dependencies=[scope("notes:read")])
    async def show(note_id: UUID, caller: Caller, tx: InTx) -> Row[Any]:
        """Show one note."""
        note = await _find(tx, caller, note_id)
        await record_processing(tx, caller, ACTIVITY, note.school_id)
        await hooks.reached(tx)
        return note


def _unusual(router: Router) -> None:
    @router.post(
        "/notes/_import",
        status_code=201,
        response_model=NoteView,
        dependencies=[scope("notes:write"), roles(CallerRole.SCHOOL), max_body_size(64)],
    )
    async def import_(command: ChangeNote, caller: Caller) -> None:
        """Take notes from elsewhere; this one always has something to say about them."""
        del caller
        taken = Message("{title} is taken", title=command.title)
        raise Invalid(InvalidParam("title", taken, "taken"), InvalidParam("row", Message("empty"), "empty"))

    @router.get("/notes/_figures", response_model=dict[str, int], dependencies=[public("Open data.")])
    async def count(tx: InTx) -> dict[str, int]:
        """Count the notes."""
        return {"notes": len((await tx.execute(select(NOTES.c.id))).all())}

    @router.get(
        "/notes/{note_id}/text",
        response_class=PlainTextResponse,
        dependencies=[scope("notes:read")],
    )
    async def text(note_id: UUID, caller: Caller, tx: InTx) -> str:
        """Show a note as text."""
        return str((await _find(tx, caller, note_id)).title)


def sample_service(hooks: Hooks, routers: Sequence[Router] = ()) -> Service:
    return Service(
        name="sample",
        title="Notes",
        description="Notes of schools.",
        tables=TABLES,
        migrations=Path("/nonexistent"),
        slices=[Slice(name="note", routers=[router_of(hooks), *routers])],
    )


SCHOOL = uuid7()
ALL_SCOPES = "notes:read notes:write"


@dataclass
class Sample:
    """The service at work, and a client of it."""

    api: Api
    client: httpx2.AsyncClient
    issuer: Issuer
    database: Database
    hooks: Hooks
    settings: Settings

    def token(
        self, client_id: str = "school-hr", scope: str = ALL_SCOPES, claims: Mapping[str, Any] | None = None
    ) -> str:
        own = {"org": [str(SCHOOL)], "roles": ["school"]} if claims is None else claims
        return self.issuer.issue(client_id, scope=scope, claims=own)

    def headers(self, token: str | None = None, **more: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {token or self.token()}", **named}

    async def write(self, key: str | None = None, token: str | None = None, **note: Any) -> httpx2.Response:
        body = {"schoolId": str(SCHOOL), "title": "Lathe", **note}
        headers = self.headers(token, Idempotency_Key=key or str(uuid7()))
        return await self.client.post("/notes", json=body, headers=headers)

    async def rows(self, table: str = "notes") -> int:
        async with self.database.begin(actor="test") as tx:
            return len((await tx.execute(select(TABLES.tables[table]))).all())


@asynccontextmanager
async def sample(url: str, folder: Path, *, routers: Sequence[Router] = (), **settings: Any) -> AsyncIterator[Sample]:
    """The service on a database that it finds empty."""
    own = Settings(
        **{"database_url": url, "log_url": url, "data_dir": folder, "rate_limit": "100000/minute", **settings}
    )
    hooks = Hooks()
    service = sample_service(hooks, routers)
    database = Database(url, service="sample", metadata=TABLES, oin=own.oin, pool_size=own.pool_size)
    await make_tables(database)
    async with database.engine.begin() as connection:
        await connection.execute(text(f"TRUNCATE {', '.join(TABLES.tables)}"))
    issuer = create_issuer(own, scopes=ALL_SCOPES.split())
    verifier = Verifier({issuer.url: issuer.keys}, audience=AUDIENCE)
    api = Api(service, ApiContext(database=database, settings=own, verifier=verifier))
    site = create_site([api], {"/issuer": issuer.app()})
    transport = httpx2.ASGITransport(app=site)
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000/sample/v1") as client:
            yield Sample(api, client, issuer, database, hooks, own)
    finally:
        await database.close()
