"""The openings of a subject near a place are found without reading all vacancies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_index(
        "vacancies_searching_by_subject",
        "vacancies",
        [sa.text("(facts ->> 'subject')"), sa.text("((facts ->> 'latitude')::double precision)")],
        postgresql_where=sa.text("status IN ('open', 'waiting')"),
    )


def downgrade() -> None:
    op.drop_index("vacancies_searching_by_subject", "vacancies")
