"""The table of hour lines."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from contracts.tables import metadata, owners

hour_lines: Final = owned_table(
    "hour_lines",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("assignment_id", Uuid, nullable=False),
    Column("contract_id", Uuid, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    Column("proposal_id", Uuid, nullable=False),
    *owners(),
    Column("school_type", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("contact_minutes", Integer, nullable=False),
    Column("preparation_minutes", Integer, nullable=False),
    Column("travel_minutes", Integer, nullable=False),
    Column("group_size", Integer),
    Column("reverses", Uuid),
    Column("rejected_reason", Text),
    Column("policy_version", Integer),
    Column("findings", JSONB, nullable=False),
    Index("hour_lines_by_assignment", "assignment_id", "id"),
    Index("hour_lines_by_day", "trainer_id", "worked_on"),
    # A line is taken back once, however many ask for it at the same time.
    Index("hour_lines_reversed_once", "reverses", unique=True, postgresql_where=text("reverses IS NOT NULL")),
)
