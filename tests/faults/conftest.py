"""One cluster per log for all of its seeds, and never two at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.faults.campaign import Campaign, campaign
from tests.faults.seeds import LOGS, wanted


class Campaigns:
    """The campaign under way; the one before it is over as soon as another log's is asked for."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        """Nothing is started yet."""
        self._folders, self._stack = folders, AsyncExitStack()
        self._now: Campaign | None = None

    async def on(self, log: str) -> Campaign:
        """Return the campaign of a log, started where it is not."""
        if self._now is None or self._now.on.log != log:
            await self.close()
            seeds = [seed for seed in wanted() if LOGS[seed % len(LOGS)] == log]
            folder = self._folders.mktemp(f"faults-{log}")
            self._now = await self._stack.enter_async_context(campaign(log, folder, seeds))
        return self._now

    async def close(self) -> None:
        """End what is under way."""
        self._now = None
        await self._stack.aclose()


@pytest.fixture(scope="session")
async def campaigns(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Campaigns]:
    made = Campaigns(tmp_path_factory)
    yield made
    await made.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Finish with one log before the other begins: two clusters at once are more than a small machine carries."""
    mine = [at for at, item in enumerate(items) if "campaigns" in getattr(item, "fixturenames", ())]
    for at, item in zip(mine, sorted((items[at] for at in mine), key=_log_of), strict=True):
        items[at] = item


def _log_of(item: pytest.Item) -> int:
    assert isinstance(item, pytest.Function)
    return LOGS.index(item.callspec.params["log"])
