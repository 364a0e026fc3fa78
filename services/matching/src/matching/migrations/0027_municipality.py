"""Where work is lies in a municipality, which decides about the school holidays there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("sites", sa.Column("municipality", sa.Text()))


def downgrade() -> None:
    op.drop_column("sites", "municipality")
