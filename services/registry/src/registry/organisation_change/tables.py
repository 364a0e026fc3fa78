"""The table of moves under another parent."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from registry.tables import metadata

organisation_moves: Final = Table(
    "organisation_moves",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("present_id", Uuid),
    Column("wanted_id", Uuid, nullable=False),
    Column("agreed", JSONB, nullable=False),
    Column("boards", JSONB, nullable=False, server_default="{}"),
    Column("proposed_by", Text, nullable=False, comment="a pseudonym"),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("desk_from", DateTime(timezone=True), nullable=False),
    Column("answer_before", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Index("organisation_moves_open", "organisation_id", unique=True, postgresql_where=text("status = 'proposed'")),
    Index("organisation_moves_of", "organisation_id", "proposed_at"),
)
