"""The tables of reference data."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Float,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from registry.tables import metadata

regions: Final = Table(
    "regions",
    metadata,
    Column("scheme", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("aliases", JSONB, nullable=False),
    PrimaryKeyConstraint("scheme", "code"),
)

trades: Final = Table(
    "trades",
    metadata,
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("label_nl", Text, nullable=False),
    Column("label_en", Text, nullable=False),
)

postcode_areas: Final = Table(
    "postcode_areas",
    metadata,
    Column("pc4", Text, primary_key=True),
    Column("place", Text, nullable=False),
    Column("municipality", Text, nullable=False),
    Column("province", Text, nullable=False),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    Column("region", Text, nullable=False),
)
