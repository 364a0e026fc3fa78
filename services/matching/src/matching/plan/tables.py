"""The tables of plans."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from matching.tables import metadata, run_table

plans: Final = owned_table(
    "plans",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("region", Text, comment="where it is made for one"),
    Column("regions", JSONB, nullable=False, comment="of the vacancies; empty: the whole country"),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("seconds", Integer, comment="asked for; null: as policy says"),
    Column("pins", JSONB, nullable=False, comment="trainer and vacancy, as a desk wishes"),
    Column("exclusions", JSONB, nullable=False, comment="the same, that it does not want"),
    Column("started_at", DateTime(timezone=True)),
    Column("day", Date, comment="of the snapshot"),
    Column("policy_version", Integer),
    Column("ended_at", DateTime(timezone=True)),
    Column("reason", Text, comment="why there is no plan"),
    Column("result", JSONB, comment="value, bound, figures"),
    Column("waves", Integer, nullable=False),
    # Two requests for the same regions at the same moment are one.
    Index(
        "plans_one_open_per_regions",
        "regions",
        unique=True,
        postgresql_where=text("status IN ('requested', 'running')"),
    ),
    Index("plans_of_matching", "requested_at", postgresql_where=text("by = 'matching'")),
)

plan_documents: Final = Table(
    "plan_documents",
    metadata,
    Column("plan_id", ForeignKey(plans.c.id, ondelete="CASCADE"), primary_key=True),
    Column("document", LargeBinary, nullable=False, comment="canonical JSON, with the prices that prove the bound"),
)

plan_assignments: Final = Table(
    "plan_assignments",
    metadata,
    Column("plan_id", ForeignKey(plans.c.id, ondelete="CASCADE"), primary_key=True),
    Column("vacancy_id", Uuid, primary_key=True),
    Column(
        "lot", Uuid, primary_key=True, comment="drawn: orders what has the same place and says nothing of who it is"
    ),
    Column("trainer_id", Uuid, nullable=False),
    Column("place", Integer, nullable=False, comment="0: chosen; else the place in reserve"),
    Column("form", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("chance", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("cost", BigInteger),
    Column("wave", Integer, comment="the last one that tried it"),
    Column("skipped", Text, comment="why that wave did not propose it"),
    Column("proposal_id", Uuid),
    Index("plan_assignments_by_trainer", "trainer_id"),
)

plan_openings: Final = Table(
    "plan_openings",
    metadata,
    Column("plan_id", ForeignKey(plans.c.id, ondelete="CASCADE"), primary_key=True),
    Column("vacancy_id", Uuid, primary_key=True),
    Column("places", Integer, nullable=False),
    Column("filled", Integer, nullable=False, comment="in halves of a place"),
    Column("expected", BigInteger, nullable=False, comment="in ten-thousandths of half a place"),
    Column("price", BigInteger, nullable=False, comment="what one place more would bring, at most, in points"),
    Column("candidates", Integer, nullable=False, comment="people who fit"),
    Index("plan_openings_by_price", "plan_id", "price", "vacancy_id"),
)

plan_runs: Final = run_table("plan_runs", metadata)
