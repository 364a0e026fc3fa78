"""The same work without any guarantee, on the same libraries: what ours is compared with.

Nothing is locked, known as a duplicate, parked, retried, audited, measured or committed in order; one failure loses or
doubles events. It runs on Kafka only.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import text

from common.persistence.database import engine_of

TOPIC = "hto.registry.events"
_AT_ONCE = 500
_INSERT = text("INSERT INTO heard (trainer_id, what) VALUES (:id, 'paused')")


async def relay(database: str, log: str) -> None:
    """Send what is in the outbox and delete it, until cancelled; looks again every 5 ms."""
    connection = await asyncpg.connect(database)
    producer: Any = AIOKafkaProducer(bootstrap_servers=_bootstrap(log), linger_ms=0)
    await producer.start()
    try:
        while True:
            rows = await connection.fetch("SELECT * FROM outbox ORDER BY position LIMIT 2000")
            if not rows:
                await asyncio.sleep(0.005)
                continue
            sent = [
                await producer.send(
                    row["aggregatetype"],
                    key=row["aggregateid"].encode(),
                    value=row["payload"],
                    headers=[(name, value.encode()) for name, value in json.loads(row["headers"]).items()],
                )
                for row in rows
            ]
            await asyncio.gather(*sent)
            await connection.execute(
                "DELETE FROM outbox WHERE position = ANY($1::bigint[])", [row["position"] for row in rows]
            )
    finally:
        await producer.stop()
        connection.terminate()


async def handle(database: str, log: str) -> None:
    """Write one row for each event, until cancelled: a polled batch is one transaction."""
    engine = engine_of(database)
    consumer: Any = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=_bootstrap(log),
        group_id="naive",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        while True:
            got = await consumer.getmany(timeout_ms=500, max_records=_AT_ONCE)
            if not got:
                continue
            async with engine.begin() as connection:
                for messages in got.values():
                    for message in messages:
                        await connection.execute(_INSERT, {"id": UUID(json.loads(message.value)["trainerId"])})
            await consumer.commit()
    finally:
        await consumer.stop()
        await engine.dispose()


def _bootstrap(log: str) -> str:
    return log.removeprefix("kafka://")
