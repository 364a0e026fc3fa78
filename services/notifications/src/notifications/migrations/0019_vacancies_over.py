"""Whether a vacancy is over is in a table of its own: letters need no feed to know it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0019"
down_revision = "0018"

_DECISIVE = (
    *("vacancy.withdrawn", "vacancy.closed", "vacancy.filled", "vacancy.expired", "vacancy.reopened"),
    "vacancy.place-freed",
)
_COPY = """
    INSERT INTO vacancies (id, events, changed_at)
    SELECT CAST(substring(subject FROM 9) AS uuid), array_agg(event ORDER BY position), max(recorded_at)
    FROM feed WHERE event = ANY(CAST(:decisive AS text[])) AND subject LIKE 'vacancy/%'
    GROUP BY subject
"""


def upgrade() -> None:
    op.create_table(
        "vacancies",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "events", ARRAY(sa.Text), nullable=False, comment="names of those that ended or reopened it, in order"
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, comment="business time"),
    )
    op.create_index("vacancies_by_moment", "vacancies", ["changed_at"])
    op.get_bind().execute(sa.text(_COPY), {"decisive": list(_DECISIVE)})


def downgrade() -> None:
    op.drop_table("vacancies")
