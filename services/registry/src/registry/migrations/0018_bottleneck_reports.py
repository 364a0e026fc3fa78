"""What stands in the way, which rule it is about, and what the ministry answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

OWNERS = ("board_id", "school_id", "location_id", "company_id", "trainer_id", "region")


def upgrade() -> None:
    op.create_table(
        "bottleneck_reports",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("policy_code", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("ministry", sa.Text(), nullable=False),
        sa.Column("answer_before", sa.Date(), nullable=False),
        sa.Column("region", sa.Text()),
        *(sa.Column(owner, sa.Uuid()) for owner in OWNERS[:-1]),
        sa.Column("organisation_id", sa.Uuid()),
        sa.Column("summary", sa.Text(), comment="may be personal; null past its term"),
        sa.Column("outcome", sa.Text()),
        sa.Column("answer", sa.Text(), comment="null past its term"),
        sa.Column("answered_on", sa.Date()),
        sa.Column("settled_before", sa.Date()),
    )
    for owner in OWNERS:
        op.create_index(f"bottleneck_reports_by_{owner.removesuffix('_id')}", "bottleneck_reports", [owner, "id"])
    op.create_index("bottleneck_reports_counted", "bottleneck_reports", ["item", "region", "status"])
    op.create_index(
        "bottleneck_reports_in_words",
        "bottleneck_reports",
        ["answered_on"],
        postgresql_where=sa.text("summary IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("bottleneck_reports")
