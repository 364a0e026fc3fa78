"""Letters name the work that they are about: what it is, how many hours, when and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "works",
        sa.Column("id", sa.Uuid, primary_key=True, comment="of a vacancy or a contract"),
        sa.Column("trainer_id", sa.Uuid, comment="of a contract's"),
        sa.Column("facts", JSONB, nullable=False, comment="subject, role, type of school, form, minutes, days, roster"),
        sa.Column(
            "known_until",
            sa.Date,
            nullable=False,
            comment="its last day, or a year after the start of work without one",
        ),
    )
    op.create_index("works_by_trainer", "works", ["trainer_id"])
    op.create_index("works_by_day", "works", ["known_until"])


def downgrade() -> None:
    op.drop_table("works")
