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

from common.log import EventLog, Topic
from tests.conformance.quick import quick_log
from tests.conformance.reading import Reader
from tests.conformance.relay import Wire
from tests.containers import Kafka
from tests.postgres import Postgres, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from common.log import Producer

_number = count(1)


class Server(Protocol):
    """What keeps a log, and can be made to fail."""

    @property
    def url(self) -> str: ...
    @property
    def relayed_url(self) -> str:
        """The same server behind ``wire``."""
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
    def relayed_url(self) -> str:
        parts = urlsplit(self._postgres.dsn)
        return parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{self.wire_ports[0]}").geturl()

    def kill(self) -> None:
        self._postgres.kill()

    def revive(self) -> None:
        self._postgres.start()

    def stop(self) -> None:
        self._postgres.stop()


class KafkaServer:
    def __init__(self) -> None:
        near = free_port()
        self._kafka = Kafka(relayed=near)
        self._kafka.start()
        self.wire_ports = (near, self._kafka.inner)

    @property
    def url(self) -> str:
        return f"kafka://localhost:{self._kafka.port}"

    @property
    def relayed_url(self) -> str:
        return f"kafka://localhost:{self.wire_ports[0]}"

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
    opened = quick_log(server.url)
    await opened.start()
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
            *(sys.executable, "-m", "tests.conformance.member", server.url, topic, group),
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        members.append(Member(process))
        return members[-1]

    yield start
    for member in members:
        await member.kill()
