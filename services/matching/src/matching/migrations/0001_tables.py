"""The tables of matching."""

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
        "commitments",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("minutes_per_week", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id"),
        comment="what accepted proposals take of a trainer's week, until their contract is over",
    )
    op.create_index("commitments_by_trainer", "commitments", ["trainer_id"], unique=False)
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
        "profile_versions",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("state", postgresql.JSONB(), nullable=False),
        sa.Column("minutes_taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
        comment="every profile that a ranking may have seen, so that it can be repeated",
    )
    op.create_index("profile_versions_by_trainer", "profile_versions", ["trainer_id"], unique=False)
    op.execute(sa.schema.CreateSequence(sa.Sequence("profile_numbers")))
    op.create_table(
        "profiles",
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="a number that no version of anybody else has"),
        sa.Column(
            "state", postgresql.JSONB(), nullable=True, comment="what registry said last; null when the trainer is gone"
        ),
        sa.Column("minutes_taken", sa.Integer(), nullable=False),
        sa.Column("erased", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False, comment="the transaction that wrote it"),
        sa.PrimaryKeyConstraint("trainer_id"),
    )
    op.create_index("profiles_by_change", "profiles", ["changed_in"], unique=False)
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("minutes_per_week", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("consents", postgresql.JSONB(), nullable=False, comment="moment by party"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("declined_by", sa.Text(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("grounds", postgresql.JSONB(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("proposals_by_company", "proposals", ["company_id", "id"], unique=False)
    op.create_index("proposals_by_region", "proposals", ["region", "id"], unique=False)
    op.create_index("proposals_by_school", "proposals", ["school_id", "id"], unique=False)
    op.create_index("proposals_by_trainer", "proposals", ["trainer_id", "id"], unique=False)
    op.create_index("proposals_by_vacancy", "proposals", ["vacancy_id", "id"], unique=False)
    op.create_index(
        "proposals_one_open_per_pair",
        "proposals",
        ["vacancy_id", "trainer_id"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_index(
        "proposals_to_forget",
        "proposals",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("contract_id IS NULL AND ended_at IS NOT NULL AND grounds -> 'factors' <> '{}'"),
    )
    op.create_table(
        "rankings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("ruleset", sa.Text(), nullable=False, comment="fingerprint of code and policies"),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("fitting", sa.Integer(), nullable=False),
        sa.Column("opening", postgresql.JSONB(), nullable=False),
        sa.Column(
            "profile_versions",
            sa.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="everybody, in the order of the outcome",
        ),
        sa.Column(
            "failed",
            sa.ARRAY(sa.SmallInteger()),
            nullable=False,
            comment="the rules that kept each of them apart, as bits",
        ),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the whole outcome as canonical JSON"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("rankings_by_vacancy", "rankings", ["vacancy_id", "id"], unique=False)
    op.create_table(
        "shortlisted",
        sa.Column("ranking_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, comment="1 is the best"),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "assessment",
            postgresql.JSONB(),
            nullable=True,
            comment="why, in words and measures; null once erased",
        ),
        sa.PrimaryKeyConstraint("ranking_id", "place"),
    )
    op.create_index("shortlisted_by_trainer", "shortlisted", ["trainer_id"], unique=False)
    op.create_table(
        "vacancies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False, comment="what registry said last"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("taken_by", postgresql.JSONB(), nullable=False, comment="ids of accepted proposals"),
        sa.Column("ranking_id", sa.Uuid(), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "vacancies_waiting",
        "vacancies",
        ["waiting_since", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("vacancies")
    op.drop_table("shortlisted")
    op.drop_table("rankings")
    op.drop_table("proposals")
    op.drop_table("profiles")
    op.execute(sa.schema.DropSequence(sa.Sequence("profile_numbers")))
    op.drop_table("profile_versions")
    op.drop_table("processing_log")
    op.drop_table("commitments")
    plumbing.downgrade_1()
