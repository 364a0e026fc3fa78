"""An organisation goes on under another parent once all sides have agreed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "organisation_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("present_id", sa.Uuid()),
        sa.Column("wanted_id", sa.Uuid(), nullable=False),
        sa.Column("agreed", postgresql.JSONB(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False, comment="a pseudonym"),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("desk_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "organisation_moves_open",
        "organisation_moves",
        ["organisation_id"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_index("organisation_moves_of", "organisation_moves", ["organisation_id", "proposed_at"])


def downgrade() -> None:
    op.drop_table("organisation_moves")
