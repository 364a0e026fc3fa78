"""Appeals to a person; a ranking is held while it is the evidence of an open one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    held = "evidence of an open appeal: not purged"
    op.add_column("rankings", sa.Column("held", sa.Boolean(), nullable=False, server_default="false", comment=held))
    op.create_table(
        "appeals",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("lodged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decide_before", sa.Date(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Uuid()),
        sa.Column("region", sa.Text()),
        sa.Column("board_id", sa.Uuid()),
        sa.Column("school_id", sa.Uuid()),
        sa.Column("location_id", sa.Uuid()),
        sa.Column("trainer_id", sa.Uuid()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), comment="may be personal; null once erased"),
        sa.Column("ranking_id", sa.Uuid()),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("motivation", sa.Text(), comment="may be personal; null once erased"),
        sa.Column("ended_on", sa.Date()),
    )
    for owner in ("board_id", "school_id", "location_id", "trainer_id", "region"):
        op.create_index(f"appeals_by_{owner.removesuffix('_id')}", "appeals", [owner, "id"])
    op.create_index("appeals_by_vacancy", "appeals", ["vacancy_id"])
    op.create_index("appeals_open_by_ranking", "appeals", ["ranking_id"], postgresql_where="status = 'lodged'")
    op.create_index("appeals_ended", "appeals", ["ended_on"], postgresql_where="ended_on IS NOT NULL")


def downgrade() -> None:
    op.drop_table("appeals")
    op.drop_column("rankings", "held")
