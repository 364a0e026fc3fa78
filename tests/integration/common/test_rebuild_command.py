"""`hto rebuild` on a system at work: each command of its page does what the page says."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hto.addresses import announce
from tests.conformance.quick import quick_log
from tests.integration.common.rebuilding import Operations, operations_on
from tests.support.postgres import FreshDatabase

PAGE = Path(__file__).parents[3] / "docs/how-to/rebuild-a-read-model.md"
COMMANDS = re.findall(r"^hto (rebuild .*)$", PAGE.read_text(), re.MULTILINE)


class Ended(NamedTuple):
    status: int | None
    out: str
    err: str


@pytest.fixture
async def operations(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Operations]:
    """At work, and announced in a data folder as `hto run` does it."""
    log_url, url = await fresh_database(), await fresh_database()
    announce(tmp_path, url="http://localhost:1", log_url=log_url, database_url=url)
    event_log = quick_log(log_url)
    async with operations_on(event_log, url) as made:
        await made.happen(3)
        await made.until_quiet()
        yield made
    await event_log.stop()


async def hto(folder: Path, *arguments: str) -> Ended:
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).with_name("hto")), *arguments),
        env={"HTO_DATA_DIR": str(folder), "PATH": "/usr/bin:/bin"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


async def test_the_commands_of_the_page_compare_and_switch(operations: Operations, tmp_path: Path) -> None:
    assert COMMANDS == ["rebuild operations.cases --dry-run", "rebuild operations.figures --yes"]
    dry_run, switch = (command.split() for command in COMMANDS)
    same = await hto(tmp_path, *dry_run)
    assert (same.status, same.out.splitlines()[-1]) == (0, "Both have the same rows: nothing to switch."), same
    assert "operations.cases: events" in same.err
    await operations.do("UPDATE cases SET latest = 'wrong'")
    differs = await hto(tmp_path, *dry_run)
    assert differs.status == 3
    assert "cases: latest in 3" in differs.out
    assert await operations.do("SELECT DISTINCT latest FROM cases") == [("wrong",)]
    await operations.do("DELETE FROM hours")
    switched = await hto(tmp_path, *switch)
    assert (switched.status, switched.out.splitlines()[-1]) == (0, "The new one has taken its place."), switched
    assert len((await operations.rows("operations.figures"))["hours"]) == 3


async def test_a_name_that_is_none_and_nobody_to_ask_are_wrong_input(tmp_path: Path) -> None:
    unknown = await hto(tmp_path, "rebuild", "operations.nothing", "--yes")
    assert (unknown.status, "operations.cases, operations.figures" in unknown.err) == (2, True)
    nobody = await hto(tmp_path, "rebuild", "operations.cases")
    assert (nobody.status, nobody.err) == (2, "Say --dry-run or --yes: nobody is here to be asked.\n")


async def test_a_rebuild_that_cannot_be_done_says_why_in_a_line(operations: Operations, tmp_path: Path) -> None:
    await operations.do("CREATE VIEW of_somebody AS SELECT * FROM hours")
    await operations.do("DELETE FROM hours")
    refused = await hto(tmp_path, "rebuild", "operations.figures", "--yes")
    assert refused.status == 1
    assert "other objects depend on them" in refused.err
    assert (await operations.rows("operations.figures"))["hours"] == []
