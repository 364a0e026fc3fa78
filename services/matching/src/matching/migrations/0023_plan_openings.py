"""The vacancies of a plan, with what one place more would bring."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "plan_openings",
        sa.Column("plan_id", sa.Uuid(), sa.ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("vacancy_id", sa.Uuid(), primary_key=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False, comment="in halves of a place"),
        sa.Column("expected", sa.BigInteger(), nullable=False, comment="in ten-thousandths of half a place"),
        sa.Column(
            "price", sa.BigInteger(), nullable=False, comment="what one place more would bring, at most, in points"
        ),
        sa.Column("candidates", sa.Integer(), nullable=False, comment="people who fit"),
    )
    op.create_index("plan_openings_by_price", "plan_openings", ["plan_id", "price", "vacancy_id"])


def downgrade() -> None:
    op.drop_table("plan_openings")
