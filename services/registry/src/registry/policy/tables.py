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
    Column("verified_by", Text, comment="a function, no name"),
    Column("verified_on", Date),
    Column("proposed_by", Text, nullable=False, comment="a pseudonym"),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text, comment="a pseudonym"),
    Column("decided_at", DateTime(timezone=True)),
)
policy_readings: Final = Table(
    "policy_readings",
    metadata,
    Column("code", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("verified_by", Text, nullable=False, comment="a function, no name"),
    Column("verified_on", Date, nullable=False),
)
"""Of published rows that a person compared with the text of the day: what only ``registry`` shows."""
