"""The tables of letters, of those that are to go out, and of former addresses."""

from __future__ import annotations

from sqlalchemy import (
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

messages = Table(
    "messages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("recipient_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("event_source", Text, nullable=False),
    Column("because_of", Uuid, nullable=False),
    Column("about", Uuid, nullable=False),
    Column("case_id", Text),
    Column("facts", JSONB, nullable=False),
    Column("parties", JSONB, nullable=False, server_default="{}", comment="ids: the recipient, at every level"),
    Column("status", Text, nullable=False),
    Column("planned_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("smtp_code", Integer),
    UniqueConstraint("event_source", "because_of", "recipient_id", "template"),
    *owner_indexes("messages", "recipient_id", then=("planned_at", "id")),
    Index("messages_not_sent", "status", "planned_at", "id", postgresql_where=text("status <> 'sent'")),
    Index("messages_by_moment", "planned_at", "id"),
    Index("messages_planned_about", "about", postgresql_where=text("status = 'planned'")),
    Index("messages_by_end", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    Index("messages_to_empty", "ended_at", postgresql_where=text("ended_at IS NOT NULL AND facts <> '{}'")),
)

former_addresses = Table(
    "former_addresses",
    metadata,
    Column("message_id", Uuid, primary_key=True, comment="the letter that goes there"),
    Column("address", Text, nullable=False, comment="personal"),
    Column("language", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, comment="business time"),
    Index("former_addresses_once", text("lower(address)"), "changed_at", unique=True),
)

outgoing = Table(
    "outgoing",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="business time"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("leased_until", DateTime(timezone=True), comment="real time"),
    Column("lease", Uuid),
    Column("deaths", Integer, nullable=False, server_default="0", comment="of workers that held it"),
    Column("parked", Boolean, nullable=False, server_default="false", comment="waits for an operator"),
    Column("reason", Text),
    Index("outgoing_due", "due_at", "message_id", postgresql_where=text("NOT parked AND leased_until IS NULL")),
    Index("outgoing_leased", "leased_until", postgresql_where=text("NOT parked AND leased_until IS NOT NULL")),
    Index("outgoing_suspect", "message_id", postgresql_where=text("deaths > 0")),
)
