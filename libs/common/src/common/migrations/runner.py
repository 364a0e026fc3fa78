"""Bring a service's database to a version: up, down, or to a newly generated one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.pool import NullPool

from common.db import engine_of
from common.service import Service


async def upgrade(service: Service, url: str, to: str = "head") -> None:
    """Bring a service's database up to a version; two at the same time wait for each other."""
    await _with_alembic(service, url, lambda config: command.upgrade(config, to))


async def downgrade(service: Service, url: str, to: str = "base") -> None:
    """Bring it down again, for tests of the migrations."""
    await _with_alembic(service, url, lambda config: command.downgrade(config, to))


async def revision(service: Service, url: str, message: str) -> None:
    """Write a migration from the difference between the database and the service's tables."""
    number = f"{len(list(service.migrations.glob('[0-9]*.py'))) + 1:04d}"
    await _with_alembic(
        service,
        url,
        lambda config: command.revision(config, message, autogenerate=True, rev_id=number),
    )


async def is_current(service: Service, url: str) -> bool:
    """Whether the database is at the newest version."""
    newest = ScriptDirectory.from_config(_config(service)).get_current_head()
    found: list[str | None] = []

    def look(connection: Connection) -> None:
        found.append(MigrationContext.configure(connection).get_current_revision())

    await _with_connection(url, look)
    return found == [newest]


async def differences(service: Service, url: str) -> list[Any]:
    """Return what the migrated database has other than the service's tables; empty when they agree."""
    found: list[Any] = []

    def compare(connection: Connection) -> None:
        found.extend(compare_metadata(MigrationContext.configure(connection), service.tables))

    await _with_connection(url, compare)
    return found


def _config(service: Service) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_locations", str(service.migrations))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


async def _with_alembic(service: Service, url: str, act: Callable[[Config], object]) -> None:
    def run(connection: Connection) -> None:
        config = _config(service)
        config.attributes["connection"] = connection
        config.attributes["metadata"] = service.tables
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('hto migrations'))")
        act(config)

    await _with_connection(url, run)


async def _with_connection(url: str, act: Callable[[Connection], None]) -> None:
    engine = engine_of(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(act)
    finally:
        await engine.dispose()
