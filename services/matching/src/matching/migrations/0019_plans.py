"""Plans: requested, computed by a worker, stored with what proves them, and published in waves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), comment="where it is made for one"),
        sa.Column("regions", postgresql.JSONB(), nullable=False, comment="of the vacancies; empty: the whole country"),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), comment="asked for; null: as policy says"),
        sa.Column("pins", postgresql.JSONB(), nullable=False, comment="trainer and vacancy, as a desk wishes"),
        sa.Column("exclusions", postgresql.JSONB(), nullable=False, comment="the same, that it does not want"),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("day", sa.Date(), comment="of the snapshot"),
        sa.Column("policy_version", sa.Integer()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text(), comment="why there is no plan"),
        sa.Column("result", postgresql.JSONB(), comment="value, bound, figures"),
        sa.Column("waves", sa.Integer(), nullable=False),
    )
    is_open = sa.text("status IN ('requested', 'running')")
    op.create_index("plans_one_open_per_regions", "plans", ["regions"], unique=True, postgresql_where=is_open)
    op.create_index("plans_of_matching", "plans", ["requested_at"], postgresql_where=sa.text("by = 'matching'"))
    op.create_index("plans_by_region", "plans", ["region", "id"])
    op.create_table(
        "plan_documents",
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "document", sa.LargeBinary(), nullable=False, comment="canonical JSON, with the prices that prove the bound"
        ),
    )
    op.create_table(
        "plan_assignments",
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("vacancy_id", sa.Uuid(), primary_key=True),
        sa.Column(
            "lot",
            sa.Uuid(),
            primary_key=True,
            comment="drawn: orders what has the same place and says nothing of who it is",
        ),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, comment="0: chosen; else the place in reserve"),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("chance", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger()),
        sa.Column("wave", sa.Integer(), comment="the last one that tried it"),
        sa.Column("skipped", sa.Text(), comment="why that wave did not propose it"),
        sa.Column("proposal_id", sa.Uuid()),
    )
    op.create_index("plan_assignments_by_trainer", "plan_assignments", ["trainer_id"])
    op.create_table(
        "plan_runs",
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
    op.create_index("plan_runs_due", "plan_runs", ["due_at", "run_id"], postgresql_where=is_free)
    op.create_index("plan_runs_leased", "plan_runs", ["leased_until"], postgresql_where=is_leased)
    op.create_index("plan_runs_suspect", "plan_runs", ["run_id"], postgresql_where=sa.text("deaths > 0"))


def downgrade() -> None:
    for table in ("plan_runs", "plan_assignments", "plan_documents", "plans"):
        op.drop_table(table)
