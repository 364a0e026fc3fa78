"""One process at work: which services it runs, in which roles, and what it serves."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
import uvicorn

from common import databases
from common.auth import Verifier
from common.http import Context, create_app, create_site
from common.logs import open_log
from common.migrations import runner
from common.running import Running
from common.service import Service
from common.settings import Settings, SettingsError
from common.telemetry import watch_event_loop
from hto.services import NAMES

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from common.log import EventLog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Process:
    """The services of this process, started."""

    settings: Settings
    event_log: EventLog
    services: Mapping[str, Running]
    verifier: Verifier

    def site(self, mounts: Mapping[str, ASGIApp] | None = None) -> ASGIApp:
        """Return what an api serves: each service under its own prefix."""
        apis, pages = [], dict(mounts or {})
        for one in self.services.values():
            context = self._context(one)
            apis.append(create_app(one.service, context))
            pages |= {path: make(context) for path, make in one.service.pages.items()}
        return create_site(apis, pages)

    def health(self) -> ASGIApp:
        """Return what a worker serves: health and metrics, and no API."""
        return create_site([], {})

    def _context(self, one: Running) -> Context:
        async def migrated() -> None:
            if not await runner.is_current(one.service, one.database.url):
                raise RuntimeError("run `hto migrate` first")

        return Context(
            database=one.database,
            settings=self.settings,
            verifier=self.verifier,
            checks={"migrated": migrated, "log": self.event_log.check, "policies": one.ready},
        )


@asynccontextmanager
async def process(
    settings: Settings,
    services: Sequence[Service],
    *,
    api: bool = False,
    worker: bool = False,
    verifier: Verifier | None = None,
) -> AsyncIterator[Process]:
    """Start services in this process, and stop them all at the end."""
    async with AsyncExitStack() as stack:
        event_log = open_log(settings.log_url)
        stack.push_async_callback(event_log.stop)
        takes = verifier or Verifier.of(settings.issuers, audience=settings.audience)
        stack.push_async_callback(takes.close)
        watching = asyncio.create_task(watch_event_loop())
        stack.callback(watching.cancel)
        running = {service.name: Running(service, settings, event_log, NAMES) for service in services}
        for one in running.values():
            stack.push_async_callback(one.stop)
        await asyncio.gather(*(one.start(api=api, worker=worker) for one in running.values()))
        yield Process(settings, event_log, running, takes)


class CannotServe(OSError):
    """An address at which nothing can be served."""

    def __init__(self, host: str, port: int, why: OSError) -> None:
        """Take the address and what the machine says of it."""
        # asyncio and socket put their own words and the address into it: the number is what says why.
        number = why.errno or 0
        said = os.strerror(number) if number > 0 else str(why.strerror).partition(" (")[0]
        super().__init__(f"Nothing can be served at {host}:{port}: {said}.")


@asynccontextmanager
async def serving(app: ASGIApp, *, host: str, port: int) -> AsyncIterator[str]:
    """Serve an application while the block runs; yields its address, since port 0 means any.

    Raises:
        CannotServe: the port is taken, or the host is not this machine.
    """
    try:
        listening = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise CannotServe(host, port, error) from None
    server = _Server(
        uvicorn.Config(app, lifespan="off", access_log=False, log_level="warning", timeout_graceful_shutdown=5)
    )
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listening.close()


class _Server(uvicorn.Server):
    """A server that leaves signals to the process: it also has databases and consumers to stop, in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def until_stopped() -> None:
    """Wait for Ctrl-C or a polite request to end."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


async def migrate(settings: Settings, services: Sequence[Service], *, create_databases: bool = True) -> None:
    """Bring databases and topics to this version of the code; what is there already stays.

    Raises:
        SettingsError: several services would share a database.
        UnusableServer: a database has, or would have, another encoding than UTF-8; nothing was made.
    """
    if len({settings.database_of(service.name) for service in services}) < len(services):
        raise SettingsError({"HTO_DATABASE_URL": "must have {service} in it: each service has a database of its own"})
    log = [settings.log_url] if settings.log_url.startswith("postgresql") else []
    # All are looked at before one is made.
    missing = await databases.check_all([*(settings.database_of(service.name) for service in services), *log])
    if create_databases:
        for url in missing:
            await databases.create(url)
    for service in services:
        url = settings.database_of(service.name)
        if not await runner.is_current(service, url):
            await runner.upgrade(service, url)
    event_log = open_log(settings.log_url)
    try:
        await event_log.create_topics([topic for service in services for topic in service.topics])
    finally:
        await event_log.stop()
