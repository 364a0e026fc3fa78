"""The whole system as operators run it: a process per api and worker, a database and a broker, all of them mortal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg

from common.runtime.settings import Settings, load
from demo.receiver import Receiver, receiving
from hto.addresses import Addresses
from hto.client import Client, NoKey, Unreachable, Who
from hto.process import migrate
from hto.reference import seed
from hto.services import NAMES, all_services
from tests.faults.ledger import Ledger
from tests.faults.processes import Supervised
from tests.support.containers import Kafka
from tests.support.postgres import Postgres, free_port

PATIENCE: Final = 120.0
"""Seconds for whatever must come back: a broker, a group whose member died, what a dead worker had leased."""
AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What looking into a database raises that is away, or dies meanwhile."""
TOWNS: Final = 10
"""Of the demo; two journeys at once must not be in the same one."""


@dataclass
class Cluster:
    """Eleven processes that come back when they die."""

    log: str
    folder: Path
    settings: Settings
    addresses: Addresses
    receiver: Receiver
    postgres: Postgres
    broker: Kafka | None
    ledger: Ledger
    processes: dict[str, Supervised] = field(default_factory=dict)
    towns: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    clients: list[Client] = field(default_factory=list)
    _broker_dies: asyncio.Lock = field(default_factory=asyncio.Lock)

    def client(self, kind: type[Client] = Client) -> Client:
        """A client with connections and tokens of its own, closed with the cluster."""
        self.clients.append(kind(self.addresses, self.folder / "issuer", patience=PATIENCE))
        return self.clients[-1]

    async def close(self) -> None:
        """Let go of every client."""
        for client in self.clients:
            await client.close()

    async def kill(self, victim: str) -> bool:
        """Kill -9 one process; False where it is down already."""
        if victim == "database":
            pid = self.postgres.server.pid
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return pid is not None
        if victim == "broker":
            assert self.broker is not None, "this log has no broker"
            async with self._broker_dies:
                await asyncio.to_thread(self.broker.wait)
                await asyncio.to_thread(self.broker.kill)
            return True
        return self.processes[victim].kill()

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """Look into a service's database, as soon as it answers."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                connection = await asyncpg.connect(self.settings.database_of(service), timeout=10)
                break
            except AWAY:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(0.1)
        try:
            yield connection
        finally:
            connection.terminate()

    async def ready(self, services: Sequence[str]) -> None:
        """Wait until each of these services says that it is.

        Raises:
            TimeoutError: one does not; with what its processes said last.
        """
        until = time.monotonic() + PATIENCE
        async with self.client() as client:
            while True:
                with contextlib.suppress(Unreachable, NoKey):
                    await client.token(Who(client="operator"))
                    break
                if time.monotonic() > until:
                    raise TimeoutError("the issuer gives no token")
                await asyncio.sleep(0.1)
            for name in services:
                while True:
                    with contextlib.suppress(Unreachable):
                        if (await client.state(name)).get("ready"):
                            break
                    if time.monotonic() > until:
                        said = self.processes[f"api {name}"].said.read_text()[-2000:]
                        raise TimeoutError(f"{name} is not ready; its api said: {said}")
                    await asyncio.sleep(0.1)


@asynccontextmanager
async def cluster(log: str, folder: Path, services: Sequence[str] = NAMES) -> AsyncIterator[Cluster]:
    """Start these services on a database server of their own, and on a broker where the log is Kafka."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(_broker()) if log == "kafka" else None
        postgres = await stack.enter_async_context(_postgres())
        receiver = await stack.enter_async_context(receiving("127.0.0.1", 0))
        tens = _free_ports()
        addresses = Addresses.of(f"http://127.0.0.1:{tens}{{n}}")
        settings = load(
            database_url=postgres.address("faults_{service}"),
            log_url=f"kafka://localhost:{broker.port}" if broker else postgres.address("faults_log"),
            mail_url=f"folder://{folder / 'mail'}",
            issuers=(addresses.issuer,),
            public_url=addresses.origin("issuer"),
            data_dir=folder,
            test_clock=True,
            rate_limit="100000/minute",
            webhook_allow=(f"127.0.0.1:{receiver.port}",),
            pool_size=5,
        )
        await migrate(settings, all_services())
        await seed(settings)
        ledger = Ledger(settings.log_url)
        stack.push_async_callback(ledger.close)
        made = Cluster(log, folder, settings, addresses, receiver, postgres, broker, ledger)
        stack.push_async_callback(made.close)
        for town in range(TOWNS):
            made.towns.put_nowait(town)
        roles = [("issuer",), *((role, name) for name in services for role in ("api", "worker"))]
        for role in roles:
            name = " ".join(role)
            port = addresses.origin(role[-1]).rpartition(":")[2] if role[0] != "worker" else "0"
            said = folder / f"{'-'.join(role)}.log"
            made.processes[name] = Supervised(name, (hto_command(), *role), environment_of(settings, port), said)
        kept = [asyncio.create_task(process.keep_running()) for process in made.processes.values()]
        stack.push_async_callback(_end, kept)
        await made.ready(services)
        yield made


@asynccontextmanager
async def _postgres() -> AsyncIterator[Postgres]:
    # Durable: what was answered must survive, so an answer must wait until the log of the database has it.
    postgres = Postgres(durable=True)
    await asyncio.to_thread(postgres.start)
    reviving = asyncio.create_task(postgres.server.keep_running())
    try:
        await asyncio.to_thread(postgres.server.create_databases, [*(f"faults_{name}" for name in NAMES), "faults_log"])
        yield postgres
        assert not reviving.done(), f"the database did not come back: {reviving}"
    finally:
        await _end([reviving])
        await asyncio.to_thread(postgres.stop)


@asynccontextmanager
async def _broker() -> AsyncIterator[Kafka]:
    broker = Kafka(relayed=free_port())
    await asyncio.to_thread(broker.start)
    try:
        await asyncio.to_thread(broker.wait)
        yield broker
    finally:
        await asyncio.to_thread(broker.stop)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def hto_command() -> str:
    found = shutil.which("hto", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
    assert found, "hto is not installed in this environment"
    return found


def environment_of(settings: Settings, port: str) -> dict[str, str]:
    """What the processes are told; nothing that this test's own environment says of HTO reaches them."""
    told = {
        "ENVIRONMENT": "development",
        "DATABASE_URL": settings.database_url,
        "LOG_URL": settings.log_url,
        "MAIL_URL": settings.mail_url,
        "ISSUERS": ",".join(settings.issuers),
        "PUBLIC_URL": settings.public_url,
        "DATA_DIR": str(settings.data_dir),
        "PORT": port,
        "TEST_CLOCK": "1",
        "RATE_LIMIT": settings.rate_limit,
        "WEBHOOK_ALLOW": ",".join(settings.webhook_allow),
        "POOL_SIZE": str(settings.pool_size),
        "LOG_LEVEL": "INFO",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HTO_", "COV_"))}
    return {**inherited, **{f"HTO_{name}": value for name, value in told.items()}}


def _free_ports() -> int:
    """Find ten ports in a row, below those from which connections start: a port of the dead is taken by nobody."""
    while True:
        tens = random.SystemRandom().randrange(1100, 3200)
        with contextlib.ExitStack() as taken, contextlib.suppress(OSError):
            for number in range(6):
                taken.enter_context(socket.create_server(("127.0.0.1", tens * 10 + number)))
            return tens
