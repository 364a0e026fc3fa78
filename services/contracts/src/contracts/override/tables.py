"""The table of overrides."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Date,
    Index,
    Table,
    Text,
    Uuid,
)

from contracts.tables import metadata

overrides: Final = Table(
    "overrides",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("trainer_id", Uuid, nullable=False),
    Column("board_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Index("overrides_by_trainer", "trainer_id", "board_id"),
)
