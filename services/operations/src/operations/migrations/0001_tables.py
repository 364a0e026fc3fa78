"""The tables of operations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from common.persistence.migrations import plumbing

revision = "0001"
down_revision = None


def upgrade() -> None:
    plumbing.upgrade_1()
    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("school_type", sa.Text(), nullable=True),
        sa.Column("form", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("assignment_id"),
    )
    op.create_index("assignments_of_trainer", "assignments", ["trainer_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest", sa.Text(), nullable=False, comment="name of the latest event"),
        sa.Column("board_id", sa.Uuid(), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("trainer_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("next_what", sa.Text(), nullable=True),
        sa.Column("next_owners", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cases_by_company", "cases", ["company_id", "latest_at"], unique=False)
    op.create_index("cases_by_latest", "cases", ["latest_at", "id"], unique=False)
    op.create_index("cases_by_region", "cases", ["region", "latest_at"], unique=False)
    op.create_index("cases_by_school", "cases", ["school_id", "latest_at"], unique=False)
    op.create_index("cases_by_trainer", "cases", ["trainer_id", "latest_at"], unique=False)
    op.create_index("cases_due", "cases", ["due_at", "id"], unique=False, postgresql_where=sa.text("open"))
    op.create_table(
        "hours",
        sa.Column("hour_line_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("contact_minutes", sa.Integer(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("hour_line_id"),
    )
    op.create_index("hours_of_trainer", "hours", ["trainer_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "case_id", "role"),
    )
    op.create_index("links_of_case", "links", ["case_id"], unique=False)
    op.create_table(
        "open_steps",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owners", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    op.create_index("open_steps_of_case", "open_steps", ["case_id"], unique=False)
    op.create_table(
        "parked",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("flow_key", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("parked_key", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("event_type", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="parked, ordered, or solved"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("flow_key"),
    )
    op.create_index("parked_by_state", "parked", ["state", "id"], unique=False)
    op.create_table(
        "steps",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), nullable=False, comment="when the log took it in, real time"
        ),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("cause", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("steps_of_case", "steps", ["case_id", "event_id"], unique=False)
    op.create_table(
        "trainers",
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("was_trainer_before", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("first_started_on", sa.Date(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("trainer_id"),
    )


def downgrade() -> None:
    op.drop_table("trainers")
    op.drop_index("steps_of_case", table_name="steps")
    op.drop_table("steps")
    op.drop_index("parked_by_state", table_name="parked")
    op.drop_table("parked")
    op.drop_index("open_steps_of_case", table_name="open_steps")
    op.drop_table("open_steps")
    op.drop_index("links_of_case", table_name="links")
    op.drop_table("links")
    op.drop_index("hours_of_trainer", table_name="hours")
    op.drop_table("hours")
    op.drop_index("cases_due", table_name="cases", postgresql_where=sa.text("open"))
    op.drop_index("cases_by_trainer", table_name="cases")
    op.drop_index("cases_by_school", table_name="cases")
    op.drop_index("cases_by_region", table_name="cases")
    op.drop_index("cases_by_latest", table_name="cases")
    op.drop_index("cases_by_company", table_name="cases")
    op.drop_table("cases")
    op.drop_index("assignments_of_trainer", table_name="assignments")
    op.drop_table("assignments")
    plumbing.downgrade_1()
