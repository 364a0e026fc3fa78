"""The tables that the plumbing keeps in every service's own database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB


def moment(name: str, *, nullable: bool = False, default_now: bool = False) -> Column[object]:
    """Return a column for a moment in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if default_now else None)


def owner_indexes(table: str, *owners: str, then: tuple[str, ...] = ("id",)) -> tuple[Index, ...]:
    """Return an index for every column that decides whose a row is, so that owners find theirs a page at a time.

    ``then`` names the columns that order the list. A condition on several owners is as quick as its slowest arm: a
    list whose owners are looked for in five columns has an index on each of the five.
    """
    return tuple(Index(f"{table}_by_{owner.removesuffix('_id')}", owner, *then) for owner in owners)


@dataclass(frozen=True, slots=True)
class Plumbing:
    """The plumbing's tables, bound to one service's metadata."""

    outbox: Table
    inbox: Table
    parked_keys: Table
    parked_events: Table
    deadlines: Table
    idempotency_keys: Table
    policies: Table
    audit: Table
    clock: Table
    progress: Table
    consumer_runs: Table
    started_events: Table

    @classmethod
    def in_(cls, metadata: MetaData) -> Self:
        """Declare the tables in ``metadata``; the migration ``common.persistence.migrations.plumbing`` makes them."""
        return cls(
            # Column names of Debezium's event router, so that change data capture can take over the relay's work.
            outbox=Table(
                "outbox",
                metadata,
                Column("position", BigInteger, Identity(always=True), primary_key=True),
                Column("id", Uuid, nullable=False),
                Column("aggregatetype", Text, nullable=False),  # the topic
                Column("aggregateid", Text, nullable=False),  # the key
                Column("type", Text, nullable=False),
                Column("payload", LargeBinary),  # null is a tombstone
                Column("headers", JSONB, nullable=False),
                moment("created_at", default_now=True),
            ),
            inbox=Table(
                "inbox",
                metadata,
                Column("consumer", Text, nullable=False),
                Column("source", Text, nullable=False),
                Column("event_id", Uuid, nullable=False),
                moment("handled_at", default_now=True),
                PrimaryKeyConstraint("consumer", "source", "event_id"),
            ),
            parked_keys=Table(
                "parked_keys",
                metadata,
                Column("consumer", Text, nullable=False),
                Column("topic", Text, nullable=False),
                Column("key", Text, nullable=False),
                Column("why", Text, nullable=False),
                Column("reason", Text, nullable=False),
                Column("attempts", Integer, nullable=False, server_default="0"),
                moment("since", default_now=True),
                moment("retry_at", nullable=True),
                Column("announced", Boolean, nullable=False, server_default="false"),
                Column("fact", Text),  # the subject that it waits for
                PrimaryKeyConstraint("consumer", "topic", "key"),
                Index("parked_keys_by_fact", "consumer", "fact", postgresql_where=text("fact IS NOT NULL")),
                Index("parked_keys_to_retry", "consumer", "retry_at", postgresql_where=text("retry_at IS NOT NULL")),
            ),
            parked_events=Table(
                "parked_events",
                metadata,
                Column("position", BigInteger, Identity(always=True), primary_key=True),
                Column("consumer", Text, nullable=False),
                Column("topic", Text, nullable=False),
                Column("key", Text, nullable=False),
                Column("partition", Integer, nullable=False),
                Column("offset", BigInteger, nullable=False),
                Column("headers", JSONB, nullable=False),
                Column("value", LargeBinary),
                moment("recorded_at"),
                moment("parked_at", default_now=True),
                UniqueConstraint("consumer", "topic", "partition", "offset"),
                Index("parked_events_in_order", "consumer", "topic", "key", "position"),
            ),
            deadlines=Table(
                "deadlines",
                metadata,
                Column("id", Uuid, primary_key=True),
                Column("what", Text, nullable=False),
                Column("about", Uuid, nullable=False),
                Column("due_at", DateTime(timezone=True), nullable=False),  # business time
                Column("case_id", Text),
                Column("attempts", SmallInteger, nullable=False, server_default="0"),
                Column("leased_until", DateTime(timezone=True)),  # real time
                Column("lease", Uuid),
                Column("deaths", Integer, nullable=False, server_default="0"),
                Column("parked", Boolean, nullable=False, server_default="false"),
                Column("announced", Boolean, nullable=False, server_default="false"),
                Column("reason", Text),
                UniqueConstraint("what", "about"),
                Index("deadlines_due", "due_at", "id", postgresql_where=text("NOT parked AND leased_until IS NULL")),
                Index(
                    "deadlines_leased", "leased_until", postgresql_where=text("NOT parked AND leased_until IS NOT NULL")
                ),
                Index("deadlines_suspect", "id", postgresql_where=text("deaths > 0")),
                Index("deadlines_parked", "id", postgresql_where=text("parked")),
            ),
            idempotency_keys=Table(
                "idempotency_keys",
                metadata,
                Column("client", Text, nullable=False),  # with a digest of whom it acts for
                Column("key", Text, nullable=False),
                Column("fingerprint", Text, nullable=False),
                Column("status", SmallInteger, nullable=False),
                Column("headers", JSONB, nullable=False),
                Column("body", LargeBinary),
                moment("stored_at", default_now=True),
                Column("names", ARRAY(Uuid), nullable=False),
                PrimaryKeyConstraint("client", "key"),
                Index("idempotency_keys_by_age", "stored_at"),
                Index("idempotency_keys_by_name", "names", postgresql_using="gin"),
            ),
            policies=Table(
                "policies",
                metadata,
                Column("code", Text, nullable=False),
                Column("valid_from", Date, nullable=False),
                Column("version", Integer, nullable=False),
                Column("rows_in_set", Integer, nullable=False),
                Column("valid_until", Date),
                Column("value", JSONB, nullable=False),
                Column("source", Text, nullable=False),
                Column("verified", Boolean, nullable=False),
                PrimaryKeyConstraint("code", "valid_from", "version"),
            ),
            audit=Table(
                "audit",
                metadata,
                Column("id", BigInteger, Identity(always=True), primary_key=True),
                moment("at"),
                Column("actor", Text, nullable=False),
                Column("about", Text, nullable=False),
                Column("event_id", Uuid, nullable=False),
                Column("event_type", Text, nullable=False),
                Column("case_id", Text),
                Column("policy_version", Integer),
                Column("reason", Text),
                Index("audit_by_subject", "about", "id"),
            ),
            clock=Table(
                "clock",
                metadata,
                Column("only", Boolean, primary_key=True, server_default="true"),
                Column("offset_seconds", BigInteger, nullable=False),
            ),
            consumer_runs=Table(
                "consumer_runs",
                metadata,
                Column("consumer", Text, nullable=False),
                Column("host", Text, nullable=False),
                Column("pid", Integer, nullable=False),
                Column("process", Text, nullable=False, server_default=""),  # which of those with that number
                moment("began_at", default_now=True),
                PrimaryKeyConstraint("consumer", "host", "pid"),
            ),
            started_events=Table(
                "started_events",
                metadata,
                Column("consumer", Text, nullable=False),
                Column("topic", Text, nullable=False),
                Column("partition", Integer, nullable=False),
                Column("offset", BigInteger, nullable=False),
                Column("starts", Integer, nullable=False),
                moment("since", default_now=True),
                PrimaryKeyConstraint("consumer", "topic", "partition", "offset"),
            ),
            progress=Table(
                "progress",
                metadata,
                Column("consumer", Text, nullable=False),
                Column("topic", Text, nullable=False),
                Column("partition", Integer, nullable=False),
                moment("reached"),  # what the log took in before it was handled
                moment("floor", nullable=True),  # what was made before it is in the inbox no more
                PrimaryKeyConstraint("consumer", "topic", "partition"),
            ),
        )
