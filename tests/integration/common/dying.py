"""A worker in a process of its own, run by ``test_poisoned_deadlines``: one kind of deadline kills it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from uuid import UUID

from sqlalchemy import text

from common.persistence.database import Database
from common.persistence.deadlines import DeadlineLoop, Deadlines
from common.persistence.transaction import Tx
from common.runtime.event_loop import run
from common.runtime.watchdog import Watchdog, end_hard
from tests.support.plumbing import CONSUMER, OIN, quicker, working
from tests.support.sample import tables, write_down

deadlines = Deadlines()


@deadlines.on("good")
async def good(about: UUID, tx: Tx) -> None:
    await write_down(about, "due", tx)


@deadlines.on("lasts")
async def lasts(about: UUID, tx: Tx) -> None:
    await asyncio.sleep(0.6)
    await write_down(about, "due", tx)


@deadlines.on("holds")
async def holds(about: UUID, tx: Tx) -> None:
    del about, tx
    while True:
        pass


@deadlines.on("kills")
async def kills(about: UUID, tx: Tx) -> None:
    del about, tx
    os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, slow: str | None = None) -> None:
    """Run what is due; with ``slow`` as a worker does, which no longer waits for what takes so many seconds."""
    database = Database(url, service=CONSUMER, metadata=tables(), oin=OIN)
    if slow is None:
        while await DeadlineLoop(database, deadlines).run_due():
            pass
    else:
        with quicker(DeadlineLoop, SLOW=float(slow), PATIENCE=0.01, LOOK_FOR_SUSPECTS=0.01, POLL=0.05):
            async with working(DeadlineLoop(database, deadlines).run()):
                while await database.execute(text("SELECT id FROM deadlines WHERE NOT parked")):  # noqa: ASYNC110 - the loop beside makes it end
                    await asyncio.sleep(0.05)
    await database.close()


if __name__ == "__main__":
    watchdog = Watchdog(0.3, end_hard)
    watchdog.start()
    run(main(*sys.argv[1:]))
    watchdog.stop()
