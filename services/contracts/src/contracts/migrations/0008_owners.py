"""Every owner finds its rows by an index, in every list."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

_TABLES = ("contracts", "assignments", "hour_lines")
_OWNERS = {"school": "school_id", "location": "location_id", "region": "region"}


def upgrade() -> None:
    for table in _TABLES:
        for owner, column in _OWNERS.items():
            op.create_index(f"{table}_by_{owner}", table, [column, "id"])


def downgrade() -> None:
    for table in _TABLES:
        for owner in _OWNERS:
            op.drop_index(f"{table}_by_{owner}", table)
