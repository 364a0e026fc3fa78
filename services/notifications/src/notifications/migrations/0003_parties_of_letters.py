"""A letter keeps whose it is, so that its own events name their parties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "messages",
        sa.Column(
            "parties",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="ids: the recipient, at every level",
        ),
    )


def downgrade() -> None:
    op.drop_column("messages", "parties")
