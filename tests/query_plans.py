"""How much a statement reads: the rows that its plan touched, whether they passed its filters or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause, text

from common.db import Database


async def rows_touched(database: Database, statement: TextClause, parameters: Mapping[str, Any]) -> int:
    """Run a statement, take it back, and return how many rows its scans read."""
    explain = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}")
    async with database.engine.connect() as connection:
        found = (await connection.execute(explain, dict(parameters))).scalar_one()
        await connection.rollback()
    return _touched((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])


def _touched(plan: Mapping[str, Any]) -> int:
    own = 0
    if plan["Node Type"].endswith("Scan") and "Relation Name" in plan:
        read = (
            plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        )
        own = int(read * plan["Actual Loops"])
    return own + sum(_touched(part) for part in plan.get("Plans", ()))
