"""The statements of a table whose rows are leased."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, TextClause, text

if TYPE_CHECKING:
    from datetime import datetime

    from common.persistence.database import Database

SUSPECT: Final = 2
"""So many workers ended while they held a row, and the next one runs it alone: its neighbours are innocent."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one row."""

    id: UUID
    token: UUID
    attempts: int
    """This one included."""
    deaths: int
    """How many workers ended without a word while they held the row."""

    @property
    def begun_before(self) -> int:
        """How often the row was begun before this lease: for a lease that is not worked on."""
        return max(self.attempts - 1, self.deaths)

    @classmethod
    def of(cls, row: Row[Any]) -> Lease:
        """Read it from a row of ``LeasedRows.claim``."""
        return cls(id=row.id, token=row.lease, attempts=row.attempts, deaths=row.deaths)


class LeasedRows:
    """The statements of a table whose rows are leased.

    It has ``due_at`` (business time), ``attempts``, ``leased_until`` (real time), ``lease``, ``deaths``. A row without
    lease that has ``leased_until`` waits until then. Two partial indexes keep a claim constant in what waits: on
    ``due_at`` where ``leased_until IS NULL``, and on ``leased_until`` where it is not.
    """

    def __init__(
        self,
        table: str,
        *,
        key: str = "id",
        claimable: str = "true",
        suspected: str | None = None,
        returning: Sequence[str] = (),
        business_time: bool = False,
    ) -> None:
        """``claimable`` is a condition on the row; ``suspected`` is the same without parameters of its own.

        ``returning`` are further columns that a claim reads. ``due_at`` is real time: what is tried again waits for a
        machine; with ``business_time`` it is the moment at which something is to happen (ADR 0013).
        """
        names = {
            "table": table,
            "key": key,
            "claimable": claimable,
            "suspected": suspected or claimable,
            "also": "".join(f", q.{name}" for name in returning),
        }
        self._business_time = business_time
        self._claim = _statement(_CLAIM, names)
        self._suspects = _statement(_SUSPECTS, names)
        self._renew = _statement(_RENEW, names)
        self._release = _statement(_RELEASE, names)

    def _now(self, database: Database) -> datetime:
        return database.clock.now() if self._business_time else database.clock.real_now()

    async def claim(
        self, database: Database, *, room: int, alone: bool, seconds: float, **more: object
    ) -> Sequence[Row[Any]]:
        """Claim rows that are due, the first due first; with ``alone`` one that is suspected of ending its workers."""
        about = {"now": self._now(database), "room": room, "alone": alone, "suspect": SUSPECT, "seconds": seconds}
        rows = await database.execute(self._claim, {**about, "token": uuid4(), **more})
        return sorted(rows, key=lambda row: (row.due_at, row.id))

    async def has_suspects(self, database: Database) -> bool:
        """Whether rows wait that are to run alone."""
        about = {"now": self._now(database), "suspect": SUSPECT}
        return bool((await database.execute(self._suspects, about))[0].found)

    async def renew(self, database: Database, leases: Collection[Lease], seconds: float) -> set[UUID]:
        """Hold on to rows; return the ids of those that are still held."""
        rows = await database.execute(self._renew, _arrays(leases) | {"seconds": seconds})
        return {row.id for row in rows}

    async def release(self, database: Database, leases: Collection[Lease]) -> None:
        """Give rows back unworked, as if they had not been claimed."""
        if leases:
            await database.execute(self._release, _arrays(leases))


def _arrays(leases: Collection[Lease]) -> dict[str, list[UUID]]:
    return {"ids": [lease.id for lease in leases], "tokens": [lease.token for lease in leases]}


def _statement(template: str, names: dict[str, str]) -> TextClause:
    return text(template.format_map(names))


# ``now()`` where rows are looked for: an index serves no comparison with ``clock_timestamp()``.
_CLAIM: Final = """
    WITH fresh AS (
        SELECT {key} AS id, due_at FROM {table}
        WHERE leased_until IS NULL AND due_at <= :now AND {claimable} AND (deaths >= :suspect) = :alone
        ORDER BY due_at, {key} LIMIT :room
        FOR UPDATE SKIP LOCKED
    ), again AS (
        SELECT {key} AS id, due_at FROM {table}
        WHERE leased_until < now() AND due_at <= :now AND {claimable}
          AND (deaths + (lease IS NOT NULL)::int >= :suspect) = :alone
        ORDER BY leased_until, {key} LIMIT :room
        FOR UPDATE SKIP LOCKED
    ), due AS (
        SELECT id FROM (SELECT * FROM fresh UNION ALL SELECT * FROM again) AS found ORDER BY due_at, id LIMIT :room
    )
    UPDATE {table} q SET attempts = attempts + 1, deaths = deaths + (lease IS NOT NULL)::int, lease = :token,
                         leased_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM due WHERE q.{key} = due.id
    RETURNING q.{key} AS id, q.lease, q.attempts, q.deaths, q.due_at{also}
"""
_SUSPECTS: Final = """
    SELECT EXISTS (
        SELECT FROM {table}
        WHERE deaths > 0 AND deaths + (lease IS NOT NULL)::int >= :suspect AND due_at <= :now AND {suspected}
          AND (leased_until IS NULL OR leased_until < now())
    ) AS found
"""
_RENEW: Final = """
    UPDATE {table} q SET leased_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[])) AS held (id, token)
    WHERE q.{key} = held.id AND q.lease = held.token
    RETURNING q.{key} AS id
"""
_RELEASE: Final = """
    UPDATE {table} q SET lease = NULL, leased_until = NULL, attempts = greatest(attempts - 1, 0)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[])) AS held (id, token)
    WHERE q.{key} = held.id AND q.lease = held.token
"""
