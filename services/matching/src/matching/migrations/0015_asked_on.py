"""A profile knows when its trainer was asked last: of those who fit equally well, who waits longest comes first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for table in ("profiles", "profile_versions"):
        op.add_column(table, sa.Column("asked_on", sa.Date(), comment="the day of the newest proposal; null: never"))
    # Of the proposals that are still there; earlier ones were removed and count as never.
    op.execute("""
        UPDATE profiles SET asked_on = asked.day FROM (
            SELECT trainer_id, max((made_at AT TIME ZONE 'UTC')::date) AS day FROM proposals GROUP BY trainer_id
        ) AS asked WHERE asked.trainer_id = profiles.trainer_id AND NOT profiles.erased
    """)
    op.execute("""
        UPDATE profile_versions SET asked_on = profiles.asked_on FROM profiles
        WHERE profiles.version = profile_versions.version
    """)


def downgrade() -> None:
    for table in ("profile_versions", "profiles"):
        op.drop_column(table, "asked_on")
