"""How many people a company has, in classes; null until the company names it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("organisations", sa.Column("size", sa.Text()))


def downgrade() -> None:
    op.drop_column("organisations", "size")
