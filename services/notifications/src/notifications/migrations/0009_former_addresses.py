"""The address that a party had before hears of a change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "former_addresses",
        sa.Column("message_id", sa.Uuid(), nullable=False, comment="the letter that goes there"),
        sa.Column("address", sa.Text(), nullable=False, comment="personal"),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("former_addresses_once", "former_addresses", [sa.text("lower(address)"), "changed_at"], unique=True)


def downgrade() -> None:
    op.drop_table("former_addresses")
