"""Bring a service's database to a version: up, down, or to a newly generated one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.pool import NullPool

from common.persistence.database import engine_of


class Migrated(Protocol):
    """What has tables of its own."""

    @property
    def tables(self) -> MetaData:
        """Return the tables as they are to be."""
        ...

    @property
    def migrations(self) -> Path:
        """Return the folder with the versions."""
        ...


async def upgrade(service: Migrated, url: str, to: str = "head") -> None:
    """Bring a service's database up to a version; two at the same time wait for each other."""
    await _with_alembic(service, url, lambda config: command.upgrade(config, to))


async def downgrade(service: Migrated, url: str, to: str = "base") -> None:
    """Bring it down again, for tests of the migrations."""
    await _with_alembic(service, url, lambda config: command.downgrade(config, to))


async def revision(service: Migrated, url: str, message: str) -> None:
    """Write a migration from the difference between the database and the service's tables."""
    number = f"{len(list(service.migrations.glob('[0-9]*.py'))) + 1:04d}"
    await _with_alembic(
        service,
        url,
        lambda config: command.revision(config, message, autogenerate=True, rev_id=number),
    )


async def is_current(service: Migrated, url: str) -> bool:
    """Whether the database is at the newest version."""
    newest = ScriptDirectory.from_config(_config(service)).get_current_head()
    found: list[str | None] = []

    def look(connection: Connection) -> None:
        found.append(MigrationContext.configure(connection).get_current_revision())

    await _with_connection(url, look)
    return found == [newest]


def _config(service: Migrated) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_locations", str(service.migrations))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


async def _with_alembic(service: Migrated, url: str, act: Callable[[Config], object]) -> None:
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
