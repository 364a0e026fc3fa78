"""Every owner finds its rows by an index, in every list."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("deliveries_of_endpoint", "deliveries", ["endpoint_id", "planned_at", "id"])


def downgrade() -> None:
    op.drop_index("deliveries_of_endpoint", "deliveries")
