"""The tables of contracts."""

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
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("school_type", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("interrupted_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("assignments_by_board", "assignments", ["board_id", "id"], unique=False)
    op.create_index("assignments_by_company", "assignments", ["company_id", "id"], unique=False)
    op.create_index("assignments_by_contract", "assignments", ["contract_id"], unique=True)
    op.create_index("assignments_by_trainer", "assignments", ["trainer_id", "id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False, comment="a trainer's or an organisation's"),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False, comment="personal"),
        sa.Column("contact_name", sa.Text(), nullable=True, comment="personal"),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("brin", sa.Text(), nullable=True),
        sa.Column("kvk", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "contracts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("lessons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("signing", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("held", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("extension", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contracts_by_board", "contracts", ["board_id", "id"], unique=False)
    op.create_index("contracts_by_company", "contracts", ["company_id", "id"], unique=False)
    op.create_index("contracts_by_proposal", "contracts", ["proposal_id"], unique=True)
    op.create_index("contracts_by_trainer", "contracts", ["trainer_id", "id"], unique=False)
    op.create_index("contracts_by_vacancy", "contracts", ["vacancy_id", "id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, comment="terms, extension, start or review"),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column(
            "checks",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="each with the facts that it was asked, and every reason",
        ),
        sa.Column("vat", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("costs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="what the person who reviewed it wrote; null once anonymised"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("decisions_by_contract", "decisions", ["contract_id", "id"], unique=False)
    op.create_index("decisions_by_trainer", "decisions", ["trainer_id"], unique=False)
    op.create_table(
        "departures",
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("trainer_id"),
    )
    op.create_table(
        "documents",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("clauses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "version"),
    )
    op.create_table(
        "hour_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("school_type", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("contact_minutes", sa.Integer(), nullable=False),
        sa.Column("preparation_minutes", sa.Integer(), nullable=False),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("group_size", sa.Integer(), nullable=True),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("rejected_reason", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hour_lines_by_assignment", "hour_lines", ["assignment_id", "id"], unique=False)
    op.create_index("hour_lines_by_board", "hour_lines", ["board_id", "id"], unique=False)
    op.create_index("hour_lines_by_company", "hour_lines", ["company_id", "id"], unique=False)
    op.create_index("hour_lines_by_trainer", "hour_lines", ["trainer_id", "id"], unique=False)
    op.create_index(
        "hour_lines_reversed_once",
        "hour_lines",
        ["reverses"],
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lending_status", sa.Text(), nullable=True),
        sa.Column("education_recognised", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "overrides",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("overrides_by_trainer", "overrides", ["trainer_id", "board_id"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False, comment="the trainer's; pseudonymous"),
        sa.Column("availability", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("qualifications", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("company_minutes_per_week", sa.Integer(), nullable=False),
        sa.Column("company_days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("in_training", sa.Boolean(), nullable=False),
        sa.Column("experience_years", sa.Integer(), nullable=False),
        sa.Column("crkbo_registered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "processing_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=True),
        sa.Column("operation_id", sa.Text(), nullable=True, comment="the span"),
        sa.Column("operation_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False, comment="real time"),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False, comment="real time"),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("processing_activity_id", sa.Text(), nullable=False, comment="dpl.core.processing_activity_id"),
        sa.Column("data_subject_id", sa.Text(), nullable=False, comment="dpl.core.data_subject_id"),
        sa.Column("data_subject_id_type", sa.Text(), nullable=False, comment="dpl.core.data_subject_id_type"),
        sa.Column("foreign_operation_processor", sa.Text(), nullable=True, comment="foreign_operation.processor"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("processing_log_by_subject", "processing_log", ["data_subject_id", "start_time"], unique=False)
    op.create_table(
        "vacancies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("school_type", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("preparation_minutes_per_week", sa.Integer(), nullable=False),
        sa.Column("roster", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("supervisor_id", sa.Uuid(), nullable=True),
        sa.Column("fee", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("structural", sa.Boolean(), nullable=False),
        sa.Column("statutory_lessons", sa.Boolean(), nullable=False),
        sa.Column("group_size", sa.Integer(), nullable=False),
        sa.Column("upper_years", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "vogs",
        sa.Column("id", sa.Uuid(), nullable=False, comment="the trainer's"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("shown_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("vogs")
    op.drop_table("vacancies")
    op.drop_index("processing_log_by_subject", table_name="processing_log")
    op.drop_table("processing_log")
    op.drop_table("people")
    op.drop_index("overrides_by_trainer", table_name="overrides")
    op.drop_table("overrides")
    op.drop_table("organisations")
    op.drop_index("hour_lines_reversed_once", table_name="hour_lines", postgresql_where=sa.text("reverses IS NOT NULL"))
    op.drop_index("hour_lines_by_trainer", table_name="hour_lines")
    op.drop_index("hour_lines_by_company", table_name="hour_lines")
    op.drop_index("hour_lines_by_board", table_name="hour_lines")
    op.drop_index("hour_lines_by_assignment", table_name="hour_lines")
    op.drop_table("hour_lines")
    op.drop_table("documents")
    op.drop_table("departures")
    op.drop_index("decisions_by_trainer", table_name="decisions")
    op.drop_index("decisions_by_contract", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("contracts_by_vacancy", table_name="contracts")
    op.drop_index("contracts_by_trainer", table_name="contracts")
    op.drop_index("contracts_by_proposal", table_name="contracts")
    op.drop_index("contracts_by_company", table_name="contracts")
    op.drop_index("contracts_by_board", table_name="contracts")
    op.drop_table("contracts")
    op.drop_table("contacts")
    op.drop_index("assignments_by_trainer", table_name="assignments")
    op.drop_index("assignments_by_contract", table_name="assignments")
    op.drop_index("assignments_by_company", table_name="assignments")
    op.drop_index("assignments_by_board", table_name="assignments")
    op.drop_table("assignments")
    plumbing.downgrade_1()
