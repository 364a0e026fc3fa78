"""Both logs, each on its real server; every test of the suite runs on both."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import pytest

from common.messaging.log import EventLog, Topic
from common.runtime.log_login import LogLogin
from tests.conformance.quick import as_environment, quick_log
from tests.conformance.reading import Reader
from tests.conformance.relay import Wire
from tests.support.containers import Kafka
from tests.support.postgres import Postgres, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from common.messaging.log import Producer

_number = count(1)


class Server(Protocol):
    """What keeps a log, and can be made to fail."""

    @property
    def login(self) -> LogLogin: ...
    @property
    def relayed(self) -> LogLogin:
        """The same server behind ``wire``."""
        ...

    @property
    def administrator(self) -> LogLogin:
        """Who makes topics and gives rights."""
        ...

    def login_as(self, user: str, password: str) -> LogLogin:
        """A user with the rights that were given to it."""
        ...

    wire_ports: tuple[int, int]

    def kill(self) -> None:
        """Kill it without a word."""
        ...

    def revive(self) -> None:
        """Have it back."""
        ...

    def stop(self) -> None: ...


class PostgresServer:
    def __init__(self) -> None:
        self._postgres = Postgres()
        self._postgres.start()
        self.wire_ports = (free_port(), urlsplit(self._postgres.dsn).port or 0)

    @property
    def url(self) -> str:
        return self._postgres.dsn

    @property
    def login(self) -> LogLogin:
        return LogLogin(url=self.url)

    @property
    def relayed(self) -> LogLogin:
        parts = urlsplit(self._postgres.dsn)
        url = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{self.wire_ports[0]}").geturl()
        return LogLogin(url=url)

    @property
    def administrator(self) -> LogLogin:
        return LogLogin(url=self._postgres.address("hto_log"))

    def login_as(self, user: str, password: str) -> LogLogin:
        parts = urlsplit(self._postgres.address("hto_log"))
        return LogLogin(url=parts._replace(netloc=f"{user}@{parts.hostname}:{parts.port}").geturl(), password=password)

    def kill(self) -> None:
        self._postgres.kill()

    def revive(self) -> None:
        self._postgres.start()

    def stop(self) -> None:
        self._postgres.stop()


class KafkaServer:
    """Entered as in production, by TLS and SCRAM; this user has every right."""

    def __init__(self) -> None:
        near = free_port()
        self._kafka = Kafka(relayed=near)
        self._kafka.start()
        self._kafka.add_user("anybody", "geheim")
        self.wire_ports = (near, self._kafka.inner)

    @property
    def login(self) -> LogLogin:
        return self._kafka.login("anybody", "geheim")

    @property
    def relayed(self) -> LogLogin:
        return self._kafka.login("anybody", "geheim", port=self.wire_ports[0])

    @property
    def administrator(self) -> LogLogin:
        return self._kafka.administrator

    def login_as(self, user: str, password: str) -> LogLogin:
        return self._kafka.login(user, password)

    def kill(self) -> None:
        self._kafka.kill()

    def revive(self) -> None:
        self._kafka.wait()

    def stop(self) -> None:
        self._kafka.stop()


@pytest.fixture(scope="session", params=[PostgresServer, pytest.param(KafkaServer, marks=pytest.mark.containers)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made: Server = request.param()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def only_postgres() -> Iterator[PostgresServer]:
    """For the mechanisms that only the PostgreSQL log has."""
    made = PostgresServer()
    yield made
    made.stop()


@pytest.fixture
async def log(server: Server) -> AsyncIterator[EventLog]:
    opened = quick_log(server.login)
    await opened.check()
    yield opened
    await opened.stop()


@pytest.fixture
async def producer(log: EventLog) -> Producer:
    return await log.producer("test")


@pytest.fixture
def new_topic(log: EventLog) -> Callable[..., Coroutine[None, None, str]]:
    async def make(*, partitions: int = 4, compacted: bool = False) -> str:
        topic = Topic(name=f"test.topic-{next(_number)}", partitions=partitions, compacted=compacted)
        await log.create_topics([topic])
        return topic.name

    return make


@pytest.fixture
def group() -> str:
    return f"group-{next(_number)}"


@pytest.fixture
async def wire(server: Server) -> AsyncIterator[Wire]:
    async with Wire(*server.wire_ports) as made:
        yield made


@pytest.fixture
async def read_on(log: EventLog) -> AsyncIterator[Callable[..., Coroutine[None, None, Reader]]]:
    """Start members that read on their own."""
    readers: list[Reader] = []

    async def start(topic: str, *, group: str | None) -> Reader:
        readers.append(Reader(await log.subscribe([topic], group=group)))
        return readers[-1]

    yield start
    for reader in readers:
        await reader.stop()


class Member:
    """A member in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def tell(self, command: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{command}\n".encode())
        await self._process.stdin.drain()
        return (await self._process.stdout.readline()).decode().strip()

    async def take(self, count: int) -> list[str]:
        values: list[str] = json.loads(await self.tell(f"take {count}"))
        return values

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


@pytest.fixture
async def new_member(server: Server) -> AsyncIterator[Callable[..., Coroutine[None, None, Member]]]:
    members: list[Member] = []

    async def start(topic: str, group: str) -> Member:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.conformance.member", topic, group),
            cwd=Path(__file__).parents[2],
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
            | as_environment(server.login),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        members.append(Member(process))
        return members[-1]

    yield start
    for member in members:
        await member.kill()
