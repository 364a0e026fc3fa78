"""From an outbox row to its effect in another service: how many a second.

    python -m bench.event_flow [--log postgresql|kafka] [--seconds 60] [--only relay|handler|bulk]

One process does all of it (both services' relays and consumers), beside the database and the log.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import asyncpg
from sqlalchemy import text

from bench.machine import describe, kafka, table
from common.consumer import Handlers, Received
from common.db import Database
from common.log import EventLog, Topic
from common.logs import open_log
from common.outbox import Relay
from common.running import Running
from common.transaction import Tx
from events.registry import TrainerPaused
from tests.postgres import create_database, throwaway
from tests.sample import Listener, listener, new_id, running, teller

KEYS = 500


@dataclass
class Bench:
    """The two services."""

    here: Running
    there: Running
    event_log: EventLog
    log_url: str


def bulk_handlers() -> Handlers:
    """A projection that writes a run of events with one statement."""
    handlers = Handlers()

    @handlers.bulk(TrainerPaused)
    async def project(received: Sequence[Received], tx: Tx) -> None:
        ids = [item.event.trainer_id for item in received if isinstance(item.event, TrainerPaused)]
        await tx.execute(
            text("INSERT INTO heard (trainer_id, what) SELECT id, 'paused' FROM unnest(CAST(:ids AS uuid[])) AS id"),
            {"ids": ids},
        )

    return handlers


@asynccontextmanager
async def bench(log_kind: str, handlers: Handlers) -> AsyncIterator[Bench]:
    """Two services on a durable PostgreSQL and the log that was asked for."""
    with throwaway(durable=True) as server, kafka(log_kind) as bootstrap:
        log_url = bootstrap or await create_database(server)
        event_log = open_log(log_url)
        here_service, there_service = teller(), listener(handlers)
        await event_log.start()
        await event_log.create_topics(
            [
                *here_service.topics,
                *there_service.topics,
                Topic(name="hto.registry.policies", partitions=1, compacted=True),
                Topic(name="hto.operations.events", partitions=6),
            ]
        )
        async with (
            running(here_service, await create_database(server), event_log) as here,
            running(there_service, await create_database(server), event_log) as there,
        ):
            yield Bench(here, there, event_log, log_url)
        await event_log.stop()


async def fill_outbox(database: Database, count: int) -> None:
    """Put ``count`` events into the outbox, over 500 keys."""
    trainers = [new_id() for _ in range(KEYS)]
    for start in range(0, count, 1000):
        async with database.begin(actor="bench") as tx:
            for number in range(start, min(start + 1000, count)):
                tx.publish(TrainerPaused(trainer_id=trainers[number % KEYS]))


async def until_empty(url: str, tables: Sequence[str], *, rows: int | None = None) -> float:
    """Wait until the outbox is empty, or ``heard`` has ``rows``; return when."""
    connection = await asyncpg.connect(url)
    try:
        while True:
            count = await connection.fetchval(f"SELECT count(*) FROM {tables[0]}")
            if count == (rows or 0):
                return time.perf_counter()
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


async def relay_alone(log_kind: str, count: int) -> float:
    """Events a second from the outbox to the log's acknowledgement."""
    async with bench(log_kind, Listener().handlers()) as b:
        await fill_outbox(b.here.database, count)
        began = time.perf_counter()
        task = asyncio.create_task(Relay(b.here.database, b.event_log).run())
        ended = await until_empty(b.here.database.url, ["outbox"])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return count / (ended - began)


async def handled(log_kind: str, handlers: Handlers, count: int) -> float:
    """Events a second from the log to the committed effect."""
    async with bench(log_kind, handlers) as b:
        await fill_outbox(b.here.database, count)
        await b.here.start(worker=True)
        await until_empty(b.here.database.url, ["outbox"])
        began = time.perf_counter()
        await b.there.start(worker=True)
        ended = await until_empty(b.there.database.url, ["heard"], rows=count)
        return count / (ended - began)


async def main() -> None:
    """Run what was asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", choices=["postgresql", "kafka"], default="postgresql")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", choices=["relay", "handler", "bulk"])
    chosen = parser.parse_args()
    wanted = [chosen.only] if chosen.only else ["relay", "handler", "bulk"]
    rows: list[Sequence[str]] = []
    # As many events as a first short run says fit into the time.
    measured: dict[str, Callable[[int], Awaitable[float]]] = {
        "relay": partial(relay_alone, chosen.log),
        "handler": partial(handled, chosen.log, Listener().handlers()),
        "bulk": partial(handled, chosen.log, bulk_handlers()),
    }
    for name, run in measured.items():
        if name in wanted:
            short = await run(10_000)
            rate = await run(int(short * chosen.seconds)) if chosen.seconds > 5 else short
            rows.append((name, f"{rate:,.0f} events/s"))
    print(describe())
    print(table(("what", f"on {chosen.log}"), rows))


if __name__ == "__main__":
    asyncio.run(main())
