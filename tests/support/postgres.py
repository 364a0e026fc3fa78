"""PostgreSQL for tests: one throwaway server per session, and empty databases on it in 50 ms each."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest

from common.persistence.databases import creation
from embedded import EmbeddedPostgres, PostgresBinaries

FreshDatabase = Callable[..., Awaitable[str]]
"""``await fresh_database()`` is the address of an empty database; ``template=`` names one to copy instead."""

_numbers = itertools.count(1)


def free_port() -> int:
    """A port of this machine that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server(Protocol):
    """Any PostgreSQL server that a test may make databases on."""

    def address(self, database: str) -> str:
        """Of a database on it."""
        ...


class Postgres:
    """One server, owned by the test that made it."""

    def __init__(self, *, durable: bool = False, binaries: PostgresBinaries | None = None) -> None:
        """Make the data folder; ``durable`` keeps fsync on, which only a measurement needs."""
        self._folder = Path(tempfile.mkdtemp(prefix="hto-pg-"))
        self._folder.chmod(0o755)  # the account that runs the server must get through
        self.server = EmbeddedPostgres(self._folder / "postgres", durable=durable, binaries=binaries)

    @property
    def dsn(self) -> str:
        """Of the database for administration."""
        return self.server.dsn()

    def address(self, database: str) -> str:
        """Of a database on it."""
        return self.server.dsn(database)

    def start(self) -> None:
        """Start and wait until it answers; after ``kill``, again on the same port."""
        self.server.start()

    def kill(self) -> None:
        """Kill the postmaster without a word, as a machine that loses power would."""
        pid = self.server.pid
        assert pid, "the server does not run"
        os.kill(pid, signal.SIGKILL)
        while self.server.pid:
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop the server and forget its data."""
        self.server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def throwaway(*, durable: bool = False) -> Iterator[Postgres]:
    """A server that is gone afterwards."""
    server = Postgres(durable=durable)
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def create_database(server: Server, *, template: str | None = None) -> str:
    """Make a database on the server, empty or a copy of ``template``, and return its address."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await _tell(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"' if template else creation(name))
    return server.address(name)


async def drop_database(server: Server, address: str) -> None:
    """Drop a database and whoever is connected to it."""
    await _tell(server, f'DROP DATABASE IF EXISTS "{address.rsplit("/", 1)[1]}" WITH (FORCE)')


async def _tell(server: Server, statement: str) -> None:
    connection = await asyncpg.connect(server.address("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The server that the tests of a session (of a worker, where several run) share."""
    with throwaway() as server:
        yield server


@pytest.fixture
async def fresh_database(postgres_server: Postgres) -> AsyncIterator[FreshDatabase]:
    """Make databases that are gone after the test."""
    made: list[str] = []

    async def make(template: str | None = None) -> str:
        made.append(await create_database(postgres_server, template=template))
        return made[-1]

    yield make
    for address in made:
        await drop_database(postgres_server, address)
