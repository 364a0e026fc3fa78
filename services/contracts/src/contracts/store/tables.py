"""The tables of contracts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.processing_log import processing_log as declare_processing_log
from common.persistence.tables import Plumbing, owner_indexes

metadata: Final = MetaData()
plumbing: Final = Plumbing.in_(metadata)
processing_log: Final = declare_processing_log(metadata)


def _owners() -> tuple[Column[object], ...]:
    """Whose a row is: what decides who may see it."""
    return (
        Column("trainer_id", Uuid, nullable=False),
        Column("board_id", Uuid, nullable=False),
        Column("school_id", Uuid, nullable=False),
        Column("location_id", Uuid, nullable=False),
        Column("company_id", Uuid),
        Column("region", Text),
    )


def _by_owner(table: str) -> tuple[Index, ...]:
    return owner_indexes(table, *(column.name for column in _owners()))


contracts: Final = Table(
    "contracts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("proposal_id", Uuid, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    *_owners(),
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
    Index("contracts_by_proposal", "proposal_id", unique=True),
    Index("contracts_by_vacancy", "vacancy_id", "id"),
    *_by_owner("contracts"),
)

assignments: Final = Table(
    "assignments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("contract_id", Uuid, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    Column("proposal_id", Uuid, nullable=False),
    *_owners(),
    Column("school_type", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("ground", Text),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("interruptions", JSONB, nullable=False),
    Index("assignments_by_contract", "contract_id", unique=True),
    *_by_owner("assignments"),
)

hour_lines: Final = Table(
    "hour_lines",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("assignment_id", Uuid, nullable=False),
    Column("contract_id", Uuid, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    Column("proposal_id", Uuid, nullable=False),
    *_owners(),
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
    *_by_owner("hour_lines"),
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

# -- copies of what others told ------------------------------------------------------------------------------------

vacancies: Final = Table(
    "vacancies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("region", Text),
    Column("school_type", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("preparation_minutes_per_week", Integer, nullable=False),
    Column("roster", JSONB(none_as_null=True)),
    Column("supervisor_id", Uuid),
    Column("fee", JSONB, nullable=False),
    Column("language", Text, nullable=False),
    Column("structural", Boolean, nullable=False),
    Column("statutory_lessons", Boolean, nullable=False),
    Column("group_size", Integer, nullable=False),
    Column("upper_years", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

people: Final = Table(
    "people",
    metadata,
    Column("id", Uuid, primary_key=True, comment="the trainer's; pseudonymous"),
    Column("availability", JSONB, nullable=False),
    Column("qualifications", JSONB, nullable=False),
    Column("company_minutes_per_week", Integer, nullable=False),
    Column("company_days", JSONB, nullable=False),
    Column("in_training", Boolean, nullable=False),
    Column("experience_years", Integer, nullable=False),
    Column("crkbo_registered", Boolean, nullable=False),
)

vogs: Final = Table(
    "vogs",
    metadata,
    Column("id", Uuid, primary_key=True, comment="the trainer's"),
    Column("issued_on", Date, nullable=False),
    Column("shown_on", Date, nullable=False),
)

departures: Final = Table(
    "departures", metadata, Column("trainer_id", Uuid, primary_key=True), Column("left_on", Date, nullable=False)
)

lapsed_proposals: Final = Table(
    "lapsed_proposals",
    metadata,
    Column("proposal_id", Uuid, primary_key=True),
    Column("lapsed_on", Date, nullable=False),
)

organisations: Final = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("lending_status", Text),
    Column("education_recognised", Boolean, nullable=False),
)

contacts: Final = Table(
    "contacts",
    metadata,
    Column("id", Uuid, primary_key=True, comment="a trainer's or an organisation's"),
    Column("party", Text),
    Column("name", Text, nullable=False, comment="personal"),
    Column("contact_name", Text, comment="personal"),
    Column("language", Text, nullable=False),
    Column("brin", Text),
    Column("kvk", Text),
)
