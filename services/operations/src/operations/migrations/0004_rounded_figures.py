"""Figures are rounded with a secret of this installation, the same for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Uuid(), nullable=False, comment="random"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.execute("INSERT INTO secrets (name, value) VALUES ('figures', gen_random_uuid())")


def downgrade() -> None:
    op.drop_table("secrets")
