"""The table of vacancies."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from registry.tables import metadata

vacancies: Final = owned_table(
    "vacancies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("board_id", Uuid, nullable=False),
    Column("school_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("region", Text),
    Column("municipality", Text, comment="of the location: it decides about the holiday region"),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("school_type", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("minutes_per_week", Integer, nullable=False),
    Column("preparation_minutes_per_week", Integer, nullable=False),
    Column("roster", JSONB(none_as_null=True), comment="null is flexible"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("places", Integer, nullable=False),
    Column("supervisor_id", Uuid),
    Column("forms", JSONB, nullable=False),
    Column("fee", JSONB, nullable=False),
    Column("language", Text, nullable=False),
    Column("structural", Boolean, nullable=False),
    Column("statutory_lessons", Boolean, nullable=False),
    Column("group_size", Integer, nullable=False),
    Column("upper_years", Boolean, nullable=False),
    Column("days_without_lessons", JSONB, nullable=False, server_default="[]", comment="beside all holidays"),
    Column("withdrawn_reason", Text),
)
