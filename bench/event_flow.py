"""From an outbox row to its effect in another service: how many a second.

    python -m bench.event_flow [--log postgresql|kafka] [--seconds 60] [--only relay|handler|workers|bulk]

One process does all of it (both services' relays and consumers), beside the database and the log; ``workers`` is the
handler in two processes that share the partitions. Handling counts from the first effect to the last. On Kafka the
prototype of ``bench.naive`` does the same work before, on the same machine: the ratio to it says more than a figure.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import asyncpg
from sqlalchemy import text

from bench import naive
from bench.machine import describe, kafka, table
from bench.workers import workers
from common.messaging.consumer import Handlers, Received
from common.messaging.log import EventLog, Topic
from common.messaging.logs import open_log
from common.messaging.outbox import Relay
from common.persistence.database import Database
from common.persistence.transaction import Tx
from common.runtime import event_loop
from common.runtime.collector import leave_alone_what_is_there
from common.service.runtime import ServiceRuntime
from events.registry import TrainerPaused
from tests.support.plumbing import working
from tests.support.postgres import create_database, throwaway
from tests.support.sample import Listener, listener, new_id, running, teller

KEYS = 500
SHORT = 5
"""Seconds: who asks for no more gets the first run's figure."""


@dataclass
class Bench:
    """The two services."""

    here: ServiceRuntime
    there: ServiceRuntime
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
        await event_log.check()
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
            leave_alone_what_is_there()  # as a worker does; so does the prototype, which runs here as well
            yield Bench(here, there, event_log, log_url)
        await event_log.stop()


async def fill_outbox(database: Database, count: int) -> None:
    """Put ``count`` events into the outbox, over 500 keys."""
    trainers = [new_id() for _ in range(KEYS)]
    for start in range(0, count, 1000):
        async with database.begin(actor="bench") as tx:
            for number in range(start, min(start + 1000, count)):
                tx.publish(TrainerPaused(trainer_id=trainers[number % KEYS]))


async def until(url: str, rows_in: str, holds: Callable[[int], bool]) -> float:
    """Wait until something holds of a table's highest position, 0 where it is empty; return when.

    Not of its number of rows: who counts hundreds of thousands many times a second measures the counting.
    """
    connection = await asyncpg.connect(url)
    try:
        while not holds(await connection.fetchval(f"SELECT coalesce(max(position), 0) FROM {rows_in}")):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return time.perf_counter()
    finally:
        await connection.close()


Work = Callable[[Bench], AbstractAsyncContextManager[object]]
"""Is at work while the block runs."""


async def relay_alone(log_kind: str, work: Work, count: int) -> float:
    """Events a second from the outbox to the log's acknowledgement."""
    async with bench(log_kind, Listener().handlers()) as b:
        await fill_outbox(b.here.database, count)
        began = time.perf_counter()
        async with work(b):
            ended = await until(b.here.database.url, "outbox", lambda highest: not highest)
        return count / (ended - began)


async def handled(log_kind: str, handlers: Handlers, work: Work, count: int) -> float:
    """Events a second from the log to the committed effect."""
    async with bench(log_kind, handlers) as b:
        await fill_outbox(b.here.database, count)
        async with relay(b):
            await until(b.here.database.url, "outbox", lambda highest: not highest)
        async with work(b):
            began = await until(b.there.database.url, "heard", bool)
            ended = await until(b.there.database.url, "heard", lambda highest: highest >= count)
        return count / (ended - began)


def relay(b: Bench) -> AbstractAsyncContextManager[object]:
    """Relay as the system does."""
    return working(Relay(b.here.database, b.event_log).run())


def worker(b: Bench) -> AbstractAsyncContextManager[object]:
    """Handle as the system does."""
    return working(b.there.start(worker=True))


def two_workers(kind: str, b: Bench) -> AbstractAsyncContextManager[object]:
    """Handle in two processes; ``kind`` is put before the workers' name."""
    return workers(b.log_url, *[(f"{kind}handles", b.there.database.url)] * 2)


def naive_relay(b: Bench) -> AbstractAsyncContextManager[object]:
    """Relay as the prototype does."""
    return working(naive.relay(b.here.database.url, b.log_url))


def naive_worker(b: Bench) -> AbstractAsyncContextManager[object]:
    """Handle as the prototype does."""
    return working(naive.handle(b.there.database.url, b.log_url))


async def rate(run: Callable[[int], Awaitable[float]], seconds: float) -> float:
    """Measure with as many events as a first short run says fit into the time."""
    short = await run(10_000)
    return await run(int(short * seconds)) if seconds > SHORT else short


async def main() -> None:
    """Run what was asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", choices=["postgresql", "kafka"], default="postgresql")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", choices=["relay", "handler", "workers", "bulk"])
    chosen = parser.parse_args()
    one_row, many = Listener().handlers(), bulk_handlers()
    measured: dict[str, Callable[[int], Awaitable[float]]] = {
        "relay": partial(relay_alone, chosen.log, relay),
        "handler": partial(handled, chosen.log, one_row, worker),
        "workers": partial(handled, chosen.log, one_row, partial(two_workers, "")),
        "bulk": partial(handled, chosen.log, many, worker),
    }
    prototype: dict[str, Callable[[int], Awaitable[float]]] = {
        "relay": partial(relay_alone, chosen.log, naive_relay),
        "handler": partial(handled, chosen.log, one_row, naive_worker),
        "workers": partial(handled, chosen.log, one_row, partial(two_workers, "naively-")),
    }
    rows: list[Sequence[str]] = []
    for name in [chosen.only] if chosen.only else measured:
        compared = prototype.get(name) if chosen.log == "kafka" else None
        naively = await rate(compared, chosen.seconds) if compared else None
        ours = await rate(measured[name], chosen.seconds)
        rows.append(
            (
                name,
                f"{ours:,.0f} events/s",
                f"{naively:,.0f} events/s" if naively else "",
                f"{ours / naively:.2f}" if naively else "",
            )
        )
    print(describe())
    print(table(("what", f"on {chosen.log}", "naive prototype", "ratio"), rows))


if __name__ == "__main__":
    event_loop.run(main())
