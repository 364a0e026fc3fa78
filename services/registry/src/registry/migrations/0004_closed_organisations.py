"""An organisation may close, and go up in another one."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"


def upgrade() -> None:
    op.add_column("organisations", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("organisations", sa.Column("successor_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("organisations", "successor_id")
    op.drop_column("organisations", "closed_on")
