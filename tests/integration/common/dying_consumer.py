"""A consumer whose process one event kills each time, run by ``test_poisoned_events``: one life per forked child.

How it kills is said on the command line: see ``POISONS``.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import text

from common.messaging.consumer.dispatch import Dispatch
from common.messaging.consumer.loop import Consumer
from common.messaging.logs import open_log
from common.persistence.database import Database
from common.persistence.transaction import Tx
from common.runtime.event_loop import run
from common.runtime.watchdog import Watchdog, end_hard
from tests.support.plumbing import CONSUMER, OIN, TOPIC
from tests.support.sample import Listener, eventually, tables, write_down


def _kills() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _loops() -> None:
    while True:
        pass


def _matches() -> None:
    """In C, which keeps the interpreter's lock: no other thread runs."""
    re.match("(a+)+$", "a" * 60 + "b")


POISONS: dict[str, Callable[[], None]] = {
    "kills": _kills,
    "loops": _loops,
    "matches": _matches,
    "sleeps": partial(time.sleep, 3600),
}


async def _react(trainer_id: UUID, what: str, tx: Tx) -> None:
    if what == "left other":
        POISONS[os.environ["POISON"]]()
    await write_down(trainer_id, what, tx)


async def _live(database_url: str, log_url: str) -> None:
    """Consume until nothing is left to read and nothing is due."""
    database = Database(database_url, service=CONSUMER, metadata=tables(), oin=OIN)
    log = open_log(log_url)
    consumer = Consumer(log, Dispatch(database, Listener(_react).handlers(), CONSUMER), [TOPIC])
    loops = [asyncio.create_task(consumer.run()), asyncio.create_task(consumer.retry())]

    async def quiet() -> bool:
        lag = await consumer.subscription.lag() if consumer.subscription else {}
        due = await database.execute(text("SELECT 1 FROM parked_keys WHERE retry_at IS NOT NULL"))
        return len(lag) > 1 and not any(one.events for one in lag.values()) and not due

    await eventually(quiet)
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    await log.stop()
    await database.close()


def main(lives: int, how: str, *urls: str) -> None:
    """Live again after each death, as a container does; print how the lives ended."""
    os.environ["POISON"] = how
    ends: list[int] = []
    while len(ends) < lives and 0 not in ends:
        child = os.fork()
        if child == 0:
            Watchdog(0.3, end_hard).start()
            run(_live(*urls))
            os._exit(0)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    sys.stdout.write(" ".join(map(str, ends)))


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
