"""Whether migrations make the tables that the code declares."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.pool import NullPool

from common.persistence.database import engine_of
from common.persistence.migrations.runner import Migrated


async def differences(service: Migrated, url: str) -> list[Any]:
    """What the migrated database has other than the service's tables; empty when they agree."""

    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), service.tables))

    engine = engine_of(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()
