"""Every owner finds its rows by an index, in every list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_OWNERS = {
    "day": (),
    "board": ("((facts ->> 'boardId')::uuid)",),
    "school": ("((facts ->> 'schoolId')::uuid)",),
    "location": ("((facts ->> 'locationId')::uuid)",),
    "region": ("(facts ->> 'region')",),
}


def upgrade() -> None:
    op.create_index("proposals_by_board", "proposals", ["board_id", "id"])
    op.create_index("proposals_by_location", "proposals", ["location_id", "id"])
    for owner, columns in _OWNERS.items():
        order = [sa.text(each) for each in (*columns, "(timezone('UTC', waiting_since)::date)", "id")]
        op.create_index(
            f"vacancies_waiting_by_{owner}", "vacancies", order, postgresql_where=sa.text("status = 'waiting'")
        )


def downgrade() -> None:
    for owner in _OWNERS:
        op.drop_index(f"vacancies_waiting_by_{owner}", "vacancies")
    op.drop_index("proposals_by_location", "proposals")
    op.drop_index("proposals_by_board", "proposals")
