"""Workers in processes of their own, as operators run them.

python -m bench.workers relays|handles|naively-relays|naively-handles DATABASE LOG
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from bench import naive
from common.messaging.logs import open_log
from common.runtime import event_loop
from common.runtime.collector import leave_alone_what_is_there
from common.service import Service
from tests.support.sample import Listener, listener, running, teller


async def serve(service: Service, database: str, log: str) -> None:
    """Be a service's worker, until killed."""
    async with running(service, database, open_log(log)) as worker:
        await worker.start(worker=True)
        leave_alone_what_is_there()
        await asyncio.Event().wait()


Worker = Callable[[str, str], Awaitable[None]]
WORKERS: Mapping[str, Worker] = {
    "relays": lambda database, log: serve(teller(), database, log),
    "handles": lambda database, log: serve(listener(Listener().handlers()), database, log),
    "naively-relays": naive.relay,
    "naively-handles": naive.handle,
}


@asynccontextmanager
async def workers(log: str, *wanted: tuple[str, str]) -> AsyncIterator[None]:
    """Have workers run while the block does; each is a name of ``WORKERS`` and its service's database."""
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.workers", name, database, log)
        for name, database in wanted
    ]
    try:
        yield
    finally:
        for one in started:
            with contextlib.suppress(ProcessLookupError):
                one.kill()
            await one.wait()


async def main(name: str, database: str, log: str) -> None:
    """Be one of the workers."""
    await WORKERS[name](database, log)


if __name__ == "__main__":
    event_loop.run(main(*sys.argv[1:]))
