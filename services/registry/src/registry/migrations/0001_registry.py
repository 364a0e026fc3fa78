"""Everything the registry keeps."""

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
        "engagements",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("fell_away", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.PrimaryKeyConstraint("contract_id"),
    )
    op.create_index("engagements_by_trainer", "engagements", ["trainer_id"])
    op.create_index("engagements_by_vacancy", "engagements", ["vacancy_id"])
    op.create_table(
        "erasures",
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("trainer_id", "service"),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("board_number", sa.Text()),
        sa.Column("brin", sa.Text()),
        sa.Column("location_code", sa.Text()),
        sa.Column("rio_code", sa.Text()),
        sa.Column("kvk", sa.Text()),
        sa.Column("oin", sa.Text()),
        sa.Column("aliases", postgresql.JSONB(), nullable=False),
        sa.Column("board_id", sa.Uuid()),
        sa.Column("school_id", sa.Uuid()),
        sa.Column("street", sa.Text()),
        sa.Column("house_number", sa.Text()),
        sa.Column("postcode", sa.Text()),
        sa.Column("place", sa.Text()),
        sa.Column("municipality", sa.Text()),
        sa.Column("province", sa.Text()),
        sa.Column("region", sa.Text()),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("school_types", postgresql.JSONB(), nullable=False),
        sa.Column("levels", postgresql.JSONB(), nullable=False),
        sa.Column("denomination", sa.Text()),
        sa.Column("website", sa.Text()),
        sa.Column("contact", postgresql.JSONB(), comment="a person"),
        sa.Column("lending_status", sa.Text()),
        sa.Column("education_recognised", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("organisations_by_board", "organisations", ["board_id"])
    op.create_index("organisations_by_board_number", "organisations", ["board_number"], unique=True)
    op.create_index("organisations_by_brin", "organisations", ["brin"], unique=True)
    op.create_index("organisations_by_location_code", "organisations", ["location_code"], unique=True)
    op.create_index("organisations_by_region", "organisations", ["region", "kind", "id"])
    op.create_index("organisations_by_school", "organisations", ["school_id"])
    op.create_index(
        "organisations_companies_by_kvk",
        "organisations",
        ["kvk"],
        unique=True,
        postgresql_where=sa.text("kind = 'company'"),
    )
    op.create_table(
        "postcode_areas",
        sa.Column("pc4", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pc4"),
    )
    op.create_table(
        "processing_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trace_id", sa.Text()),
        sa.Column("operation_id", sa.Text(), comment="the span"),
        sa.Column("operation_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False, comment="real time"),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=False, comment="real time"),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("processing_activity_id", sa.Text(), nullable=False, comment="dpl.core.processing_activity_id"),
        sa.Column("data_subject_id", sa.Text(), nullable=False, comment="dpl.core.data_subject_id"),
        sa.Column("data_subject_id_type", sa.Text(), nullable=False, comment="dpl.core.data_subject_id_type"),
        sa.Column("foreign_operation_processor", sa.Text(), comment="foreign_operation.processor"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("processing_log_by_subject", "processing_log", ["data_subject_id", "start_time"])
    op.create_table(
        "regions",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "code"),
    )
    op.create_table(
        "trades",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label_nl", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "trainers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", postgresql.JSONB(), comment="null once anonymised"),
        sa.Column("place", postgresql.JSONB(), comment="null once anonymised"),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Uuid()),
        sa.Column("employer_agreed", sa.Boolean(), nullable=False),
        sa.Column("was_trainer_before", sa.Boolean(), nullable=False),
        sa.Column("consent_until", sa.Date()),
        sa.Column("profile", postgresql.JSONB(), comment="null once anonymised"),
        sa.Column("vog", postgresql.JSONB(), comment="null once anonymised"),
        sa.Column("left_on", sa.Date()),
        sa.Column("left_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("trainers_by_company", "trainers", ["company_id", "id"])
    op.create_index("trainers_by_region", "trainers", ["region", "id"])
    op.create_table(
        "vacancies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text()),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("school_type", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("minutes_per_week", sa.Integer(), nullable=False),
        sa.Column("preparation_minutes_per_week", sa.Integer(), nullable=False),
        sa.Column("roster", postgresql.JSONB(), comment="null is flexible"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid()),
        sa.Column("forms", postgresql.JSONB(), nullable=False),
        sa.Column("fee", postgresql.JSONB(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("structural", sa.Boolean(), nullable=False),
        sa.Column("statutory_lessons", sa.Boolean(), nullable=False),
        sa.Column("group_size", sa.Integer(), nullable=False),
        sa.Column("upper_years", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("vacancies_by_board", "vacancies", ["board_id", "id"])
    op.create_index("vacancies_by_location", "vacancies", ["location_id", "id"])
    op.create_index("vacancies_by_region", "vacancies", ["region", "id"])
    op.create_index("vacancies_by_school", "vacancies", ["school_id", "id"])
    op.create_table(
        "qualifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("evidence", sa.Text(), comment="null once anonymised"),
        sa.Column("verified_by", sa.Text()),
        sa.Column("verified_on", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("rejected_reason", sa.Text()),
        sa.ForeignKeyConstraint(["trainer_id"], ["trainers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("qualifications_by_trainer", "qualifications", ["trainer_id"])


def downgrade() -> None:
    op.drop_table("qualifications")
    op.drop_table("vacancies")
    op.drop_table("trainers")
    op.drop_table("trades")
    op.drop_table("regions")
    op.drop_table("processing_log")
    op.drop_table("postcode_areas")
    op.drop_table("organisations")
    op.drop_table("erasures")
    op.drop_table("engagements")
    plumbing.downgrade_1()
