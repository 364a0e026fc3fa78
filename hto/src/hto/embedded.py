"""Embedded mode: PostgreSQL, event log, token issuer and five services in one process, on one port."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from common.decision import MissingDependency
from common.persistence.databases import UnusableServer
from common.runtime.collector import leave_alone_what_is_there
from common.runtime.settings import Settings, SettingsError, load
from common.runtime.telemetry import configure
from common.runtime.watchdog import begin_anew
from common.web.auth import Verifier
from demo.cast import Calendar
from demo.play import EXPECTED, play
from demo.receiver import HERE, Receiver, receiving
from demo.report import Reporter
from embedded import EmbeddedFailure, EmbeddedPostgres
from hto import addresses, data_folder
from hto.addresses import Addresses
from hto.business_time import BusinessClock
from hto.client import Client, Who
from hto.closing import show_closing
from hto.data_folder import JourneyRecord, State, record
from hto.flow import Flow
from hto.interrupts import stopped_by_signals, to_its_end
from hto.issuer import create_issuer
from hto.output import OutputClosed, OutputFull
from hto.process import Process, migrate, process, serving
from hto.reference import load_world, seed
from hto.services import NAMES, all_scopes, all_services
from hto.startup import INTERRUPTED

LOG_DATABASE: Final = "hto_log"
NOT_IN_PRODUCTION: Final = (
    "`hto run` gives anybody any role and moves time, which production refuses; `make run` says "
    "HTO_ENVIRONMENT=development, and so must whoever starts it otherwise"
)
WHAT_TO_DO: Final = (
    "It is not played again by itself over what is there, since it sets the clock back. `make clean-data` forgets the "
    "data, and the next start plays it anew; `hto run --again` plays it over these data; `hto clock show` tells "
    "whether business time was left behind, and `hto clock set now` puts it right."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The options of the command line."""

    once: bool
    again: bool
    port: int
    data: Path
    began: float
    """By the monotonic clock."""
    alone: bool = False
    """Whether this operating system's process does nothing else: then it begins anew where it stands still."""


class Run:
    """One `hto run`, from the first line to the last."""

    def __init__(self, plan: Plan, console: Console) -> None:
        """Prepare; nothing is started yet."""
        self._plan, self._console = plan, console
        self._held = True
        """Whether what was played held; where nothing was played yet, nothing failed."""

    async def to_the_end(self) -> int:
        """Run as planned; return the process's exit status."""
        work = asyncio.current_task()
        assert work is not None  # noqa: S101 - a coroutine runs in a task
        try:
            with stopped_by_signals(work.cancel):
                return await self._start()
        except asyncio.CancelledError:
            self._say("Everything has stopped.")
            return self._broken_off
        except OutputClosed:
            return self._broken_off
        except SettingsError as error:
            self._console.print(str(error), style="red", markup=False)
            return 2
        except (EmbeddedFailure, UnusableServer, OSError) as error:
            self._console.print(str(error), style="red", markup=False)
            return 1

    @property
    def _status(self) -> int:
        return 0 if self._held else 1

    @property
    def _broken_off(self) -> int:
        return INTERRUPTED if self._plan.once else self._status

    async def _start(self) -> int:
        async with AsyncExitStack() as stack:
            receiver = await stack.enter_async_context(receiving("127.0.0.1", 0))
            settings = await stack.enter_async_context(self._settings(receiver))
            configure(settings, "run")
            await migrate(settings, all_services())
            await seed(settings)
            issuer = create_issuer(settings, scopes=all_scopes())
            verifier = Verifier({issuer.url: issuer.keys}, audience=settings.audience)
            end = partial(begin_anew, "--again") if self._plan.alone else None
            running = await stack.enter_async_context(
                process(settings, all_services(), api=True, worker=True, verifier=verifier, end=end)
            )
            await _ready(running)
            site = running.site({"/issuer": issuer.app()})
            address = await stack.enter_async_context(serving(site, host=settings.host, port=settings.port))
            if self._plan.alone:
                leave_alone_what_is_there()
            self._say(f"Five services serve {settings.public_url} ({self._since()})")
            addresses.announce(
                self._plan.data, url=address, log_url=settings.log_url, database_url=settings.database_url
            )
            stack.callback(addresses.withdraw, self._plan.data)
            client = await stack.enter_async_context(Client(Addresses.of(address), settings.data_dir / "issuer"))
            self._held = await self._play(running, client, receiver)
            if self._plan.once:
                return self._status
            await show_closing(client, settings, settings.public_url, self._console, held=self._held)
            await asyncio.Event().wait()  # until a signal cancels it
        raise AssertionError  # pragma: no cover - nothing sets the event

    async def _play(self, running: Process, client: Client, receiver: Receiver) -> bool:
        played = JourneyRecord.of(self._plan.data)
        if played is None:
            # The built-in people are there from the beginning of the story: their dates are counted from then.
            begins = Calendar.ending(running.services["registry"].database.clock.now()).after(0)
            try:
                await BusinessClock(client.acting_as(Who(client="operator"))).to(begins)
            except EXPECTED as error:
                self._console.print(str(error), style="red", markup=False)
                return False
        await load_world(running.services["registry"].database, self._console)
        if played is not None and not self._plan.again:
            if played.state is not State.HELD:
                # It begins six weeks ago: played again, it would set the clock back over what was entered since.
                self._console.print(f"{played.story}\n{WHAT_TO_DO}", style="red", markup=False, soft_wrap=True)
                return False
            if not self._plan.once:
                self._say("The journey was played here before; `hto run --again` plays it once more.")
                return True
        return await self._play_and_record(running, client, receiver)

    async def _play_and_record(self, running: Process, client: Client, receiver: Receiver) -> bool:
        reporter = Reporter(self._console)
        record(self._plan.data, State.PLAYING)
        held = await play(client, receiver, reporter, moving=Flow(running.services).moving)
        last = reporter.lines[-1]
        if held:
            record(self._plan.data, State.HELD)
        else:
            record(self._plan.data, State.FAILED, step=f"step {last.number} ({last.step})", why=last.what)
            self._console.print(WHAT_TO_DO, style="red", markup=False, soft_wrap=True)
        return held

    @asynccontextmanager
    async def _settings(self, receiver: Receiver) -> AsyncIterator[Settings]:
        """Start PostgreSQL, unless the environment names a server, and put the settings together."""
        _demand_development()
        try:
            data = data_folder.take(self._plan.data)
        except OSError as error:
            raise EmbeddedFailure(f"HTO_DATA_DIR cannot be {self._plan.data}: {error.strerror}.") from None
        given = self._given(data, receiver)
        async with AsyncExitStack() as stack:
            if "HTO_DATABASE_URL" not in os.environ:
                # What is wrong is said before anything is started.
                load(**given, **_addresses_at("postgresql://localhost/"))
                postgres = await stack.enter_async_context(self._postgres(data))
                given |= _addresses_at(postgres.dsn(""))
            yield load(**given)

    def _given(self, data: Path, receiver: Receiver) -> dict[str, object]:
        """Return what this mode decides, where the environment does not."""
        public = os.environ.get("HTO_PUBLIC_URL", f"http://localhost:{self._plan.port}")
        given: dict[str, object] = {
            "issuers": (f"{public}/issuer",),
            "public_url": public,
            "data_dir": data,
            "port": self._plan.port,
            "test_clock": True,
            "webhook_allow": (f"{receiver.host}:{receiver.port}", HERE, *_listed("HTO_WEBHOOK_ALLOW")),
        }
        if "HTO_MAIL_URL" not in os.environ:
            given["mail_url"] = f"folder://{data / 'mail'}"
        if "HTO_LOG_LEVEL" not in os.environ:
            given["log_level"] = "WARNING"
        return given

    @asynccontextmanager
    async def _postgres(self, data: Path) -> AsyncIterator[EmbeddedPostgres]:
        postgres = EmbeddedPostgres(data / "postgres", say=self._say)
        try:
            await to_its_end(postgres.start)
            self._say(f"PostgreSQL {postgres.binaries.version} is ready ({self._since()})")
            reviving = asyncio.create_task(postgres.keep_running())
            try:
                await to_its_end(lambda: postgres.create_databases([*(f"hto_{name}" for name in NAMES), LOG_DATABASE]))
                yield postgres
            finally:
                reviving.cancel()
                await asyncio.gather(reviving, return_exceptions=True)
        finally:
            await to_its_end(postgres.stop)

    def _say(self, text: str) -> None:
        # Also said while the server is stopped, or started again: neither may fail because nobody reads it.
        with suppress(OutputClosed, OutputFull):
            self._console.print(text, markup=False)

    def _since(self) -> str:
        return f"{time.monotonic() - self._plan.began:.1f} s"


def _demand_development() -> None:
    if os.environ.get("HTO_ENVIRONMENT", "production") == "production":
        raise SettingsError({"HTO_ENVIRONMENT": NOT_IN_PRODUCTION})


def _addresses_at(server: str) -> dict[str, object]:
    """Return where the databases are on a server, and the log, unless the environment names one of its own."""
    log = {} if "HTO_LOG_URL" in os.environ else {"log_url": f"{server}{LOG_DATABASE}"}
    return {"database_url": f"{server}hto_{{service}}", **log}


async def _ready(running: Process) -> None:
    """Wait until each service has the rules that it decides by: on a first start they come over the log."""
    for one in running.services.values():
        while True:
            try:
                await one.ready()
                break
            except MissingDependency:
                await asyncio.sleep(0.05)


async def start(plan: Plan, console: Console | None = None) -> int:
    """Run as planned; return the process's exit status."""
    return await Run(plan, console or Console(highlight=False)).to_the_end()


def _listed(variable: str) -> list[str]:
    return [part.strip() for part in os.environ.get(variable, "").split(",") if part.strip()]
