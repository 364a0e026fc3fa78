"""A worker in a process of its own, run by ``test_poisoned_deadlines``: one kind of deadline kills it."""

from __future__ import annotations

import os
import signal
import sys
from uuid import UUID

from common.persistence.database import Database
from common.persistence.deadlines import DeadlineLoop, Deadlines
from common.persistence.transaction import Tx
from common.runtime.event_loop import run
from common.runtime.watchdog import Watchdog, end_hard
from tests.support.plumbing import CONSUMER, OIN
from tests.support.sample import tables, write_down

deadlines = Deadlines()


@deadlines.on("good")
async def good(about: UUID, tx: Tx) -> None:
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


async def main(url: str) -> None:
    database = Database(url, service=CONSUMER, metadata=tables(), oin=OIN)
    while await DeadlineLoop(database, deadlines).run_due():
        pass
    await database.close()


if __name__ == "__main__":
    watchdog = Watchdog(0.3, end_hard)
    watchdog.start()
    run(main(sys.argv[1]))
    watchdog.stop()
