"""A side agreed to a move while its parent belonged to a board: kept beside the agreement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    # With a default: a process of the version before may still write a row.
    column = sa.Column("boards", postgresql.JSONB(), nullable=False, server_default="{}")
    op.add_column("organisation_moves", column)


def downgrade() -> None:
    op.drop_column("organisation_moves", "boards")
