"""The measurement of a full year runs: its rows fit the tables, every address answers, and nothing is left behind."""

from __future__ import annotations

import structlog

from bench.year import LISTS, measure
from bench.year_rows import Year


async def test_a_thousandth_of_a_year_is_filled_and_asked_as_everybody() -> None:
    with structlog.testing.capture_logs():
        found = await measure(Year().scaled(0.001), seconds=0.2, times=1)
    asked = {row[0] for row in found.rows}
    assert asked >= {f"{name} {path}" for name, paths in LISTS.items() for path, _ in paths}
    assert {"a claim of deliveries", "an idle worker, % of a core in PostgreSQL"} <= asked
