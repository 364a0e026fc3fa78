"""The tables of what others published."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from contracts.tables import metadata

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
    Column("company_id", Uuid),
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
