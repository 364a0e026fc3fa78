"""Where schools work is known before they post a vacancy there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.Uuid(), primary_key=True, comment="of the location or school"),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
    )
    # Of the vacancies that are here; where none is, the location's next event brings it.
    op.execute("""
        INSERT INTO sites (id, board_id, school_id, region, latitude, longitude)
        SELECT DISTINCT ON (facts ->> 'locationId')
            (facts ->> 'locationId')::uuid, (facts ->> 'boardId')::uuid, (facts ->> 'schoolId')::uuid,
            facts ->> 'region', (facts ->> 'latitude')::float8, (facts ->> 'longitude')::float8
        FROM vacancies ORDER BY facts ->> 'locationId', id DESC
    """)


def downgrade() -> None:
    op.drop_table("sites")
