"""Everything that a service's database has, as text: to look for what must not be there."""

from __future__ import annotations

import asyncpg


async def written(url: str) -> dict[str, str]:
    """Return the rows of each table; bytes as the characters that they stand for, not as hexadecimal numbers."""
    connection = await asyncpg.connect(url, server_settings={"bytea_output": "escape"})
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            table: "\n".join(row[0] for row in await connection.fetch(f'SELECT t::text FROM "{table}" AS t'))
            for (table,) in tables
        }
    finally:
        await connection.close()
