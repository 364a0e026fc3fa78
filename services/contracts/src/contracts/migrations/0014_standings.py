"""Declarations of a board about a person for the law, whatever the number of contracts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "standings",
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("grounds", postgresql.JSONB(), nullable=False),
        sa.Column("board_decisions", postgresql.JSONB(), nullable=False),
        sa.Column("lower_years_per_mille", sa.Integer(), nullable=False),
        sa.Column("school_underqualified_per_mille", sa.Integer(), nullable=False),
        sa.Column("cao_deviation", sa.Boolean(), nullable=False),
        sa.Column("above_cap_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("trainer_id", "board_id"),
    )


def downgrade() -> None:
    op.drop_table("standings")
