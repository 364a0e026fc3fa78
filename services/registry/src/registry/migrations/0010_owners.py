"""Every owner finds its organisations by an index in the order of the list, and so does whoever looks for open data."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

_OWNERS = {"board": "board_id", "school": "school_id", "region": "region"}


def upgrade() -> None:
    for owner, column in _OWNERS.items():
        op.drop_index(f"organisations_by_{owner}", "organisations")
        op.create_index(f"organisations_by_{owner}", "organisations", [column, "id"])
    op.create_index("organisations_by_kind", "organisations", ["kind", "status", "id"])


def downgrade() -> None:
    op.drop_index("organisations_by_kind", "organisations")
    for owner in _OWNERS:
        op.drop_index(f"organisations_by_{owner}", "organisations")
    op.create_index("organisations_by_board", "organisations", ["board_id"])
    op.create_index("organisations_by_school", "organisations", ["school_id"])
    op.create_index("organisations_by_region", "organisations", ["region", "kind", "id"])
