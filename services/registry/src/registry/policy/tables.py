"""The table of proposed changes of rules."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from registry.tables import metadata

policy_changes: Final = Table(
    "policy_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("value", JSONB, nullable=False),
    Column("source", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("proposed_by", Text, nullable=False, comment="a pseudonym"),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text, comment="a pseudonym"),
    Column("decided_at", DateTime(timezone=True)),
)
