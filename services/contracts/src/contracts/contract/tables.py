"""The tables of contracts, of what was decided about them, and of their documents."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from contracts.tables import metadata, owners

contracts: Final = owned_table(
    "contracts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("proposal_id", Uuid, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    *owners(),
    Column("form", Text, nullable=False),
    Column("lessons", JSONB, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("drafted_at", DateTime(timezone=True), nullable=False),
    Column("decision", JSONB(none_as_null=True)),
    Column("documents", Integer, nullable=False),
    Column("signing", JSONB(none_as_null=True)),
    Column("held", JSONB, nullable=False),
    Column("active_from", Date),
    Column("ended_on", Date),
    Column("reason", Text),
    Column("extension", JSONB(none_as_null=True)),
    Column("ending", JSONB(none_as_null=True)),
    Index("contracts_by_proposal", "proposal_id", unique=True),
    Index("contracts_by_vacancy", "vacancy_id", "id"),
)

decisions: Final = Table(
    "decisions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False),
    Column("trainer_id", Uuid, nullable=False),
    Column("about", Text, nullable=False, comment="terms, extension, start or review"),
    Column("ruling", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("checks", JSONB, nullable=False, comment="each with the facts that it was asked, and every reason"),
    Column("vat", JSONB(none_as_null=True)),
    Column("costs", JSONB, nullable=False),
    Column("note", Text, comment="what the person who reviewed it wrote; null once anonymised"),
    Index("decisions_by_contract", "contract_id", "id"),
    Index("decisions_by_trainer", "trainer_id"),
)

documents: Final = Table(
    "documents",
    metadata,
    Column("contract_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("clauses", JSONB, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("contract_id", "version"),
)
