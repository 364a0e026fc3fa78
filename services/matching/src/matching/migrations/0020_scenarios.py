"""Scenarios: requested, computed by a worker, stored in rounded figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "scenarios",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), comment="where it is about one"),
        sa.Column("regions", postgresql.JSONB(), nullable=False, comment="of the vacancies; empty: the whole country"),
        sa.Column("overrides", postgresql.JSONB(), nullable=False, comment="rules with other values"),
        sa.Column("sweep", postgresql.JSONB(), comment="one value of one rule, tried with several"),
        sa.Column("horizon_months", sa.Integer(), nullable=False),
        sa.Column("bottleneck_report_id", sa.Uuid()),
        sa.Column("policy_item", sa.Text()),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("day", sa.Date(), comment="of the snapshot"),
        sa.Column("policy_version", sa.Integer()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text(), comment="why there is no result"),
        sa.Column("result", postgresql.JSONB(), comment="rounded figures, small cells left out"),
    )
    op.create_index("scenarios_by_region", "scenarios", ["region", "id"])
    op.create_table(
        "scenario_runs",
        sa.Column("run_id", sa.Uuid(), primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="real time"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("leased_until", sa.DateTime(timezone=True), comment="real time"),
        sa.Column("lease", sa.Uuid()),
        sa.Column("deaths", sa.Integer(), nullable=False, server_default="0", comment="of workers that held it"),
        sa.Column("step", sa.Text(), comment="what the solver does; null: nothing yet"),
        sa.Column("value", sa.BigInteger(), comment="of the best plan so far, in points"),
        sa.Column("bound", sa.BigInteger(), comment="what no plan exceeds, as far as is known; null: not known yet"),
    )
    is_free, is_leased = sa.text("leased_until IS NULL"), sa.text("leased_until IS NOT NULL")
    op.create_index("scenario_runs_due", "scenario_runs", ["due_at", "run_id"], postgresql_where=is_free)
    op.create_index("scenario_runs_leased", "scenario_runs", ["leased_until"], postgresql_where=is_leased)
    op.create_index("scenario_runs_suspect", "scenario_runs", ["run_id"], postgresql_where=sa.text("deaths > 0"))


def downgrade() -> None:
    for table in ("scenario_runs", "scenarios"):
        op.drop_table(table)
