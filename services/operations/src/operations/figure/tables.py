"""The facts that figures count."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from operations.tables import metadata

trainers = Table(
    "trainers",
    metadata,
    Column("trainer_id", Uuid, primary_key=True),
    Column("was_trainer_before", Boolean, nullable=False, server_default="false"),
    Column("first_started_on", Date),
    Column("region", Text),
    Column("approved_minutes", BigInteger, nullable=False, server_default="0", comment="the sum of their hours"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("assignment_id", Uuid, primary_key=True),
    Column("trainer_id", Uuid, nullable=False),
    Column("started_on", Date),
    Column("ended_on", Date),
    Column("region", Text),
    Column("school_type", Text),
    Column("form", Text),
    Index("assignments_of_trainer", "trainer_id"),
    Index(
        "assignments_active",
        "trainer_id",
        postgresql_where=text("started_on IS NOT NULL AND ended_on IS NULL"),
    ),
)

hours = Table(
    "hours",
    metadata,
    Column("hour_line_id", Uuid, primary_key=True),
    Column("trainer_id", Uuid, nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("contact_minutes", Integer, nullable=False),
    Column("region", Text),
    Index("hours_of_trainer", "trainer_id"),
)

bottlenecks = Table(
    "bottlenecks",
    metadata,
    Column("report_id", Uuid, primary_key=True),
    Column("item", Text, nullable=False, comment="of the policy conversation"),
    Column("region", Text, comment="null where it is about the whole country"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Uuid, nullable=False, comment="random"),
)
