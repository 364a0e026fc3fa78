"""A migrated notifications database, a mail server and a partner's receiver."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.persistence.migrations import runner
from notifications.app import service
from tests.integration.notifications.at_work import Notifications, Receiver, notifications, receiver
from tests.support.postgres import FreshDatabase, Postgres, create_database


@pytest.fixture(scope="session")
async def notifications_template(postgres_server: Postgres) -> str:
    url = await create_database(postgres_server)
    await runner.upgrade(service, url)
    return url.rpartition("/")[2]


@pytest.fixture
async def at_work(
    fresh_database: FreshDatabase, notifications_template: str, tmp_path: Path
) -> AsyncIterator[Notifications]:
    async with notifications(await fresh_database(notifications_template), tmp_path) as found:
        yield found


@pytest.fixture
async def partner() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found
