"""The tables of proposals, and of how they ended."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from matching.tables import metadata

proposals: Final = owned_table(
    "proposals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    Column("trainer_id", Uuid, nullable=False),
    Column("board_id", Uuid, nullable=False),
    Column("school_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("region", Text),
    Column("company_id", Uuid),
    Column("round", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("minutes_per_week", Integer, nullable=False),
    Column("roster", JSONB(none_as_null=True), comment="agreed weekly hours; null: those of the vacancy"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("asked", JSONB, nullable=False),
    Column("terms", Integer, nullable=False, server_default="1", comment="the number of the present terms"),
    Column("consents", JSONB, nullable=False, comment="moment by party, to the present terms"),
    Column("status", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("answer_before", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("reason", Text),
    Column("declined_by", Text),
    Column("reminders", Integer, nullable=False),
    Column("counters", Integer, nullable=False, server_default="0", comment="how many counter-proposals were made"),
    Column("countered", JSONB(none_as_null=True), comment="the counter-proposal that waits for its answer"),
    Column("reached_at", DateTime(timezone=True), comment="the first letter that asks the trainer was delivered"),
    Column("unreached", Boolean, nullable=False, server_default="false", comment="the desk is to reach the trainer"),
    Column("contract_id", Uuid),
    Column("grounds", JSONB, nullable=False),
    Column("findings", JSONB, nullable=False),
    Index(
        "proposals_one_open_per_pair",
        "vacancy_id",
        "trainer_id",
        unique=True,
        postgresql_where=text("status = 'proposed'"),
    ),
    Index(
        "proposals_to_forget",
        "ended_at",
        postgresql_where=text("contract_id IS NULL AND ended_at IS NOT NULL AND grounds -> 'factors' <> '{}'"),
    ),
    Index("proposals_by_vacancy", "vacancy_id", "id"),
    Index("proposals_open_by_board", "board_id", postgresql_where=text("status = 'proposed'")),
)

asking_outcomes: Final = Table(
    "asking_outcomes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("ended_on", Date, nullable=False),
    Column("region", Text, nullable=False, comment="of the vacancy; empty where it has none"),
    Column("form", Text, nullable=False),
    Column("within_km", Integer, comment="the upper limit of the distance band; null: the open one"),
    Column("consented", Boolean, nullable=False, comment="whether every party agreed"),
    Index("asking_outcomes_by_region", "region", "ended_on", postgresql_include=["form", "within_km", "consented"]),
    Index("asking_outcomes_by_day", "ended_on"),
)
"""Without an id of a proposal, a vacancy or a person."""
