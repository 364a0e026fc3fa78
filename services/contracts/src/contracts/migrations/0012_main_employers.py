"""A trainer's main employer is known where it is no party to a contract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("people", sa.Column("company_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("people", "company_id")
