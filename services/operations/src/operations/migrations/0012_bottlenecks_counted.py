"""Reported bottlenecks are counted; a rebuild of the figures counts those of before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "bottlenecks",
        sa.Column("report_id", sa.Uuid(), primary_key=True),
        sa.Column("item", sa.Text(), nullable=False, comment="of the policy conversation"),
        sa.Column("region", sa.Text(), nullable=True, comment="null where it is about the whole country"),
    )


def downgrade() -> None:
    op.drop_table("bottlenecks")
