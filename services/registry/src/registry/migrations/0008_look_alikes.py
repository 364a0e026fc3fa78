"""Trainers who may be one person are found by address and by name, and one record goes up in another."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0008"
down_revision: Final = "0007"


def upgrade() -> None:
    op.add_column("trainers", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index("trainers_by_email", "trainers", [sa.text("lower(person ->> 'email')")], unique=False)
    op.create_index("trainers_by_name", "trainers", [sa.text("lower(person ->> 'name')")], unique=False)


def downgrade() -> None:
    op.drop_index("trainers_by_name", table_name="trainers")
    op.drop_index("trainers_by_email", table_name="trainers")
    op.drop_column("trainers", "merged_into")
