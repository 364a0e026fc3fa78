"""How proposals ended, by region, form and distance band: what the chances of the next ones are learnt from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "asking_outcomes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False, comment="of the vacancy; empty where it has none"),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("within_km", sa.Integer(), comment="the upper limit of the distance band; null: the open one"),
        sa.Column("consented", sa.Boolean(), nullable=False, comment="whether every party agreed"),
    )
    covered = ["form", "within_km", "consented"]
    op.create_index("asking_outcomes_by_region", "asking_outcomes", ["region", "ended_on"], postgresql_include=covered)
    op.create_index("asking_outcomes_by_day", "asking_outcomes", ["ended_on"])


def downgrade() -> None:
    op.drop_table("asking_outcomes")
