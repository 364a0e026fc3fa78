"""A scenario may simulate years of arrivals and answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    column = sa.Column[bool](
        "simulate",
        sa.Boolean(),
        nullable=False,
        server_default="false",
        comment="years of arrivals and answers as well",
    )
    op.add_column("scenarios", column)


def downgrade() -> None:
    op.drop_column("scenarios", "simulate")
