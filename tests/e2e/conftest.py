"""One running system per event log, shared by the branches: each plays in a town of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.system import System, system
from tests.support.containers import Kafka
from tests.support.postgres import Postgres, free_port


@pytest.fixture(scope="module")
async def on_postgresql(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """For what the event log makes no difference to."""
    async with system(postgres_server, tmp_path_factory.mktemp("system"), None) as running:
        yield running


@pytest.fixture(scope="module", params=["postgresql", "kafka"])
async def everything(
    request: pytest.FixtureRequest, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    folder: Path = tmp_path_factory.mktemp(f"system-{request.param}")
    if request.param == "postgresql":
        async with system(postgres_server, folder, None) as running:
            yield running
        return
    broker = Kafka(relayed=free_port())
    broker.start()
    broker.wait()
    try:
        async with system(postgres_server, folder, broker) as running:
            yield running
    finally:
        broker.stop()
