"""The key of candidate ids; the first request makes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "candidate_key",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="of candidate ids; never leaves this database"),
        sa.CheckConstraint("one"),
        sa.PrimaryKeyConstraint("one"),
    )


def downgrade() -> None:
    op.drop_table("candidate_key")
