"""The migrations make exactly the tables that the code speaks of, and take them away again."""

from __future__ import annotations

from common.persistence.migrations import runner
from matching.app import service
from tests.support.migrations import differences
from tests.support.postgres import FreshDatabase


async def test_up_down_and_up_again(fresh_database: FreshDatabase) -> None:
    url = await fresh_database()
    await runner.upgrade(service, url)
    assert await differences(service, url) == []
    await runner.downgrade(service, url)
    assert not await runner.is_current(service, url)
    await runner.upgrade(service, url)
    assert await runner.is_current(service, url)
    assert await differences(service, url) == []
