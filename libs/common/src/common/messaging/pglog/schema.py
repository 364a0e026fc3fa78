"""The tables of the PostgreSQL log, and the topics in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import asyncpg

from common.messaging.log import Topic, TopicMismatch, TopicNotPermitted, UnknownTopic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from common.messaging.pglog.connection import Connection

CHANNEL: Final = "eventlog"
"""Where appends (``t:<topic>``) and changes in a group (``g:<group>``) are announced."""

_NAME: Final = re.compile(r"[a-zA-Z0-9._-]{1,249}")
_MIGRATION_LOCK: Final = 0x6576656E74
"""One migration at a time; a key of the 64-bit space, which the groups' locks do not use."""

MIGRATIONS: Final = (
    """
    CREATE TABLE topics (
        name text PRIMARY KEY,
        partitions int NOT NULL CHECK (partitions > 0),
        compacted boolean NOT NULL
    );
    -- The counter rows are the hottest rows of the log: room for updates within the page.
    CREATE TABLE partitions (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic text NOT NULL REFERENCES topics,
        number int NOT NULL,
        next_offset bigint NOT NULL DEFAULT 0,
        last_at timestamptz NOT NULL DEFAULT 'epoch',
        UNIQUE (topic, number)
    ) WITH (fillfactor = 40);
    CREATE TABLE records (
        "offset" bigint NOT NULL,
        at timestamptz NOT NULL,
        partition int NOT NULL,
        compacted boolean NOT NULL,
        key text NOT NULL,
        headers text NOT NULL,
        value bytea,
        PRIMARY KEY (partition, "offset")
    );
    CREATE INDEX newest_of_key ON records (partition, key) WHERE compacted;
    CREATE INDEX tombstones ON records (partition, at) WHERE compacted AND value IS NULL;
    CREATE TABLE groups (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE
    );
    CREATE TABLE offsets (
        group_id int NOT NULL REFERENCES groups,
        partition int NOT NULL REFERENCES partitions,
        next_offset bigint NOT NULL,
        PRIMARY KEY (group_id, partition)
    ) WITH (fillfactor = 40);
    -- Unlogged: after a crash of the server nobody is a member any more.
    CREATE UNLOGGED TABLE members (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        group_id int NOT NULL,
        backend text NOT NULL,
        topics text[] NOT NULL,
        seen timestamptz NOT NULL
    ) WITH (fillfactor = 40);
    """,
    """
    CREATE TABLE writers (
        login name NOT NULL,
        topic text NOT NULL REFERENCES topics,
        PRIMARY KEY (login, topic)
    );
    -- Where a partition begins since it was purged: what lies before is not searched again.
    CREATE TABLE starts (
        partition int PRIMARY KEY REFERENCES partitions,
        "offset" bigint NOT NULL
    );
    -- Row-level security shows a service no group but its own, and lets it delete no event: so this runs as the owner
    -- of the tables, and gives the service no more than its own topics, past a term, read by every group.
    CREATE FUNCTION purge(of_topic text, keep interval, at_most int, OUT removed bigint, OUT held_by text[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = eventlog, pg_temp AS $$
    DECLARE
        before timestamptz := statement_timestamp() - keep;
        part record;
        read_upto bigint;
        head record;
    BEGIN
        removed := 0;
        held_by := '{}';
        IF session_user <> current_user AND NOT EXISTS (
            SELECT FROM writers w WHERE w.login = session_user AND w.topic = of_topic
        ) THEN
            RAISE insufficient_privilege USING MESSAGE = format('%s may not purge %s', session_user, of_topic);
        END IF;
        IF NOT EXISTS (SELECT FROM topics t WHERE t.name = of_topic AND NOT t.compacted) THEN
            RAISE invalid_parameter_value USING MESSAGE = format('%s is no topic of events', of_topic);
        END IF;
        IF keep IS NULL OR keep < interval '30 days' THEN
            RAISE invalid_parameter_value USING MESSAGE = 'events stay for 30 days at least';
        END IF;
        -- One at a time for each topic.
        PERFORM pg_advisory_xact_lock(hashtext('eventlog purge'), hashtext(of_topic));
        FOR part IN
            SELECT p.id, coalesce(s."offset", 0) AS first
            FROM partitions p LEFT JOIN starts s ON s.partition = p.id WHERE p.topic = of_topic ORDER BY p.id
        LOOP
            EXIT WHEN removed >= at_most;
            -- A group follows a topic once it has an offset in it, or a member that asks for it.
            SELECT min(coalesce(o.next_offset, 0)) INTO read_upto
            FROM groups g LEFT JOIN offsets o ON o.group_id = g.id AND o.partition = part.id
            WHERE o.partition IS NOT NULL
               OR EXISTS (SELECT FROM members m WHERE m.group_id = g.id AND of_topic = ANY (m.topics));
            -- Time never runs backwards within a partition: the oldest stand first.
            SELECT max("offset") FILTER (WHERE at < before AND "offset" < coalesce(read_upto, "offset" + 1)) AS last,
                   bool_or(at < before AND "offset" >= read_upto) AS held
            INTO head FROM (
                SELECT "offset", at FROM records WHERE partition = part.id AND "offset" >= part.first
                ORDER BY "offset" LIMIT at_most - removed
            ) AS oldest;
            IF head.held THEN
                held_by := held_by || ARRAY(
                    SELECT g.name FROM groups g LEFT JOIN offsets o ON o.group_id = g.id AND o.partition = part.id
                    WHERE coalesce(o.next_offset, 0) = read_upto AND (o.partition IS NOT NULL
                       OR EXISTS (SELECT FROM members m WHERE m.group_id = g.id AND of_topic = ANY (m.topics)))
                );
            END IF;
            CONTINUE WHEN head.last IS NULL;
            WITH gone AS (
                DELETE FROM records
                WHERE partition = part.id AND "offset" BETWEEN part.first AND head.last RETURNING 1
            )
            SELECT removed + count(*) INTO removed FROM gone;
            INSERT INTO starts VALUES (part.id, head.last + 1)
            ON CONFLICT (partition) DO UPDATE SET "offset" = excluded."offset";
        END LOOP;
        held_by := ARRAY(SELECT DISTINCT unnest(held_by) ORDER BY 1);
    END $$;
    REVOKE ALL ON FUNCTION purge FROM PUBLIC;
    """,
)
"""Each runs once, in order; what was released is never edited."""


class Place(NamedTuple):
    """A topic as the tables know it."""

    ids: tuple[int, ...]
    """The partitions' ids, by their number."""
    compacted: bool


async def migrate(connection: Connection) -> None:
    """Bring the tables up to date; safe to run by everyone at once."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
        await connection.execute("CREATE SCHEMA IF NOT EXISTS eventlog")
        await connection.execute("CREATE TABLE IF NOT EXISTS migrations (version int PRIMARY KEY)")
        done = await connection.fetchval("SELECT coalesce(max(version), 0) FROM migrations")
        for version, statements in enumerate(MIGRATIONS[done:], done + 1):
            await connection.execute(statements)
            await connection.execute("INSERT INTO migrations VALUES ($1)", version)


async def create(connection: Connection, topics: Iterable[Topic]) -> None:
    """Make the topics that are missing, all or none.

    Raises:
        TopicMismatch: one exists with other settings.
        ValueError: a name no log could take.
    """
    async with connection.transaction():
        for topic in topics:
            if not _NAME.fullmatch(topic.name):
                message = f"{topic.name!r} is no name for a topic: letters, digits, dots, dashes, at most 249"
                raise ValueError(message)
            made = await connection.fetchval(
                "INSERT INTO topics VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true",
                *(topic.name, topic.partitions, topic.compacted),
            )
            if made:
                await connection.execute(
                    "INSERT INTO partitions (topic, number) SELECT $1, generate_series(0, $2 - 1)",
                    *(topic.name, topic.partitions),
                )
                continue
            there = await connection.fetchrow("SELECT partitions, compacted FROM topics WHERE name = $1", topic.name)
            if there is None or tuple(there) != (topic.partitions, topic.compacted):
                message = f"{topic.name} exists as {dict(there or {})}, not as {topic}"
                raise TopicMismatch(message)


async def place_of(connection: Connection, topic: str) -> Place:
    """Look one topic up.

    Raises:
        UnknownTopic: it was never made.
        TopicNotPermitted: it is there, but this login has no right to it.
    """
    try:
        rows = await connection.fetch(
            "SELECT p.id, t.compacted FROM partitions p JOIN topics t ON t.name = p.topic WHERE p.topic = $1"
            " ORDER BY p.number",
            topic,
        )
        hidden = not rows and await connection.fetchval("SELECT true FROM topics WHERE name = $1", topic)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        rows, hidden = [], None
    if hidden:
        raise TopicNotPermitted([topic])
    if not rows:
        raise UnknownTopic(topic)
    return Place(tuple(row["id"] for row in rows), rows[0]["compacted"])
