"""Who compared a rule with the text of the day, and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("policy_changes", sa.Column("verified_by", sa.Text(), comment="a function, no name"))
    op.add_column("policy_changes", sa.Column("verified_on", sa.Date()))
    op.create_table(
        "policy_readings",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False, comment="a function, no name"),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("code", "valid_from", "version", name="policy_readings_pkey"),
    )


def downgrade() -> None:
    op.drop_table("policy_readings")
    op.drop_column("policy_changes", "verified_on")
    op.drop_column("policy_changes", "verified_by")
