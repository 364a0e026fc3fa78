"""A proposal knows whether a letter about it reached the trainer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    delivered = "the first letter that asks the trainer was delivered"
    op.add_column("proposals", sa.Column("reached_at", sa.DateTime(timezone=True), comment=delivered))
    op.add_column(
        "proposals",
        sa.Column(
            "unreached",
            sa.Boolean(),
            nullable=False,
            server_default="false",
            comment="the desk is to reach the trainer",
        ),
    )
    # Whether letters of before arrived was not recorded: these proposals end when they would have.
    op.execute("UPDATE proposals SET reached_at = made_at")


def downgrade() -> None:
    for name in ("unreached", "reached_at"):
        op.drop_column("proposals", name)
