"""What the tests of the plumbing share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http_sample import Sample, sample
from tests.postgres import Postgres, create_database


@pytest.fixture(scope="session")
async def notes_database(postgres_server: Postgres) -> str:
    """The database that the sample service's tests share; each finds it empty."""
    return await create_database(postgres_server)


@pytest.fixture
async def notes(notes_database: str, tmp_path: Path) -> AsyncIterator[Sample]:
    """A small service with an API, at work."""
    async with sample(notes_database, tmp_path) as running:
        yield running
