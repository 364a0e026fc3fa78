"""The talent pool as outsiders see it: an edition a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "shown_edition",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False, comment="another one with each change of what is shown"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("one"),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "shown_areas",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("complete_on", sa.Date(), nullable=False, comment="the last day on which it was shown as it was"),
        sa.PrimaryKeyConstraint("area"),
    )
    op.create_table(
        "shown_profiles",
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="of the profile, as it is shown"),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("shown_on", sa.Date(), nullable=False, comment="the day as of which consent was looked at"),
        sa.PrimaryKeyConstraint("trainer_id"),
    )
    op.create_index("shown_profiles_by_version", "shown_profiles", ["version"])


def downgrade() -> None:
    op.drop_table("shown_profiles")
    op.drop_table("shown_areas")
    op.drop_table("shown_edition")
