"""Cases and figures have consumers of their own, which begin where the service's one stood; their rows stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from common.persistence.migrations import plumbing

revision = "0011"
down_revision = "0010"

_LATEST = "of the latest event: of two at the same moment the one that was made last"


def upgrade() -> None:
    op.add_column("cases", sa.Column("latest_id", sa.Uuid(), nullable=True, comment=_LATEST))
    op.add_column(
        "cases", sa.Column("region_id", sa.Uuid(), nullable=True, comment="of the event that names the region")
    )
    of_theirs = sa.Column("latest_id", sa.Uuid(), nullable=True, comment="of the latest step that is theirs")
    op.add_column("case_parties", of_theirs)
    plumbing.split_consumer("operations", "operations.cases", "operations.figures")


def downgrade() -> None:
    plumbing.unsplit_consumer("operations.cases", "operations.figures")
    op.drop_column("case_parties", "latest_id")
    op.drop_column("cases", "region_id")
    op.drop_column("cases", "latest_id")
