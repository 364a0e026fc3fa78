"""The table of sites."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Double, Table, Text, Uuid

from matching.tables import metadata

sites: Final = Table(
    "sites",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of the location or school"),
    Column("board_id", Uuid, nullable=False),
    Column("school_id", Uuid, nullable=False),
    Column("region", Text),
    Column("municipality", Text),
    Column("latitude", Double),
    Column("longitude", Double),
)
