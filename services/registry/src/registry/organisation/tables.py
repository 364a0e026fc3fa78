"""The table of organisations."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from registry.tables import metadata


def _unique(table: str, column: str) -> Index:
    return Index(f"{table}_by_{column}", column, unique=True, postgresql_where=text("status = 'confirmed'"))


organisations: Final = owned_table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("board_number", Text),
    Column("brin", Text),
    Column("location_code", Text),
    Column("rio_code", Text),
    Column("kvk", Text),
    Column("oin", Text),
    Column("aliases", JSONB, nullable=False),
    Column("board_id", Uuid),
    Column("school_id", Uuid),
    Column("street", Text),
    Column("house_number", Text),
    Column("postcode", Text),
    Column("place", Text),
    Column("municipality", Text),
    Column("province", Text),
    Column("region", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("school_types", JSONB, nullable=False),
    Column("levels", JSONB, nullable=False),
    Column("denomination", Text),
    Column("website", Text),
    Column("contact", JSONB(none_as_null=True), comment="a person"),
    Column("lending_status", Text),
    Column("education_recognised", Boolean, nullable=False),
    Column("size", Text),
    Column("closed_on", Date),
    Column("successor_id", Uuid),
    _unique("organisations", "board_number"),
    _unique("organisations", "brin"),
    _unique("organisations", "location_code"),
    Index(
        "organisations_companies_by_kvk",
        "kvk",
        unique=True,
        postgresql_where=text("kind = 'company' AND status = 'confirmed'"),
    ),
    Index("organisations_pending", "region", "id", postgresql_where=text("status = 'pending'")),
    Index("organisations_by_kind", "kind", "status", "id"),
)
