"""The table of assignments."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from contracts.tables import metadata, owners

assignments: Final = owned_table(
    "assignments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("contract_id", Uuid, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    Column("proposal_id", Uuid, nullable=False),
    *owners(),
    Column("school_type", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("ground", Text),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("interruptions", JSONB, nullable=False),
    Index("assignments_by_contract", "contract_id", unique=True),
)
