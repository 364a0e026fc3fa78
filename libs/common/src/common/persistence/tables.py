"""The tables that the plumbing keeps in every service's own database."""

from __future__ import annotations

from typing import Final

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


def _texts(*names: str, key: bool = False) -> list[Column[str]]:
    return [Column(name, Text, nullable=False, primary_key=key) for name in names]


def add_plumbing(metadata: MetaData) -> MetaData:
    """Declare the tables in ``metadata``; the migration ``common.persistence.migrations.plumbing`` makes them."""
    # Column names of Debezium's event router, so that change data capture can take over the relay's work.
    Table(
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
    )
    Table(
        "inbox",
        metadata,
        *_texts("consumer", "source", key=True),
        Column("event_id", Uuid, primary_key=True),
        moment("handled_at", default_now=True),
    )
    Table(
        "parked_keys",
        metadata,
        *_texts("consumer", "topic", "key", key=True),
        *_texts("why", "reason"),
        Column("attempts", Integer, nullable=False, server_default="0"),
        moment("since", default_now=True),
        moment("retry_at", nullable=True),
        Column("announced", Boolean, nullable=False, server_default="false"),
        Column("fact", Text),  # the subject that it waits for
        Index("parked_keys_by_fact", "consumer", "fact", postgresql_where=text("fact IS NOT NULL")),
        Index("parked_keys_to_retry", "consumer", "retry_at", postgresql_where=text("retry_at IS NOT NULL")),
    )
    Table(
        "parked_events",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        *_texts("consumer", "topic", "key"),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("value", LargeBinary),
        moment("recorded_at"),
        moment("parked_at", default_now=True),
        UniqueConstraint("consumer", "topic", "partition", "offset"),
        Index("parked_events_in_order", "consumer", "topic", "key", "position"),
    )
    Table(
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
        Index("deadlines_leased", "leased_until", postgresql_where=text("NOT parked AND leased_until IS NOT NULL")),
        Index("deadlines_suspect", "id", postgresql_where=text("deaths > 0")),
        Index("deadlines_parked", "id", postgresql_where=text("parked")),
    )
    Table(
        "idempotency_keys",
        metadata,
        Column("client", Text, primary_key=True),  # with a digest of whom it acts for
        Column("key", Text, primary_key=True),
        Column("fingerprint", Text, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary),
        moment("stored_at", default_now=True),
        Column("names", ARRAY(Uuid), nullable=False),
        Index("idempotency_keys_by_age", "stored_at"),
        Index("idempotency_keys_by_name", "names", postgresql_using="gin"),
    )
    Table(
        "policies",
        metadata,
        Column("code", Text, primary_key=True),
        Column("valid_from", Date, primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("rows_in_set", Integer, nullable=False),
        Column("valid_until", Date),
        Column("value", JSONB, nullable=False),
        Column("source", Text, nullable=False),
        Column("verified", Boolean, nullable=False),
    )
    Table(
        "audit",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        moment("at"),
        *_texts("actor", "about"),
        Column("event_id", Uuid, nullable=False),
        Column("event_type", Text, nullable=False),
        Column("case_id", Text),
        Column("policy_version", Integer),
        Column("reason", Text),
        Index("audit_by_subject", "about", "id"),
    )
    Table(
        "clock",
        metadata,
        Column("only", Boolean, primary_key=True, server_default="true"),
        Column("offset_seconds", BigInteger, nullable=False),
    )
    Table(
        "consumer_runs",
        metadata,
        *_texts("consumer", "host", key=True),
        Column("pid", Integer, primary_key=True),
        Column("process", Text, nullable=False, server_default=""),  # which of those with that number
        moment("began_at", default_now=True),
    )
    Table(
        "started_events",
        metadata,
        *_texts("consumer", "topic", key=True),
        Column("partition", Integer, primary_key=True),
        Column("offset", BigInteger, primary_key=True),
        Column("starts", Integer, nullable=False),
        moment("since", default_now=True),
    )
    Table(
        "progress",
        metadata,
        *_texts("consumer", "topic", key=True),
        Column("partition", Integer, primary_key=True),
        moment("reached"),  # what the log took in before it was handled
        moment("floor", nullable=True),  # what was made before it is in the inbox no more
    )
    return metadata


PLUMBING: Final = tuple(add_plumbing(MetaData()).tables)
"""Their names."""
