"""A group member in a process of its own, so that it can be killed or frozen.

Run as ``python -m tests.conformance.member TOPIC GROUP``; it obeys lines on its input: ``take COUNT`` answers the
values as JSON, ``commit`` answers ``committed``, ``lost`` or ``unavailable``.
"""

from __future__ import annotations

import asyncio
import json
import sys

from common.messaging.log import LogUnavailable, PartitionLost
from tests.conformance.quick import from_environment, quick_log
from tests.conformance.reading import after, take, texts


async def main(topic: str, group: str) -> None:
    log = quick_log(from_environment())
    await log.check()
    subscription = await log.subscribe([topic], group=group)
    records = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        command, *arguments = line.split()
        answer = "?"
        if command == "take":
            records = await take(subscription, int(arguments[0]))
            answer = json.dumps(texts(records))
        if command == "commit":
            try:
                await subscription.commit(after(records))
                answer = "committed"
            except PartitionLost:
                answer = "lost"
            except LogUnavailable:
                answer = "unavailable"
        print(answer, flush=True)  # noqa: T201 - this is how it speaks


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
