"""Applications of one applicant, and changes of one address, are counted for a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "counted",
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="a pseudonym, or the id of a party"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("counted_lately", "counted", ["act", "by", "at"])
    op.create_index("counted_by_moment", "counted", ["at"])


def downgrade() -> None:
    op.drop_table("counted")
