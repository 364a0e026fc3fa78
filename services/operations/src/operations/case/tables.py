"""The tables of cases, and of what happened in them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.persistence.tables import owner_indexes
from operations.tables import metadata

cases = Table(
    "cases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("latest_at", DateTime(timezone=True), nullable=False),
    Column("latest", Text, nullable=False, comment="name of the latest event"),
    Column("latest_id", Uuid, comment="of the latest event: of two at the same moment the one that was made last"),
    Column("region", Text),
    Column("region_id", Uuid, comment="of the event that names the region"),
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
    Column("latest_id", Uuid, comment="of the latest step that is theirs"),
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
