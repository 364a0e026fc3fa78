"""What a board asks at this moment is found without reading all that it ever asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    open_ones = sa.text("status = 'proposed'")
    op.create_index("proposals_open_by_board", "proposals", ["board_id"], postgresql_where=open_ones)


def downgrade() -> None:
    op.drop_index("proposals_open_by_board", "proposals")
