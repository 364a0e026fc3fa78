"""Retention terms: how long the rows of a table stay, by policy, and how they go, a chunk at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from common.persistence.transaction import Tx

CHUNK: Final = 5000
"""Rows of one transaction: some tens of milliseconds, so that nobody waits for their locks."""

Forget = Callable[["Tx"], Awaitable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """A purge of rows past their term: called again and again, each time in a transaction of its own, until 0."""

    table: str
    policy: str
    """The code of the policy row that holds the term."""
    forget: Forget
    part: str = ""
    """Of the table, where each part has a purge of its own: a consumer's inbox."""

    async def __call__(self, tx: Tx) -> int:
        """Remove a chunk; return how many rows that were.

        Raises:
            Missing: the policy row has not arrived.
        """
        return await self.forget(tx)


async def term(tx: Tx, code: str, unit: str = "days") -> timedelta | None:
    """Return how long rows stay in this service; None where they stay for ever.

    A policy's value names its unit, for example ``{"days": 731, "inServices": {"contracts": 2557}}``.

    Raises:
        Missing: the policy row has not arrived.
    """
    value: Any = (await tx.policies()).on(code, tx.today).value
    if value.get("forEver"):
        return None
    days: int = value.get("inServices", {}).get(tx.database.service, value[unit])
    return timedelta(days=days)


async def cutoff(tx: Tx, code: str, unit: str = "days", *, real_time: bool = False) -> datetime | None:
    """Return the moment before which rows are past their term; None where they stay for ever.

    ``real_time``: the rows' moment is the machine's, not the programme's business time.

    Raises:
        Missing: the policy row has not arrived.
    """
    kept = await term(tx, code, unit)
    return None if kept is None else (tx.real_now if real_time else tx.opened_at) - kept


def by_age(
    table: str, policy: str, *, moment: str, key: str = "id", order: str | None = None, real_time: bool = False
) -> Purge:
    """Purge a table by a moment in each row.

    ``order`` names an indexed column in whose order the oldest rows come first, by default the key: an identity or a
    UUIDv7. Only the first rows in that order are looked at, so that a purge never reads the table.
    """
    # Names of our own tables and columns; the values are parameters.
    statement = text(f"""
        DELETE FROM {table} WHERE {key} IN (
            SELECT {key} FROM (SELECT {key}, {moment} FROM {table} ORDER BY {order or key} LIMIT :chunk) AS head
            WHERE {moment} < :before
        )
    """)  # noqa: S608 - see above

    async def forget(tx: Tx) -> int:
        before = await cutoff(tx, policy, real_time=real_time)
        if before is None:
            return 0
        return (await tx.execute(statement, {"before": before, "chunk": CHUNK})).rowcount

    return Purge(table=table, policy=policy, forget=forget)


AUDIT: Final = by_age("audit", "retention.audit", moment="at")
PROCESSING_LOG: Final = by_age("processing_log", "retention.processing_log", moment="start_time", real_time=True)
