"""What the event logs carry alone: append, fetch, and the way from one to the other.

    python -m bench.log_append [--log postgresql|kafka|URL]... [--seconds 5] [--batch 1000] [--rights]

Without --log both, each alone: a throwaway PostgreSQL that keeps fsync on, and one Kafka broker in a container. With
--rights a service's own login does it: TLS, SCRAM and ACLs on Kafka, row-level security on PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from bench.machine import describe, kafka, secured_kafka, table
from common.messaging.log import EventLog, Message, Producer, Topic
from common.messaging.logs import open_log
from common.messaging.rights import Rights, ServiceLogin
from common.runtime import event_loop
from common.runtime.log_login import LogLogin
from tests.support.postgres import throwaway

PARTITIONS = 6
HEADERS = {
    "ce_id": "0192f3c4-9d3e-7c1a-b6a5-5f0f7c1d2e3f",
    "ce_type": "nl.hybride-techniekopleiders.proposal.accepted.v1",
    "ce_time": "2026-11-20T09:15:00Z",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}
VALUE = b'{"proposalId":"0192f3c4-9d3e-7c1a-b6a5-5f0f7c1d2e3f","vacancyId":"0192f3c4-9d3e-7c1a-b6a5-5f0f7c1d2e40"}'


def batch_of(topic: str, size: int) -> list[Message]:
    keys = [str(uuid.uuid4()) for _ in range(size)]
    return [Message(topic=topic, key=key, value=VALUE, headers=HEADERS) for key in keys]


async def append(producer: Producer, topic: str, size: int, seconds: float) -> tuple[float, int]:
    """Records a second in batches of ``size``, and how many in all."""
    batches = [batch_of(topic, size) for _ in range(20)]
    sent, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        acknowledged = await producer.send(batches[sent // size % len(batches)], within=30)
        assert len(acknowledged) == size
        sent += size
    return sent / (time.perf_counter() - started), sent


async def fetch(log: EventLog, topic: str, count: int, *, group: str) -> float:
    """Records a second, polled by 1,000 and committed."""
    subscription = await log.subscribe([topic], group=group)
    read = 0
    while not read:
        read = len(await subscription.poll(limit=1, wait=0.1))
    started = time.perf_counter()
    while read < count:
        records = await subscription.poll(limit=1000, wait=5)
        read += len(records)
        await subscription.commit({record.place: record.offset + 1 for record in records})
    spent = time.perf_counter() - started
    await subscription.close()
    return (count - 1) / spent


async def latency(log: EventLog, producer: Producer, topic: str, seconds: float) -> list[float]:
    """Milliseconds from the call of send to the return of poll, one record at a time."""
    subscription = await log.subscribe([topic], group=None, from_start=False)
    await subscription.poll(limit=10, wait=0.5)
    (one,) = batch_of(topic, 1)
    spent: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        sending = asyncio.create_task(producer.send([one], within=30))
        while not await subscription.poll(limit=10, wait=5):
            pass
        spent.append((time.perf_counter() - started) * 1000)
        await sending
    await subscription.close()
    return spent


async def measure(admin: LogLogin, user: LogLogin, size: int, seconds: float) -> tuple[str, ...]:
    names = [f"bench.{uuid.uuid4()}" for _ in range(3)]
    maker = open_log(admin)
    await maker.create_topics([Topic(name=name, partitions=PARTITIONS) for name in names])
    if user != admin:
        rights = Rights(service="bench", writes=tuple(names), reads=())
        await maker.grant([ServiceLogin(rights=rights, user=user.user or "", password=user.password)])
    await maker.stop()
    log = open_log(user)
    await log.check()
    producer = await log.producer("bench")
    await producer.send(batch_of(names[0], 10), within=30)
    batches, sent = await append(producer, names[1], size, seconds)
    singles, _ = await append(producer, names[0], 1, seconds / 2)
    fetched = await fetch(log, names[1], sent, group=f"hto.bench.{uuid.uuid4()}")
    ways = statistics.quantiles(await latency(log, producer, names[2], seconds / 2), n=100)
    await log.stop()
    return (
        user.scheme if user == admin else f"{user.scheme}, own login",
        f"{batches:,.0f}",
        f"{singles:,.0f}",
        f"{fetched:,.0f}",
        f"{ways[49]:.2f}",
        f"{ways[98]:.2f}",
    )


@contextmanager
def at(log: str, *, rights: bool) -> Iterator[tuple[LogLogin, LogLogin]]:
    """Start a throwaway log, unless a URL names one that is there; as whom it is made, and as whom it is used."""
    if log == "postgresql":
        with throwaway(durable=True) as server:
            owner = LogLogin(url=server.dsn)
            named = urlsplit(server.dsn)._replace(netloc=f"hto_bench@{owner.hosts}").geturl()
            yield owner, LogLogin(url=named, password="bench") if rights else owner
    elif rights:
        with secured_kafka() as broker:
            yield broker.administrator, broker.login("hto_bench", "bench")
    else:
        with kafka(log) as url:
            yield LogLogin(url=url or log), LogLogin(url=url or log)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--log", action="append")
    parser.add_argument("--rights", action="store_true")
    asked = parser.parse_args()
    rows = []
    for log in asked.log or ["postgresql", "kafka"]:
        with at(log, rights=asked.rights) as (admin, user):
            rows.append(event_loop.run(measure(admin, user, asked.batch, asked.seconds)))
    print(f"{describe()}; batches of {asked.batch}, {PARTITIONS} partitions\n")
    print(table(["log", "append/s", "one by one/s", "fetch/s", "send to poll p50 ms", "p99 ms"], rows))


if __name__ == "__main__":
    main()
