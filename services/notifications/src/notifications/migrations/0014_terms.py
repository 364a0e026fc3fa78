"""What is past its term is found by its moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_index("messages_by_end", "messages", ["ended_at"], postgresql_where=sa.text("ended_at IS NOT NULL"))
    op.create_index(
        "messages_to_empty",
        "messages",
        ["ended_at"],
        postgresql_where=sa.text("ended_at IS NOT NULL AND facts <> '{}'"),
    )
    op.create_index(
        "deliveries_delivered", "deliveries", ["delivered_at"], postgresql_where=sa.text("status = 'delivered'")
    )
    op.create_index("deliveries_of_event", "deliveries", ["event_id"])


def downgrade() -> None:
    op.drop_index("deliveries_of_event", "deliveries")
    op.drop_index("deliveries_delivered", "deliveries")
    op.drop_index("messages_to_empty", "messages")
    op.drop_index("messages_by_end", "messages")
