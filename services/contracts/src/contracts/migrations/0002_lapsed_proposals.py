"""Which proposals lapsed, so that nothing is drafted from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "lapsed_proposals",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("lapsed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id"),
    )


def downgrade() -> None:
    op.drop_table("lapsed_proposals")
