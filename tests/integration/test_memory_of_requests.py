"""What a request takes in memory is bounded by the page, not by the table: lists, figures, and an export."""

from __future__ import annotations

import asyncio
import sys
from subprocess import PIPE

import pytest

from tests.integration.memory_of_a_request import ASKED
from tests.support.postgres import FreshDatabase


@pytest.mark.parametrize("asked", ASKED)
async def test_ten_times_as_many_rows_take_no_more_memory(asked: str, fresh_database: FreshDatabase) -> None:
    """In a process of its own: what other tests left behind in this one took megabytes at times."""
    command = (sys.executable, "-m", "tests.integration.memory_of_a_request", asked, await fresh_database())
    asking = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    said, complained = await asking.communicate()
    assert asking.returncode == 0, complained.decode()
    *_, few, many = said.split()
    # So many rows more, held at once, take several megabytes.
    assert int(many) < 1.3 * int(few) + 500_000
