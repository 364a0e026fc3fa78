"""The table of standings."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Date, Integer, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from contracts.tables import metadata

standings: Final = Table(
    "standings",
    metadata,
    Column("trainer_id", Uuid, primary_key=True),
    Column("board_id", Uuid, primary_key=True),
    Column("grounds", JSONB, nullable=False),
    Column("board_decisions", JSONB, nullable=False),
    Column("lower_years_per_mille", Integer, nullable=False),
    Column("school_underqualified_per_mille", Integer, nullable=False),
    Column("cao_deviation", Boolean, nullable=False),
    Column("above_cap_until", Date),
)
