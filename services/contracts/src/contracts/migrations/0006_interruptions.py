"""Every interruption of an assignment, not the last one alone, so that no hours fall in an earlier one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    jsonb = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("assignments", sa.Column("interruptions", jsonb, server_default="[]", nullable=False))
    op.execute(
        "UPDATE assignments SET interruptions = jsonb_build_array("
        "jsonb_build_object('interrupted_on', interrupted_on, 'resumed_on', NULL)) WHERE interrupted_on IS NOT NULL"
    )
    op.alter_column("assignments", "interruptions", server_default=None)
    op.drop_column("assignments", "interrupted_on")


def downgrade() -> None:
    op.add_column("assignments", sa.Column("interrupted_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE assignments SET interrupted_on = (interruptions -> -1 ->> 'interrupted_on')::date "
        "WHERE interruptions -> -1 ->> 'resumed_on' IS NULL"
    )
    op.drop_column("assignments", "interruptions")
