"""Counter-proposals: the terms of a proposal can change while it is open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    json = postgresql.JSONB(none_as_null=True)
    for column in (
        sa.Column("roster", json, comment="agreed weekly hours; null: those of the vacancy"),
        sa.Column("terms", sa.Integer(), nullable=False, server_default="1", comment="the number of the present terms"),
        sa.Column(
            "counters", sa.Integer(), nullable=False, server_default="0", comment="how many counter-proposals were made"
        ),
        sa.Column("countered", json, comment="the counter-proposal that waits for its answer"),
    ):
        op.add_column("proposals", column)
    op.alter_column("proposals", "consents", comment="moment by party, to the present terms")


def downgrade() -> None:
    for name in ("roster", "terms", "counters", "countered"):
        op.drop_column("proposals", name)
    op.alter_column("proposals", "consents", comment="moment by party")
