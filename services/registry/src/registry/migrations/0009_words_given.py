"""What people asked a desk to do for them is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "words_given",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), comment="personal; null once anonymised"),
        sa.Column("noted_by", sa.Text(), nullable=False, comment="a pseudonym"),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("words_given_by_trainer", "words_given", ["trainer_id", "id"])
    op.create_index("words_given_by_region", "words_given", ["region", "id"])


def downgrade() -> None:
    op.drop_table("words_given")
