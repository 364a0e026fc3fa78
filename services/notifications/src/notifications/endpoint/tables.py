"""The tables of endpoints, of their health, of questions to them, and of deliveries."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.tables import owner_indexes
from notifications.tables import metadata

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("url", Text, nullable=False),
    Column("event_types", JSONB, nullable=False),
    Column("secret", Text, nullable=False),
    Column("old_secrets", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("disabled_because", Text),
    *owner_indexes("endpoints", "owner_id"),
)

health = Table(
    "endpoint_health",
    metadata,
    Column("endpoint_id", Uuid, primary_key=True),
    Column("failing_since", DateTime(timezone=True), comment="business time"),
    Column("throttled_until", DateTime(timezone=True), comment="business time"),
    Column("probe_at", DateTime(timezone=True), comment="business time; its gate is closed until a probe is taken"),
    Column("probes", Integer, nullable=False, server_default="0", comment="that failed in a row"),
    Column("reason", Text),
)

questions = Table(
    "questions",
    metadata,
    Column("endpoint_id", Uuid, primary_key=True, comment="to be asked whether it wants webhooks"),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="real time"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("leased_until", DateTime(timezone=True), comment="real time"),
    Column("lease", Uuid),
    Column("deaths", Integer, nullable=False, server_default="0", comment="of workers that held it"),
    Index("questions_due", "due_at", "endpoint_id", postgresql_where=text("leased_until IS NULL")),
    Index("questions_leased", "leased_until", postgresql_where=text("leased_until IS NOT NULL")),
    Index("questions_suspect", "endpoint_id", postgresql_where=text("deaths > 0")),
)

cursor = Table(
    "delivery_cursor",
    metadata,
    Column("only", Boolean, primary_key=True, server_default="true"),
    Column("position", BigInteger, nullable=False, comment="of the last event of the feed that has its deliveries"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False, comment="in the feed"),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False, comment="pending, delivered or kept"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="business time"),
    Column("leased_until", DateTime(timezone=True), comment="real time"),
    Column("lease", Uuid),
    Column("deaths", Integer, nullable=False, server_default="0", comment="of workers that held it"),
    Column(
        "behind", Boolean, nullable=False, server_default="false", comment="an earlier one of its subject is pending"
    ),
    Column("answer", Integer, comment="HTTP status of the latest attempt"),
    Column("reason", Text),
    Column("planned_at", DateTime(timezone=True), nullable=False),
    Column("delivered_at", DateTime(timezone=True)),
    UniqueConstraint("endpoint_id", "event_id"),
    Index("deliveries_in_order", "endpoint_id", "subject", "position", postgresql_where=text("status = 'pending'")),
    Index(
        "deliveries_due",
        "endpoint_id",
        "due_at",
        "position",
        postgresql_where=text("status = 'pending' AND NOT behind"),
    ),
    Index("deliveries_suspect", "id", postgresql_where=text("deaths > 0")),
    Index("deliveries_by_moment", "planned_at", "id"),
    *owner_indexes("deliveries", "endpoint_id", then=("planned_at", "id")),
    Index("deliveries_not_delivered", "status", "planned_at", "id", postgresql_where=text("status <> 'delivered'")),
    Index(
        "deliveries_of_endpoint_not_delivered",
        "endpoint_id",
        "status",
        "planned_at",
        "id",
        postgresql_where=text("status <> 'delivered'"),
    ),
    Index("deliveries_delivered", "delivered_at", postgresql_where=text("status = 'delivered'")),
    Index("deliveries_of_event", "event_id"),
)
