"""A real service's API in this process: its migrated database, tokens of the real issuer, requests over ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import httpx2

from common.persistence.database import Database
from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from common.runtime.settings import Settings
from common.service import Service
from common.web import Api, ApiContext, create_site
from common.web.auth import Verifier
from hto.issuer import Issuer, create_issuer


@dataclass(frozen=True)
class Serving:
    """A service that can be asked."""

    database: Database
    client: httpx2.AsyncClient
    issuer: Issuer
    base: str

    def token(self, client: str, scope: str, **claims: Any) -> str:
        """A token of the real issuer; ``claims`` are ``org``, ``roles``, ``trainer``, ``regions``."""
        return self.issuer.issue(client, scope=scope, claims=claims)

    def headers(self, client: str, scope: str, **claims: Any) -> dict[str, str]:
        """What a request needs: a token, and a new name for the write."""
        return {"Authorization": f"Bearer {self.token(client, scope, **claims)}", "Idempotency-Key": str(uuid7())}

    async def get(self, path: str, headers: Mapping[str, str]) -> httpx2.Response:
        """Read."""
        return await self.client.get(f"{self.base}{path}", headers=headers)

    async def post(self, path: str, headers: Mapping[str, str], body: Any = None) -> httpx2.Response:
        """Write."""
        return await self.client.post(f"{self.base}{path}", headers=headers, json=body)


@asynccontextmanager
async def serving(service: Service, url: str, *, rate_limit: str = "100000/minute") -> AsyncIterator[Serving]:
    """The service on an empty database at ``url``, its clock movable."""
    await runner.upgrade(service, url)
    database = Database(url, service=service.name, metadata=service.tables, oin="0" * 20, follows_clock=True)
    try:
        with TemporaryDirectory() as folder:
            settings = Settings(
                database_url=url, log_url=url, data_dir=Path(folder), test_clock=True, rate_limit=rate_limit
            )
            issuer = create_issuer(settings)
            verifier = Verifier({issuer.url: issuer.keys}, audience=settings.audience)
            context = ApiContext(database=database, settings=settings, verifier=verifier)
            api = Api(service, context)
            site = create_site([api], {path: make(context) for path, make in service.pages.items()})
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site), base_url="http://test") as client:
                yield Serving(database, client, issuer, api.prefix)
    finally:
        await database.close()  # also where the test failed: a server waits for whoever is connected


def ids(*names: str) -> dict[str, UUID]:
    """New ids by name."""
    return {name: uuid7() for name in names}
