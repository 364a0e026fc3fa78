"""A person's hours by day, over all assignments."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("hour_lines_by_day", "hour_lines", ["trainer_id", "worked_on"], unique=False)


def downgrade() -> None:
    op.drop_index("hour_lines_by_day", table_name="hour_lines")
