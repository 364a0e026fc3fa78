"""How people of each class fare in matching: counts by month, region and one class at a time, of nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    drawn = sa.text("gen_random_uuid()")
    op.create_table(
        "fairness_counts",
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=drawn, comment="drawn: links no two rows"),
        sa.Column("month", sa.Date(), nullable=False, comment="its first day"),
        sa.Column("region", sa.Text(), nullable=False, comment="of the vacancy; empty where it has none"),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "people",
            sa.Integer(),
            nullable=False,
            comment="the most who fitted one vacancy: below it nothing is shown",
        ),
    )
    op.create_index("fairness_counts_by_region", "fairness_counts", ["region", "month"])
    op.create_index("fairness_counts_by_month", "fairness_counts", ["month"])


def downgrade() -> None:
    op.drop_table("fairness_counts")
