"""Membership in a consumer group: a heartbeat in a row, and a session lock for every partition held.

The locks are the assignment. PostgreSQL frees them when the member's connection ends, so a killed member
loses its partitions at once, and what a member writes over that very connection is written by their holder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from common.messaging.log import LogUnavailable
from common.messaging.pglog.assignor import assign_partitions
from common.messaging.pglog.connection import pairs
from common.messaging.pglog.schema import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import timedelta

    from common.messaging.pglog.connection import Connection

_JOIN: Final = """
    INSERT INTO members (group_id, backend, topics, seen)
    SELECT $1, current_setting('application_name'), $2, clock_timestamp() RETURNING id
    """
_MEMBERS: Final = """
    SELECT m.id, m.topics, a.pid, m.seen < clock_timestamp() - $2::interval AS silent
    FROM members m LEFT JOIN pg_stat_activity a ON a.application_name = m.backend
    WHERE m.group_id = $1 ORDER BY m.id
    """
_HOLDERS: Final = """
    SELECT objid::int, pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = $1::int::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
_NUMBER: Final = """
    INSERT INTO groups (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
    """


async def number_of(connection: Connection, group: str) -> int:
    """Return a group's number; a new one gets its own."""
    # Looked up first: only a group's first member ever writes here.
    found: int = await connection.fetchval("SELECT id FROM groups WHERE name = $1", group) or (
        await connection.fetchval(_NUMBER, group)
    )
    return found


class Membership:
    """One member, for as long as its connection lives."""

    def __init__(self, group: str, partitions: Mapping[int, str], session: timedelta) -> None:
        """``partitions`` are those of the member's topics, with the topic of each."""
        self._group = group
        self._partitions = partitions
        self._session = session
        self.group_id = 0
        self._member = 0

    async def join(self, connection: Connection) -> None:
        """Enter the group on this connection."""
        self.group_id = await number_of(connection, self._group)
        self._member = await connection.fetchval(_JOIN, self.group_id, sorted(set(self._partitions.values())))
        await self._notify(connection)

    async def heartbeat(self, connection: Connection) -> frozenset[int]:
        """Show that we live, clear away who does not, and return the partitions that should be ours.

        Raises:
            LogUnavailable: the others have given us up.
        """
        if not await connection.fetchval(
            "UPDATE members SET seen = clock_timestamp() WHERE id = $1 RETURNING true", self._member
        ):
            message = "the group has given this member up"
            raise LogUnavailable(message)
        rows = await connection.fetch(_MEMBERS, self.group_id, self._session)
        dead = [row for row in rows if row["silent"] or row["pid"] is None]
        if dead:
            for row in dead:
                if row["pid"] is not None:  # hung: its locks go with its connection
                    await connection.execute("SELECT pg_terminate_backend($1)", row["pid"])
            await connection.execute("DELETE FROM members WHERE id = ANY($1)", [row["id"] for row in dead])
            await self._notify(connection)
        members = {row["id"]: frozenset(row["topics"]) for row in rows if row not in dead}
        by_pid = {row["pid"]: row["id"] for row in rows}
        held = await connection.fetch(_HOLDERS, self.group_id)
        holders = {row["objid"]: by_pid[row["pid"]] for row in held if row["pid"] in by_pid}
        # Others may read topics that we do not: their load counts, so every partition held takes part.
        shares = assign_partitions(await self._all_partitions(connection, members), members, holders)
        return frozenset(partition for partition, member in shares.items() if member == self._member)

    async def _all_partitions(self, connection: Connection, members: Mapping[int, frozenset[str]]) -> Mapping[int, str]:
        topics = frozenset().union(*members.values())
        if topics <= set(self._partitions.values()):
            return self._partitions
        return pairs(await connection.fetch("SELECT id, topic FROM partitions WHERE topic = ANY($1)", list(topics)))

    async def acquire(self, connection: Connection, partitions: Collection[int]) -> list[int]:
        """Lock these and return the ones obtained; another member may not have let go yet."""
        rows = await connection.fetch(
            "SELECT id FROM unnest($2::int[]) AS id WHERE pg_try_advisory_lock($1, id)",
            *(self.group_id, sorted(partitions)),
        )
        return [row["id"] for row in rows]

    async def release(self, connection: Connection, partitions: Collection[int]) -> None:
        """Unlock these and notify the group."""
        await connection.execute(
            "SELECT pg_advisory_unlock($1, id) FROM unnest($2::int[]) AS id", self.group_id, list(partitions)
        )
        await self._notify(connection)

    async def leave(self, connection: Connection) -> None:
        """Unlock everything and notify the group."""
        await connection.execute("SELECT pg_advisory_unlock_all()")
        await connection.execute("DELETE FROM members WHERE id = $1", self._member)
        await self._notify(connection)

    async def _notify(self, connection: Connection) -> None:
        await connection.execute("SELECT pg_notify($1, 'g:' || $2)", CHANNEL, self._group)
