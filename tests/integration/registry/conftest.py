"""A registry of one's own: a migrated database, copied for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from registry import built_in
from registry.app import service
from tests.integration.registry.registry_cast import Asked, Cast
from tests.integration.registry.registry_site import Registry, Site, open_database, site_of
from tests.support.postgres import FreshDatabase, Postgres, create_database


@pytest.fixture(scope="session")
async def seeded(postgres_server: Postgres) -> str:
    """The name of a database with the reference data, to be copied."""
    url = await create_database(postgres_server)
    await runner.upgrade(service, url)
    registry = Registry(open_database(url))
    async with registry.database.begin(actor="hto migrate") as tx:
        await built_in.seed_reference(tx)
    await registry.forget_what_was_told()
    await registry.database.close()
    return url.rsplit("/", 1)[1]


@pytest.fixture(scope="session")
async def populated(postgres_server: Postgres, seeded: str) -> str:
    """The name of a database with the built-in schools, companies and trainers as well."""
    url = await create_database(postgres_server, template=seeded)
    registry = Registry(open_database(url))
    for chunk in built_in.builtin_chunks():
        async with registry.database.begin(actor="test") as tx:
            await chunk.load(tx)
    await registry.forget_what_was_told()
    await registry.database.close()
    return url.rsplit("/", 1)[1]


@pytest.fixture
async def bare(fresh_database: FreshDatabase, seeded: str) -> AsyncIterator[Registry]:
    """A registry with reference data and nobody in it; what the seeding told is sent already."""
    found = Registry(open_database(await fresh_database(template=seeded)))
    yield found
    await found.database.close()


@pytest.fixture
async def registry(fresh_database: FreshDatabase, populated: str) -> AsyncIterator[Registry]:
    """A registry with the built-in world in it; what the loading told is sent already."""
    found = Registry(open_database(await fresh_database(template=populated)))
    yield found
    await found.database.close()


@pytest.fixture
async def site(registry: Registry) -> AsyncIterator[Site]:
    """The API on a registry with the built-in world in it."""
    async with site_of(registry) as found:
        yield found


@pytest.fixture
def cast(site: Site) -> Cast:
    return Cast(site, uuid7())


@pytest.fixture
def asked(site: Site) -> Asked:
    return Asked(site)
