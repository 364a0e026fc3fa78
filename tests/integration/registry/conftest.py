"""A registry of one's own: a migrated database with its reference data, copied for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from common.db import Database
from common.deadlines import DeadlineLoop
from common.migrations import runner
from events import PREFIX
from registry import usecases
from registry.app import service
from tests.postgres import FreshDatabase, Postgres, create_database


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


@pytest.fixture(scope="session")
async def seeded_template(postgres_server: Postgres) -> str:
    """The name of a database that is migrated and seeded, to be copied."""
    url = await create_database(postgres_server)
    await runner.upgrade(service, url)
    database = Database(url, service="registry", metadata=service.tables, oin="0" * 20)
    async with database.begin(actor="hto migrate") as tx:
        await usecases.seed_reference(tx)
    await database.close()
    return url.rsplit("/", 1)[1]


@pytest.fixture
async def registry(fresh_database: FreshDatabase, seeded_template: str) -> AsyncIterator[Registry]:
    """A seeded registry; what the seeding told is sent already."""
    database = Database(
        await fresh_database(template=seeded_template), service="registry", metadata=service.tables, oin="0" * 20
    )
    found = Registry(database)
    await found.forget_what_was_told()
    yield found
    await database.close()
