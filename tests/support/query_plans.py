"""How much a statement reads: the rows that its plan touched, whether they passed its filters or not."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import TextClause, text

from common.persistence.database import Database


async def rows_touched(database: Database, statement: TextClause, parameters: Mapping[str, Any]) -> int:
    """Run a statement, take it back, and return how many rows its scans read."""
    explain = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}")
    async with database.engine.connect() as connection:
        found = (await connection.execute(explain, dict(parameters))).scalar_one()
        await connection.rollback()
    return touched((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])


def nodes_of(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every step of a plan."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)


def touched(plan: Mapping[str, Any]) -> int:
    """Return how many rows the scans of a plan that was run have read."""
    return sum(_own(node) for node in nodes_of(plan) if node["Node Type"].endswith("Scan") and "Relation Name" in node)


_DESCENT: Final = 10
"""Blocks that one look into an index may take: its height, for some values at once."""


def read_through(plan: Mapping[str, Any], tables: Collection[str]) -> Iterator[str]:
    """Yield the indexes of these tables that a plan, made with ``BUFFERS``, read through to find few rows.

    A condition on a column that is not the first of an index is compared in every entry, and those that do not fit
    are counted nowhere: only the blocks tell.
    """
    for node in nodes_of(plan):
        if node["Node Type"].endswith("Scan") and node.get("Relation Name") in tables:
            blocks = node["Shared Hit Blocks"] + node["Shared Read Blocks"]
            if blocks > _DESCENT * (2 + node["Actual Loops"]) + 2 * _own(node):
                yield f"{node.get('Index Name', node['Relation Name'])} ({blocks} blocks for {_own(node)} rows)"


def _own(node: Mapping[str, Any]) -> int:
    read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int(read * node["Actual Loops"])
