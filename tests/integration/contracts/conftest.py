"""What the tests of contracts share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.persistence.migrations import runner
from contracts.app import service
from tests.integration.contracts.contracts_at_work import Contracts
from tests.support.at_work import at_work, database_at, seed_policies
from tests.support.postgres import FreshDatabase, Postgres, create_database


@pytest.fixture(scope="session")
async def migrated(postgres_server: Postgres) -> str:
    """The name of a database with tables and policies, to be copied."""
    url = await create_database(postgres_server)
    await runner.upgrade(service, url)
    database = database_at(service, url)
    await seed_policies(database)
    await database.close()
    return url.rsplit("/", 1)[1]


@pytest.fixture
async def office(migrated: str, fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Contracts]:
    async with at_work(Contracts, await fresh_database(template=migrated), tmp_path) as running:
        yield running
