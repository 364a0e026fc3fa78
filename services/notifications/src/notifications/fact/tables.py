"""The tables of what others published."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from notifications.tables import learned_parties, metadata

contacts = Table(
    "contacts",
    metadata,
    Column("party_id", Uuid, primary_key=True),
    Column("party", Text),
    Column("name", Text, comment="personal for a trainer; null once erased"),
    Column("contact_name", Text, comment="personal"),
    Column("email", Text, comment="personal"),
    Column("language", Text, nullable=False),
    Column("erased", Boolean, nullable=False, server_default="false"),
)

desks = Table(
    "desks",
    metadata,
    Column("desk_id", Uuid, primary_key=True),
    Column("region", Text),
    Index("desks_by_region", "region"),
)

parties = learned_parties("parties")

vacancies = Table(
    "vacancies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("events", ARRAY(Text), nullable=False, comment="names of those that ended or reopened it, in order"),
    Column("changed_at", DateTime(timezone=True), nullable=False, comment="business time"),
    Index("vacancies_by_moment", "changed_at"),
)

works = Table(
    "works",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of a vacancy or a contract"),
    Column("trainer_id", Uuid, comment="of a contract's"),
    Column("facts", JSONB, nullable=False, comment="subject, role, type of school, form, minutes, days, roster"),
    Column("known_until", Date, nullable=False, comment="its last day, or a year after the start of work without one"),
    Index("works_by_trainer", "trainer_id"),
    Index("works_by_day", "known_until"),
)
