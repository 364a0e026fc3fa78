"""A vacancy knows its municipality, and the days on which the school gives no lessons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    place = sa.Column("municipality", sa.Text(), comment="of the location: it decides about the holiday region")
    op.add_column("vacancies", place)
    days = sa.Column(
        "days_without_lessons", JSONB(), nullable=False, server_default="[]", comment="beside all holidays"
    )
    op.add_column("vacancies", days)
    # Else a vacancy that is put again as it is would be another one.
    op.execute(
        "UPDATE vacancies SET municipality = o.municipality FROM organisations AS o WHERE o.id = vacancies.location_id"
    )


def downgrade() -> None:
    op.drop_column("vacancies", "days_without_lessons")
    op.drop_column("vacancies", "municipality")
