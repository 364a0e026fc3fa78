"""What the tests of matching share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from common.persistence.migrations import runner
from matching.app import service
from tests.integration.matching.matching_at_work import Matching
from tests.support.at_work import at_work, database_at, seed_policies
from tests.support.postgres import FreshDatabase, Postgres, create_database


@pytest.fixture(scope="session")
async def migrated(postgres_server: Postgres) -> str:
    """The name of a database with tables and policies, to be copied."""
    url = await create_database(postgres_server)
    await runner.upgrade(service, url)
    database = database_at(service, url)
    await seed_policies(database)
    # One for a place at a time, unless a test is about more.
    one = text("""UPDATE policies SET value = value || '{"mostPerPlace": 1}' WHERE code = 'matching.asking'""")
    async with database.begin(actor="test") as tx:
        await tx.execute(one)
    await database.close()
    return url.rsplit("/", 1)[1]


@pytest.fixture
async def matching(migrated: str, fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Matching]:
    async with at_work(Matching, await fresh_database(template=migrated), tmp_path) as running:
        yield running
