"""The tables of operations."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.persistence.processing_log import processing_log as declare_processing_log
from common.persistence.tables import Plumbing, owner_indexes

metadata = MetaData()


plumbing = Plumbing.in_(metadata)
processing_log = declare_processing_log(metadata)


cases = Table(
    "cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("latest_at", DateTime(timezone=True), nullable=False),
    Column("latest", Text, nullable=False, comment="name of the latest event"),
    Column("region", Text),
    Column("next_what", Text),
    Column("next_owners", ARRAY(Text)),
    Column("due_at", DateTime(timezone=True)),
    Column("open", Boolean, nullable=False),
    Index("cases_by_latest", "latest_at", "id"),
    Index("cases_due", "due_at", "id", postgresql_where=text("open")),
    Index("cases_open", "latest_at", "id", postgresql_where=text("open")),
    Index("cases_by_kind", "kind", "latest_at", "id"),
    *owner_indexes("cases", "region", then=("latest_at", "id")),
)


case_parties = Table(
    "case_parties",
    metadata,
    Column("case_id", Uuid, nullable=False),
    Column("party", Text, nullable=False, comment="role=id, as in an envelope"),
    Column("opened_at", DateTime(timezone=True), nullable=False, comment="of the first step that is theirs"),
    Column("latest_at", DateTime(timezone=True), nullable=False, comment="of the latest"),
    Column("latest", Text, nullable=False),
    Column("next_what", Text),
    Column("next_owners", ARRAY(Text)),
    Column("due_at", DateTime(timezone=True)),
    Column("open", Boolean, nullable=False),
    PrimaryKeyConstraint("case_id", "party"),
    *owner_indexes("case_parties", "party", then=("latest_at", "case_id")),
    Index("case_parties_open", "party", "latest_at", "case_id", postgresql_where=text("open")),
)


steps = Table(
    "steps",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, comment="business time"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, comment="when the log took it in, real time"),
    Column("service", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sequence", Integer),
    Column("cause", Uuid),
    Column("facts", JSONB, nullable=False),
    Column("parties", ARRAY(Text), nullable=False, server_default="{}", comment="whose it is: role=id"),
    Index("steps_of_case", "case_id", "event_id"),
)


links = Table(
    "links",
    metadata,
    Column("entity_id", Uuid, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("seen_by", ARRAY(Text), nullable=False, server_default="{}", comment="who may know of it: role=id"),
    PrimaryKeyConstraint("entity_id", "case_id", "role"),
    Index("links_of_case", "case_id"),
)


open_steps = Table(
    "open_steps",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("owners", ARRAY(Text), nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("waits", Boolean, nullable=False),
    Column("parties", ARRAY(Text), nullable=False, server_default="{}", comment="whose it is: role=id"),
    Index("open_steps_of_case", "case_id"),
)


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


secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Uuid, nullable=False, comment="random"),
)


sign_outs = Table(
    "sign_outs",
    metadata,
    Column("token_hash", Text, primary_key=True, comment="SHA-256 of a token that signed out of the console"),
    Column("until", DateTime(timezone=True), nullable=False, comment="when the token ends by itself, real time"),
)


parked = Table(
    "parked",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("flow_key", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("consumer", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("parked_key", Text, nullable=False),
    Column("event_id", Text),
    Column("event_type", Text),
    Column("case_id", Text),
    Column("why", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="parked, ordered, or solved"),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("flow_key"),
    Index("parked_by_state", "state", "id"),
)
