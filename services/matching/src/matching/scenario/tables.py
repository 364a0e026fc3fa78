"""The tables of scenarios."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from matching.tables import metadata, run_table

scenarios: Final[Table] = owned_table(
    "scenarios",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("region", Text, comment="where it is about one"),
    Column("regions", JSONB, nullable=False, comment="of the vacancies; empty: the whole country"),
    Column("overrides", JSONB, nullable=False, comment="rules with other values"),
    Column("sweep", JSONB, comment="one value of one rule, tried with several"),
    Column("horizon_months", Integer, nullable=False),
    Column(
        "simulate", Boolean, nullable=False, server_default="false", comment="years of arrivals and answers as well"
    ),
    Column("bottleneck_report_id", Uuid),
    Column("policy_item", Text),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("day", Date, comment="of the snapshot"),
    Column("policy_version", Integer),
    Column("ended_at", DateTime(timezone=True)),
    Column("reason", Text, comment="why there is no result"),
    Column("result", JSONB, comment="rounded figures, small cells left out"),
)

scenario_runs: Final = run_table("scenario_runs", metadata)
