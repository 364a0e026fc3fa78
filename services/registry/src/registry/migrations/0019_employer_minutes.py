"""An employer can name for how many minutes a week it lets its employee teach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    limit = sa.Column("employer_minutes", sa.Integer(), comment="a week, in all; null: no limit was named")
    op.add_column("trainers", limit)


def downgrade() -> None:
    op.drop_column("trainers", "employer_minutes")
