"""The service at work in a test: its database, its API, and anybody who calls it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import text

from common.caller import Caller, CallerRole
from common.persistence.database import Database
from common.persistence.deadlines import DeadlineLoop
from common.persistence.transaction import uuid7
from common.runtime.settings import Settings
from common.web import Api, ApiContext, create_site
from common.web.auth import Verifier
from events import PREFIX
from registry.app import service


@dataclass
class Registry:
    """The service's database, and what a test asks of it."""

    database: Database

    @property
    def now(self) -> datetime:
        """The business moment."""
        return self.database.clock.now()

    async def told(self) -> list[tuple[str, str | None]]:
        """What stands in the outbox, oldest first: the event's short name and its payload."""
        async with self.database.begin(actor="test") as tx:
            rows = await tx.execute(
                text("SELECT type, convert_from(payload, 'UTF8') AS payload FROM outbox ORDER BY position")
            )
            return [(row.type.removeprefix(PREFIX), row.payload) for row in rows]

    async def names_told(self) -> list[str]:
        """The short names alone, and the outbox is empty again."""
        names = [name for name, _ in await self.told()]
        await self.forget_what_was_told()
        return names

    async def forget_what_was_told(self) -> None:
        """Empty the outbox, as the relay would."""
        async with self.database.begin(actor="test") as tx:
            await tx.execute(text("DELETE FROM outbox"))

    async def rows(self, query: str, **parameters: Any) -> Sequence[Any]:
        """Look into the tables."""
        async with self.database.begin(actor="test") as tx:
            return (await tx.execute(text(query), parameters)).all()

    async def pass_time(self, to: datetime) -> int:
        """Move business time forward, deadline by deadline; return how many came."""
        loop, came = DeadlineLoop(self.database, service.deadlines), 0
        while True:
            due = (await self.rows("SELECT min(due_at) AS at FROM deadlines WHERE NOT parked"))[0].at
            if due is None or due > to:
                self._set(to)
                return came
            self._set(due + timedelta(seconds=1))
            came += await loop.run_due()
            assert not await self.rows("SELECT 1 FROM deadlines WHERE reason IS NOT NULL")

    def _set(self, moment: datetime) -> None:
        self.database.clock.offset = moment - datetime.now(UTC)


def open_database(url: str) -> Database:
    """The service's database at an address."""
    return Database(url, service="registry", metadata=service.tables, oin="0" * 20)


@dataclass
class Client:
    """Somebody with a token, and what they can do with it."""

    http: httpx2.AsyncClient
    token: str

    async def __call__(
        self, method: str, path: str, body: Any = None, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> Any:
        """Send a request, check its status, and return the JSON of the answer."""
        answer = await self.send(method, path, body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def send(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        """Send a request and return the answer as it is."""
        more = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if method == "POST":
            more.setdefault("Idempotency-Key", str(uuid7()))
        if isinstance(body, bytes):
            return await self.http.request(method, path, content=body, headers={"Content-Type": "text/csv", **more})
        return await self.http.request(method, path, json=body, headers=more)


class TokensThatSayIt(Verifier):
    """Takes tokens that are their own claims, so that a test can be anybody."""

    def __init__(self) -> None:
        super().__init__({}, audience="hto")

    async def verify(self, token: str) -> Caller:
        claims = json.loads(bytes.fromhex(token))
        return Caller(
            client=claims["client"],
            subject=claims["subject"],
            organisations=frozenset(UUID(one) for one in claims["org"]),
            roles=frozenset(CallerRole(one) for one in claims["roles"]),
            scopes=frozenset(claims["scopes"]),
            trainer=UUID(claims["trainer"]) if claims["trainer"] else None,
            regions=frozenset(claims["regions"]),
        )


SCOPES = sorted(
    {scope for router in service.routers for route in router.routes if (scope := getattr(route, "scope", None))}
)
"""Every scope that a route of the service asks for."""


@dataclass
class Site:
    """The service's API, and clients of it."""

    http: httpx2.AsyncClient
    registry: Registry

    def as_(
        self,
        *roles: CallerRole,
        org: Sequence[object] = (),
        trainer: object = None,
        regions: Sequence[str] = (),
        scopes: Sequence[str] = SCOPES,
        client: str = "a-client",
        subject: str | None = None,
    ) -> Client:
        """Be somebody."""
        claims = {
            "client": client,
            "subject": subject or client,
            "org": [str(one) for one in org],
            "roles": [role.value for role in roles],
            "scopes": list(scopes),
            "trainer": str(trainer) if trainer else None,
            "regions": list(regions),
        }
        return Client(self.http, json.dumps(claims).encode().hex())


@asynccontextmanager
async def site_of(registry: Registry) -> AsyncIterator[Site]:
    """The API on a registry."""
    settings = Settings(database_url="postgresql://unused", log_url="postgresql://unused", rate_limit="100000/minute")
    api = Api(service, ApiContext(database=registry.database, settings=settings, verifier=TokensThatSayIt()))
    transport = httpx2.ASGITransport(app=create_site([api]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000/registry/v1") as http:
        yield Site(http, registry)
