"""Rankings that were kept before in two arrays are packed by the migration, and say the same."""

from __future__ import annotations

import asyncpg

from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from matching.app import service
from matching.ranking.model.packed import unpack, unpack_bits
from tests.support.postgres import FreshDatabase


async def test_a_ranking_of_before_keeps_its_versions_and_its_reasons(fresh_database: FreshDatabase) -> None:
    url = await fresh_database()
    await runner.upgrade(service, url, to="0011")
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO rankings (id, vacancy_id, made_at, day, policy_version, ruleset, complete, candidates, fitting,"
        " opening, profile_versions, failed, sha256)"
        " SELECT $1, $1, now(), now(), 1, '', true, 3, 1, '{}', ARRAY[300, 7, 90000], ARRAY[0, 256, 3], ''",
        uuid7(),
    )
    await runner.upgrade(service, url)
    row = await connection.fetchrow("SELECT seen, failed FROM rankings")
    assert row is not None
    assert (unpack(row["seen"]), unpack_bits(row["failed"])) == ([7, 300, 90000], [256, 0, 3])
    await connection.close()
