"""How long an event takes: from before the transaction that tells it to its effect, committed in another service.

    python -m bench.latency [--log postgresql|kafka] [--rate 300 --rate 600] [--seconds 60]

What is told in the first ``WARM_UP`` seconds is not counted: connections are made, and Kafka's broker is compiled while
it runs. On Kafka the naive prototype of ``bench.naive`` relays and handles the same before.

As operators run it: who writes, the worker that relays and the worker that handles are processes of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import asyncpg

from bench.event_flow import Bench, bench, fill_outbox, until
from bench.machine import describe, table
from bench.workers import workers
from common.runtime import event_loop
from events.registry import TrainerPaused
from tests.support.sample import Listener, new_id

SEEN_EVERY = 0.005
"""Seconds between two looks at what was handled: so much a figure may be too high."""
WARM_UP = 5.0
GIVEN_UP = 60.0
"""Seconds; the latter after the last event was told."""


async def latency(log_kind: str, kind: str, rate: int, seconds: float) -> list[float]:
    """Return p50, p99 and the maximum in milliseconds; ``kind`` is put before the workers' names."""
    sent: dict[UUID, float] = {}
    took: list[float] = []
    async with bench(log_kind, Listener().handlers()) as b, _both(b, kind):
        await b.here.start(api=True)  # the relay is elsewhere and must be woken
        await fill_outbox(b.here.database, 100)
        await until(b.there.database.url, "heard", lambda highest: highest >= 100)
        watcher = await asyncpg.connect(b.there.database.url)

        async def watch() -> None:
            seen = await watcher.fetchval("SELECT coalesce(max(position), 0) FROM heard")
            while True:
                rows = await watcher.fetch("SELECT position, trainer_id FROM heard WHERE position > $1", seen)
                now = time.perf_counter()
                for row in rows:
                    seen = max(seen, row["position"])
                    then = sent.pop(row["trainer_id"])
                    if then > counted:
                        took.append(now - then)
                await asyncio.sleep(SEEN_EVERY)

        async def send() -> None:
            trainer = new_id()
            sent[trainer] = time.perf_counter()
            async with b.here.database.begin(actor="bench") as tx:
                tx.publish(TrainerPaused(trainer_id=trainer))

        began, number = time.perf_counter(), 0
        counted = began + WARM_UP
        watching = asyncio.create_task(watch())
        async with asyncio.TaskGroup() as group:
            while (elapsed := time.perf_counter() - began) < WARM_UP + seconds:
                while number < elapsed * rate:
                    group.create_task(send())
                    number += 1
                await asyncio.sleep(0.001)
        while sent:  # noqa: ASYNC110 - the watcher takes them out one by one
            await asyncio.sleep(0.01)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await watcher.close()
    cuts = statistics.quantiles(took, n=100)
    return [1000 * figure for figure in (cuts[49], cuts[98], max(took))]


def _both(b: Bench, kind: str) -> AbstractAsyncContextManager[None]:
    return workers(b.log_url, (f"{kind}relays", b.here.database.url), (f"{kind}handles", b.there.database.url))


async def main() -> None:
    """Run what was asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", choices=["postgresql", "kafka"], default="postgresql")
    parser.add_argument("--rate", type=int, action="append", help="events a second; may be given again")
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    rows: list[Sequence[str]] = []
    for rate in chosen.rate or [300, 600]:
        naively = await _figures(chosen.log, "naively-", rate, chosen.seconds) if chosen.log == "kafka" else ""
        rows.append((f"{rate}/s", await _figures(chosen.log, "", rate, chosen.seconds), naively))
    print(describe())
    print(table(("events", f"on {chosen.log}", "naive prototype"), rows))


async def _figures(log_kind: str, kind: str, rate: int, seconds: float) -> str:
    async with asyncio.timeout(WARM_UP + seconds + GIVEN_UP):  # a worker that died handles nothing
        p50, p99, most = await latency(log_kind, kind, rate, seconds)
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, max {most:.0f} ms"


if __name__ == "__main__":
    event_loop.run(main())
