"""One process at work: which services it runs, in which roles, and what it serves."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import structlog
import uvicorn

from common.messaging.logs import open_log
from common.messaging.rights import ServiceLogin
from common.persistence import databases
from common.persistence.migrations import runner
from common.runtime.log_login import LogLogin, user_of
from common.runtime.settings import Settings, SettingsError
from common.runtime.telemetry import watch_event_loop
from common.runtime.watchdog import Watchdog
from common.service import Service
from common.service.rights import rights_of
from common.service.runtime import ServiceRuntime
from common.web import Api, ApiContext, create_site
from common.web.auth import Verifier
from hto.handover import hand_over
from hto.services import NAMES

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from common.messaging.log import EventLog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Process:
    """The services of this process, started."""

    settings: Settings
    services: Mapping[str, ServiceRuntime]
    verifier: Verifier

    def site(self, mounts: Mapping[str, ASGIApp] | None = None) -> ASGIApp:
        """Return what an api serves: each service under its own prefix."""
        apis, pages = [], dict(mounts or {})
        for one in self.services.values():
            context = self._context(one)
            apis.append(Api(one.service, context))
            pages |= {path: make(context) for path, make in one.service.pages.items()}
        return create_site(apis, pages)

    def health(self) -> ASGIApp:
        """Return what a worker serves: health and metrics, and no API."""
        return create_site([], workers={name: self._context(one) for name, one in self.services.items()})

    def at(self, task: str) -> str | None:
        """Return what a task of this process has in hand: an id or a place on the log."""
        return next((found for one in self.services.values() if (found := one.at(task)) is not None), None)

    def _context(self, one: ServiceRuntime) -> ApiContext:
        async def migrated() -> None:
            if not await runner.is_current(one.service, one.database.url):
                raise RuntimeError("run `hto migrate` first")

        return ApiContext(
            database=one.database,
            settings=self.settings,
            verifier=self.verifier,
            checks={"migrated": migrated, "log": one.log.check, "policies": one.ready, "loops": one.check_loops},
        )


@asynccontextmanager
async def process(
    settings: Settings,
    services: Sequence[Service],
    *,
    api: bool = False,
    worker: bool = False,
    verifier: Verifier | None = None,
    end: Callable[[], NoReturn] | None = None,
) -> AsyncIterator[Process]:
    """Start services in this process, and stop them all at the end.

    ``end`` ends this operating system's process where one of its event loops stands still; without it nothing does.
    """
    async with AsyncExitStack() as stack:
        logs = _logs(settings, services)
        for event_log in set(logs.values()):
            stack.push_async_callback(event_log.stop)
        takes = verifier or Verifier.of(settings.issuers, audience=settings.audience)
        stack.push_async_callback(takes.close)
        watching = asyncio.create_task(watch_event_loop())
        stack.callback(watching.cancel)
        running = {service.name: ServiceRuntime(service, settings, logs[service.name], NAMES) for service in services}
        for one in running.values():
            stack.push_async_callback(one.stop)
        started = Process(settings, running, takes)
        if end is not None:  # before anything of them works: what ended the process may be in hand again at once
            stack.enter_context(_watched(started, end))
        await asyncio.gather(*(one.start(api=api, worker=worker) for one in running.values()))
        yield started


@contextmanager
def _watched(running: Process, end: Callable[[], NoReturn]) -> Iterator[None]:
    watchdog = Watchdog(running.settings.watchdog_seconds, end, running.at)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()


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
        uvicorn.Config(
            app,
            lifespan="off",
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=5,
            proxy_headers=False,  # by default it believes whoever calls from this machine; the site has a list
        )
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


def _logs(settings: Settings, services: Sequence[Service]) -> dict[str, EventLog]:
    """Open the log once for each login: services that have the same one share its connections."""
    opened: dict[LogLogin, EventLog] = {}
    for service in services:
        login = settings.log_of(service.name)
        if login not in opened:
            opened[login] = log_for(login)
    return {service.name: opened[settings.log_of(service.name)] for service in services}


def log_for(login: LogLogin) -> EventLog:
    """Open a log, not yet started.

    Raises:
        SettingsError: its certificates are none.
    """
    try:
        return open_log(login)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError({"HTO_LOG_CA_FILE": f"or a client's certificate is of no use: {error}"}) from None


def service_logins(settings: Settings, services: Sequence[Service]) -> tuple[ServiceLogin, ...]:
    """Return whom the log knows each service as; none where they have one login together, or none at all."""
    if "{service}" not in (user_of(settings.log_url) or ""):
        return ()
    logins = [(service, settings.log_of(service.name)) for service in services]
    return tuple(
        ServiceLogin(rights=rights_of(service, NAMES), user=login.user or "", password=login.password)
        for service, login in logins
    )


async def migrate(
    settings: Settings,
    services: Sequence[Service],
    *,
    create_databases: bool = True,
    reset_passwords: bool = False,
) -> Sequence[str]:
    """Bring databases, topics and rights to this version of the code; what is there already stays.

    Returns:
        What was changed in the services' logins, rights and consumer groups on the event log.

    Raises:
        SettingsError: several services would share a database.
        UnusableServer: a database has, or would have, another encoding than UTF-8; nothing was made.
    """
    if len({settings.database_of(service.name) for service in services}) < len(services):
        raise SettingsError({"HTO_DATABASE_URL": "must have {service} in it: each service has a database of its own"})
    admin = settings.log_admin()
    log = [admin.dsn] if admin.scheme == "postgresql" else []
    # All are looked at before one is made.
    missing = await databases.check_all([*(settings.database_of(service.name) for service in services), *log])
    if create_databases:
        for url in missing:
            await databases.create(url)
    for service in services:
        url = settings.database_of(service.name)
        if not await runner.is_current(service, url):
            await runner.upgrade(service, url)
    event_log = log_for(admin)
    try:
        await event_log.create_topics([topic for service in services for topic in service.topics])
        logins = service_logins(settings, services)
        changed = [*await event_log.grant(logins, reset_passwords=reset_passwords)] if logins else []
        for service in services:
            changed += await hand_over(service, settings.database_of(service.name), event_log, NAMES)
        return changed
    finally:
        await event_log.stop()
