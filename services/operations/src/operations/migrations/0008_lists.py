"""Lists of cases go by an index in their own order, and of each trainer the approved minutes are a running total."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_MINUTES = "the sum of their hours"


def upgrade() -> None:
    op.drop_index("cases_by_region", "cases")
    op.create_index("cases_by_region", "cases", ["region", "latest_at", "id"])
    op.create_index("cases_open", "cases", ["latest_at", "id"], postgresql_where=sa.text("open"))
    op.create_index("cases_by_kind", "cases", ["kind", "latest_at", "id"])
    op.drop_index("case_parties_by_latest", "case_parties")
    op.create_index("case_parties_by_party", "case_parties", ["party", "latest_at", "case_id"])
    of_party = ["party", "latest_at", "case_id"]
    op.create_index("case_parties_open", "case_parties", of_party, postgresql_where=sa.text("open"))
    active = sa.text("started_on IS NOT NULL AND ended_on IS NULL")
    op.create_index("assignments_active", "assignments", ["trainer_id"], postgresql_where=active)
    total = sa.Column("approved_minutes", sa.BigInteger(), server_default="0", nullable=False, comment=_MINUTES)
    op.add_column("trainers", total)
    op.execute("""
        INSERT INTO trainers (trainer_id, approved_minutes)
        SELECT trainer_id, sum(contact_minutes) FROM hours GROUP BY trainer_id
        ON CONFLICT (trainer_id) DO UPDATE SET approved_minutes = excluded.approved_minutes
    """)


def downgrade() -> None:
    op.drop_column("trainers", "approved_minutes")
    op.drop_index("assignments_active", "assignments")
    op.drop_index("case_parties_open", "case_parties")
    op.drop_index("case_parties_by_party", "case_parties")
    op.create_index("case_parties_by_latest", "case_parties", ["party", "latest_at", "case_id"])
    op.drop_index("cases_by_kind", "cases")
    op.drop_index("cases_open", "cases")
    op.drop_index("cases_by_region", "cases")
    op.create_index("cases_by_region", "cases", ["region", "latest_at"])
