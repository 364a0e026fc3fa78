"""A step is its own parties': each of them has a view of the case, and a look at the whole of it is recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_WHOSE = "whose it is: role=id"
_MAY_KNOW = "who may know of it: role=id"
_PARTY_COLUMNS = ("board_id", "school_id", "location_id", "company_id", "trainer_id")


def upgrade() -> None:
    tokens = postgresql.ARRAY(sa.Text())
    for table, name, comment in (
        ("steps", "parties", _WHOSE),
        ("open_steps", "parties", _WHOSE),
        ("links", "seen_by", _MAY_KNOW),
    ):
        op.add_column(table, sa.Column(name, tokens, server_default="{}", nullable=False, comment=comment))
    op.create_table(
        "case_parties",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False, comment="role=id, as in an envelope"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, comment="of the first step that is theirs"),
        sa.Column("latest_at", sa.DateTime(timezone=True), nullable=False, comment="of the latest"),
        sa.Column("latest", sa.Text(), nullable=False),
        sa.Column("next_what", sa.Text(), nullable=True),
        sa.Column("next_owners", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "party"),
    )
    op.create_index("case_parties_by_latest", "case_parties", ["party", "latest_at", "case_id"], unique=False)
    op.create_table(
        "sign_outs",
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256 of a token that signed out of the console"),
        sa.Column(
            "until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the token ends by itself, real time",
        ),
        sa.PrimaryKeyConstraint("token_hash"),
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
    for statement in _CONVERT.split(";"):
        if statement.strip():
            op.execute(statement)
    for index in ("cases_by_school", "cases_by_company", "cases_by_trainer"):
        op.drop_index(index, table_name="cases")
    for column in _PARTY_COLUMNS:
        op.drop_column("cases", column)


def downgrade() -> None:
    for column in _PARTY_COLUMNS:
        op.add_column("cases", sa.Column(column, sa.Uuid(), nullable=True))
    op.execute(_BACK)
    for name in ("school", "company", "trainer"):
        op.create_index(f"cases_by_{name}", "cases", [f"{name}_id", "latest_at"], unique=False)
    op.drop_index("processing_log_by_subject", table_name="processing_log")
    op.drop_table("processing_log")
    op.drop_table("sign_outs")
    op.drop_index("case_parties_by_latest", table_name="case_parties")
    op.drop_table("case_parties")
    op.drop_column("links", "seen_by")
    op.drop_column("open_steps", "parties")
    op.drop_column("steps", "parties")


# What was written before did not say whose each step was. A case with one candidate is theirs and the school's. Where
# there were several, the steps stay the school's, and each candidate keeps the case, without steps until it is made
# again from the log.
# ``side`` has each case's school as tokens, and its candidate where there was one only.
_CONVERT = """
    CREATE TEMPORARY TABLE side ON COMMIT DROP AS
    SELECT c.id AS case_id, c.kind,
           array_remove(ARRAY['board=' || c.board_id, 'school=' || c.school_id, 'location=' || c.location_id], NULL)
               AS school,
           CASE WHEN c.kind = 'trainer' OR people.number = 1
                THEN array_remove(ARRAY['trainer=' || c.trainer_id, 'company=' || c.company_id], NULL)
                ELSE '{}' END AS candidate
    FROM cases c
    LEFT JOIN LATERAL (
        SELECT count(DISTINCT entity_id) AS number FROM links l WHERE l.case_id = c.id AND l.role = 'trainer_id'
    ) people ON true;

    UPDATE steps s SET parties = CASE
        WHEN s.service IN ('notifications', 'operations') OR s.subject LIKE 'flow/%' THEN '{}'
        WHEN side.kind = 'organisation' THEN side.school || array_remove(ARRAY['company=' || s.case_id], NULL)
        WHEN s.subject LIKE 'qualification/%' THEN ARRAY['trainer=' || s.case_id]
        WHEN side.kind = 'trainer' THEN side.candidate
        WHEN s.subject LIKE 'vacancy/%' THEN side.school
        ELSE side.school || side.candidate END
    FROM side WHERE side.case_id = s.case_id;

    UPDATE open_steps o SET parties = CASE
        WHEN o.subject LIKE 'flow/%' THEN '{}'
        WHEN o.subject LIKE 'qualification/%' THEN ARRAY['trainer=' || o.case_id]
        WHEN side.kind = 'trainer' THEN side.candidate
        WHEN o.subject LIKE 'vacancy/%' THEN side.school
        ELSE side.school || side.candidate END
    FROM side WHERE side.case_id = o.case_id;

    UPDATE links l SET seen_by = CASE
        WHEN side.kind = 'trainer' THEN side.candidate
        WHEN l.role NOT IN ('trainer_id', 'company_id') THEN side.school || side.candidate
        WHEN EXISTS (SELECT 1 FROM steps s WHERE s.case_id = l.case_id AND s.service = 'contracts')
             AND side.candidate <> '{}' THEN side.school || side.candidate
        ELSE side.candidate END
    FROM side WHERE side.case_id = l.case_id;

    INSERT INTO case_parties (case_id, party, opened_at, latest_at, latest, open)
    SELECT theirs.case_id, party, min(theirs.at), max(theirs.at), (array_agg(theirs.event ORDER BY event_id DESC))[1],
           false
    FROM (SELECT s.*, unnest(s.parties) AS party FROM steps s) theirs
    GROUP BY theirs.case_id, party;

    INSERT INTO case_parties (case_id, party, opened_at, latest_at, latest, open)
    SELECT DISTINCT c.id, CASE l.role WHEN 'trainer_id' THEN 'trainer=' ELSE 'company=' END || l.entity_id,
           c.opened_at, c.opened_at, 'proposal.made', false
    FROM links l JOIN cases c ON c.id = l.case_id
    WHERE c.kind = 'vacancy' AND l.role IN ('trainer_id', 'company_id')
    ON CONFLICT DO NOTHING;

    UPDATE case_parties p SET next_what = o.what, next_owners = o.owners, due_at = o.due_at, open = true
    FROM (
        SELECT DISTINCT ON (case_id, party) case_id, party, what, owners, due_at
        FROM (SELECT open_steps.*, unnest(parties) AS party FROM open_steps) each
        ORDER BY case_id, party, waits, due_at NULLS LAST, what
    ) o
    WHERE o.case_id = p.case_id AND o.party = p.party
"""
_BACK = """
    UPDATE cases c SET board_id = found.board_id, school_id = found.school_id, location_id = found.location_id,
                       company_id = found.company_id, trainer_id = found.trainer_id
    FROM (
        SELECT case_id,
               (max(split_part(party, '=', 2)) FILTER (WHERE party LIKE 'board=%'))::uuid AS board_id,
               (max(split_part(party, '=', 2)) FILTER (WHERE party LIKE 'school=%'))::uuid AS school_id,
               (max(split_part(party, '=', 2)) FILTER (WHERE party LIKE 'location=%'))::uuid AS location_id,
               (max(split_part(party, '=', 2)) FILTER (WHERE party LIKE 'company=%'))::uuid AS company_id,
               (max(split_part(party, '=', 2)) FILTER (WHERE party LIKE 'trainer=%'))::uuid AS trainer_id
        FROM case_parties GROUP BY case_id
    ) found
    WHERE found.case_id = c.id
"""
