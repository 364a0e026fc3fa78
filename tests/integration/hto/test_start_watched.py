"""A process is watched from before its first loop has anything in hand."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from common.runtime.watchdog import STOOD_STILL
from tests.support.postgres import FreshDatabase

_PROGRAM = """
import asyncio, sys
from common.runtime.event_loop import run
from common.runtime.settings import load
from common.runtime.watchdog import end_hard
from hto.process import process
from tests.support.sample import Listener, listener

async def holds(context):
    while True:
        pass

async def main():
    settings = load(
        environment="development", database_url=sys.argv[1], log_url=sys.argv[2],
        issuers=("http://localhost/issuer",), watchdog_seconds=0.3,
    )
    async with process(settings, [listener(Listener().handlers(), loops=[holds])], worker=True, end=end_hard):
        await asyncio.sleep(60)

run(main())
"""


async def test_a_call_that_blocks_the_event_loop_while_services_start_ends_the_process(
    fresh_database: FreshDatabase,
) -> None:
    """Seen red: the deadline that had ended `hto run` was claimed again while the next one started.

    Nothing watched it then: the process stood still for ever, served nobody and heard no Ctrl-C.
    """
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, await fresh_database(), await fresh_database()),
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(30):
            said, _ = await worker.communicate()
    finally:
        if worker.returncode is None:
            worker.kill()
    assert worker.returncode == STOOD_STILL, said.decode()
