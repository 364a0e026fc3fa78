"""The plumbing's tables as migrations: a service's first one calls ``upgrade_1``; a later change is ``upgrade_2``."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

TABLES: Final = (
    "audit",
    "clock",
    "deadlines",
    "idempotency_keys",
    "inbox",
    "outbox",
    "parked_events",
    "parked_keys",
    "policies",
)


def upgrade_1() -> None:
    """Make the tables of version 1."""
    for statement in _TABLES_1.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade_1() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)


def upgrade_2() -> None:
    """Let stored answers be erased with the persons whom they name; those that are there go with their term."""
    names: sa.Column[Any] = sa.Column("names", postgresql.ARRAY(sa.Uuid()), nullable=False, server_default="{}")
    op.alter_column("idempotency_keys", "body", nullable=True)
    op.add_column("idempotency_keys", names)
    op.alter_column("idempotency_keys", "names", server_default=None)
    op.create_index("idempotency_keys_by_name", "idempotency_keys", ["names"], postgresql_using="gin")


def downgrade_2() -> None:
    """Keep no names; an answer that was erased is forgotten with its key."""
    op.execute("DELETE FROM idempotency_keys WHERE body IS NULL")
    op.drop_column("idempotency_keys", "names")
    op.alter_column("idempotency_keys", "body", nullable=False)


def upgrade_3() -> None:
    """Let a deadline's lease be one worker's, and find what is due however many deadlines wait."""
    op.add_column("deadlines", sa.Column("lease", sa.Uuid(), nullable=True))
    op.add_column("deadlines", sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("deadlines_due", "deadlines")
    unleased = sa.text("NOT parked AND leased_until IS NULL")
    op.create_index("deadlines_due", "deadlines", ["due_at", "id"], postgresql_where=unleased)
    leased = sa.text("NOT parked AND leased_until IS NOT NULL")
    op.create_index("deadlines_leased", "deadlines", ["leased_until"], postgresql_where=leased)
    op.create_index("deadlines_suspect", "deadlines", ["id"], postgresql_where=sa.text("deaths > 0"))
    op.create_index("deadlines_parked", "deadlines", ["id"], postgresql_where=sa.text("parked"))


def downgrade_3() -> None:
    """Go back to the index on what is not parked."""
    for index in ("deadlines_parked", "deadlines_suspect", "deadlines_leased", "deadlines_due"):
        op.drop_index(index, "deadlines")
    op.create_index("deadlines_due", "deadlines", ["due_at"], postgresql_where=sa.text("NOT parked"))
    op.drop_column("deadlines", "deaths")
    op.drop_column("deadlines", "lease")


def upgrade_4() -> None:
    """Keep the name of the fact that a parked key waits for; what waits already is tried by its time."""
    op.add_column("parked_keys", sa.Column("fact", sa.Text()))
    op.create_index(
        "parked_keys_by_fact", "parked_keys", ["consumer", "fact"], postgresql_where=sa.text("fact IS NOT NULL")
    )


def downgrade_4() -> None:
    """Keep no names."""
    op.drop_column("parked_keys", "fact")


def upgrade_5() -> None:
    """Know which run of a consumer ended without a goodbye, and what it had begun."""
    op.create_table(
        "consumer_runs",
        sa.Column("consumer", sa.Text(), primary_key=True),
        sa.Column("host", sa.Text(), primary_key=True),
        sa.Column("pid", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "started_events",
        sa.Column("consumer", sa.Text(), primary_key=True),
        sa.Column("topic", sa.Text(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("offset", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )


def downgrade_5() -> None:
    """Count no starts."""
    op.drop_table("started_events")
    op.drop_table("consumer_runs")


def upgrade_6() -> None:
    """Know until which moment a consumer has read, and below which the inbox was purged."""
    op.create_table(
        "progress",
        sa.Column("consumer", sa.Text(), primary_key=True),
        sa.Column("topic", sa.Text(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("reached", sa.DateTime(timezone=True), nullable=False),
        sa.Column("floor", sa.DateTime(timezone=True), nullable=True),
    )


def downgrade_6() -> None:
    """Know of no floor: what was purged may then be handled again."""
    op.drop_table("progress")


def upgrade_7() -> None:
    """Know a run's process from a later one that was given the same number."""
    op.add_column("consumer_runs", sa.Column("process", sa.Text(), nullable=False, server_default=""))


def downgrade_7() -> None:
    """Know a process by its number alone."""
    op.drop_column("consumer_runs", "process")


def split_consumer(consumer: str, *projections: str) -> None:
    """Let projections that were part of a consumer go on as consumers of their own, from where it stood.

    What it had handled they have handled, and what it had parked is parked for each. ``hto migrate`` then moves their
    groups on the log to where ``progress`` says that they have read to.
    """
    for projection in projections:
        for statement in _SPLIT:
            op.execute(sa.text(statement).bindparams(consumer=consumer, projection=projection))
    # What only a projection could not handle is over for the consumer itself.
    retry = sa.text("UPDATE parked_keys SET retry_at = clock_timestamp() WHERE consumer = :consumer")
    op.execute(retry.bindparams(consumer=consumer))


def unsplit_consumer(*projections: str) -> None:
    """Forget what projections had handled; what they parked is no longer tried."""
    for table in ("parked_events", "parked_keys", "progress", "inbox"):
        for projection in projections:
            delete = sa.text(f"DELETE FROM {table} WHERE consumer = :consumer")  # noqa: S608 - our own names
            op.execute(delete.bindparams(consumer=projection))


_SPLIT: Final = (
    """
    INSERT INTO inbox (consumer, source, event_id, handled_at)
    SELECT :projection, source, event_id, handled_at FROM inbox WHERE consumer = :consumer
    """,
    """
    INSERT INTO progress (consumer, topic, partition, reached, floor)
    SELECT :projection, topic, partition, reached, floor FROM progress WHERE consumer = :consumer
    """,
    # Announced once more under the new name where it fails again: an order about the old one is about the old one.
    """
    INSERT INTO parked_keys (consumer, topic, key, why, reason, attempts, since, retry_at, announced, fact)
    SELECT :projection, topic, key, why, reason, 0, since, clock_timestamp(), false, fact
    FROM parked_keys WHERE consumer = :consumer
    """,
    """
    INSERT INTO parked_events (consumer, topic, key, partition, "offset", headers, value, recorded_at, parked_at)
    SELECT :projection, topic, key, partition, "offset", headers, value, recorded_at, parked_at
    FROM parked_events WHERE consumer = :consumer ORDER BY position
    """,
)
_TABLES_1: Final = """
    CREATE TABLE audit (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        actor TEXT NOT NULL,
        about TEXT NOT NULL,
        event_id UUID NOT NULL,
        event_type TEXT NOT NULL,
        case_id TEXT,
        policy_version INTEGER,
        reason TEXT,
        PRIMARY KEY (id)
    );
    CREATE INDEX audit_by_subject ON audit (about, id);
    CREATE TABLE clock (
        "only" BOOLEAN DEFAULT 'true' NOT NULL,
        offset_seconds BIGINT NOT NULL,
        PRIMARY KEY ("only")
    );
    CREATE TABLE deadlines (
        id UUID NOT NULL,
        what TEXT NOT NULL,
        about UUID NOT NULL,
        due_at TIMESTAMP WITH TIME ZONE NOT NULL,
        case_id TEXT,
        attempts SMALLINT DEFAULT '0' NOT NULL,
        leased_until TIMESTAMP WITH TIME ZONE,
        parked BOOLEAN DEFAULT 'false' NOT NULL,
        announced BOOLEAN DEFAULT 'false' NOT NULL,
        reason TEXT,
        PRIMARY KEY (id),
        UNIQUE (what, about)
    );
    CREATE INDEX deadlines_due ON deadlines (due_at) WHERE NOT parked;
    CREATE TABLE idempotency_keys (
        client TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        status SMALLINT NOT NULL,
        headers JSONB NOT NULL,
        body BYTEA NOT NULL,
        stored_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (client, key)
    );
    CREATE INDEX idempotency_keys_by_age ON idempotency_keys (stored_at);
    CREATE TABLE inbox (
        consumer TEXT NOT NULL,
        source TEXT NOT NULL,
        event_id UUID NOT NULL,
        handled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (consumer, source, event_id)
    );
    CREATE TABLE outbox (
        position BIGINT GENERATED ALWAYS AS IDENTITY,
        id UUID NOT NULL,
        aggregatetype TEXT NOT NULL,
        aggregateid TEXT NOT NULL,
        type TEXT NOT NULL,
        payload BYTEA,
        headers JSONB NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (position)
    );
    CREATE TABLE parked_events (
        position BIGINT GENERATED ALWAYS AS IDENTITY,
        consumer TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT NOT NULL,
        partition INTEGER NOT NULL,
        "offset" BIGINT NOT NULL,
        headers JSONB NOT NULL,
        value BYTEA,
        recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
        parked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (position),
        UNIQUE (consumer, topic, partition, "offset")
    );
    CREATE INDEX parked_events_in_order ON parked_events (consumer, topic, key, position);
    CREATE TABLE parked_keys (
        consumer TEXT NOT NULL,
        topic TEXT NOT NULL,
        key TEXT NOT NULL,
        why TEXT NOT NULL,
        reason TEXT NOT NULL,
        attempts INTEGER DEFAULT '0' NOT NULL,
        since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        retry_at TIMESTAMP WITH TIME ZONE,
        announced BOOLEAN DEFAULT 'false' NOT NULL,
        PRIMARY KEY (consumer, topic, key)
    );
    CREATE INDEX parked_keys_to_retry ON parked_keys (consumer, retry_at) WHERE retry_at IS NOT NULL;
    CREATE TABLE policies (
        code TEXT NOT NULL,
        valid_from DATE NOT NULL,
        version INTEGER NOT NULL,
        rows_in_set INTEGER NOT NULL,
        valid_until DATE,
        value JSONB NOT NULL,
        source TEXT NOT NULL,
        verified BOOLEAN NOT NULL,
        PRIMARY KEY (code, valid_from, version)
    );
"""
