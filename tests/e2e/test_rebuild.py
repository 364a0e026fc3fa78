"""Each projection is dropped after the journey and comes back from the log, row by row, on both logs."""

from __future__ import annotations

from typing import Any

import pytest

from demo.play import play
from demo.report import Reporter
from tests.e2e.rebuilding import NAMES_OF_PROJECTIONS, drop, indexes, rebuild, rows, until_quiet
from tests.e2e.system import System

REPORTS = 12
"""Enough for a cell that is published."""


@pytest.fixture(scope="module")
async def played(everything: System) -> System:
    """The system after a whole journey."""
    assert await play(everything.client, everything.receiver, Reporter(None), number=9)
    programme = everything.stage().programme
    report = {"policyCode": "vat.V5", "item": "K2.2", "summary": "Door de btw is uitlenen te duur.", "region": "AM28"}
    for _ in range(REPORTS):
        await programme.post("/registry/v1/bottleneck-reports", report)
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


async def test_counted_bottlenecks_are_the_same_number_after_a_rebuild(played: System) -> None:
    on = played.stage()

    async def shown() -> Any:
        return await on.programme.get("/operations/v1/figures/programme")

    await until_quiet(played, "operations.figures")
    before = await shown()
    assert abs(before["bottlenecks"]["K2.2"]["byRegion"]["AM28"] - REPORTS) < 5
    await drop(played, "operations.figures")
    await rebuild(played, "operations.figures", lambda found: found.differs)
    assert await shown() == before
