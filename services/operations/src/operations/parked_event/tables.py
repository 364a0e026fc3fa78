"""The table of parked keys."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from operations.tables import metadata

parked = Table(
    "parked",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("flow_key", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("consumer", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("parked_key", Text, nullable=False),
    Column("event_id", Text),
    Column("event_type", Text),
    Column("case_id", Text),
    Column("why", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="parked, ordered, or solved"),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("flow_key"),
    Index("parked_by_state", "state", "id"),
)
