"""Each projection is dropped after the journey and comes back from the log, row by row, on both logs."""

from __future__ import annotations

import pytest

from demo.play import play
from demo.report import Reporter
from tests.e2e.rebuilding import NAMES_OF_PROJECTIONS, drop, indexes, rebuild, rows, until_quiet
from tests.e2e.system import System


@pytest.fixture(scope="module")
async def played(everything: System) -> System:
    """The system after a whole journey."""
    assert await play(everything.client, everything.receiver, Reporter(None), number=9)
    return everything


@pytest.mark.parametrize("name", NAMES_OF_PROJECTIONS)
async def test_a_rebuild_finds_the_rows_that_are_there(played: System, name: str) -> None:
    await until_quiet(played, name)
    comparison = await rebuild(played, name, lambda _: False)
    assert not comparison.differs, comparison
    assert sum(table.old for table in comparison.tables) > 0


@pytest.mark.parametrize("name", NAMES_OF_PROJECTIONS)
async def test_a_dropped_projection_comes_back_with_the_same_rows(played: System, name: str) -> None:
    await until_quiet(played, name)
    before, made = await rows(played, name), await indexes(played, name)
    await drop(played, name)
    comparison = await rebuild(played, name, lambda found: found.differs)
    assert all(table.dropped for table in comparison.tables)
    assert await rows(played, name) == before
    assert await indexes(played, name) == made
