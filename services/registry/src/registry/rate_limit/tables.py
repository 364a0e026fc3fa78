"""The table of what was done lately."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Table,
    Text,
)

from registry.tables import metadata

counted: Final = Table(
    "counted",
    metadata,
    Column("act", Text, nullable=False),
    Column("by", Text, nullable=False, comment="a pseudonym, or the id of a party"),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("counted_lately", "act", "by", "at"),
    Index("counted_by_moment", "at"),
)
