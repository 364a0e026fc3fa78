"""Lists by recipient, owner and endpoint go by an index in their own order, and so do the few in a rare status."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_RENAMED = {
    ("messages_of_recipient", "messages"): ("messages_by_recipient", ["recipient_id", "planned_at", "id"]),
    ("endpoints_of_owner", "endpoints"): ("endpoints_by_owner", ["owner_id", "id"]),
    ("deliveries_of_endpoint", "deliveries"): ("deliveries_by_endpoint", ["endpoint_id", "planned_at", "id"]),
}
_BEFORE = {
    "messages_of_recipient": ["recipient_id", "planned_at"],
    "endpoints_of_owner": ["owner_id"],
    "deliveries_of_endpoint": ["endpoint_id", "planned_at", "id"],
}
_RARE = (
    ("messages_not_sent", "messages", ["status", "planned_at", "id"], "status <> 'sent'"),
    ("deliveries_not_delivered", "deliveries", ["status", "planned_at", "id"], "status <> 'delivered'"),
    (
        "deliveries_of_endpoint_not_delivered",
        "deliveries",
        ["endpoint_id", "status", "planned_at", "id"],
        "status <> 'delivered'",
    ),
)


def upgrade() -> None:
    for (before, table), (now, columns) in _RENAMED.items():
        op.drop_index(before, table)
        op.create_index(now, table, columns)
    for name, table, columns, only in _RARE:
        op.create_index(name, table, columns, postgresql_where=sa.text(only))


def downgrade() -> None:
    for name, table, _, _ in _RARE:
        op.drop_index(name, table)
    for (before, table), (now, _) in _RENAMED.items():
        op.drop_index(now, table)
        op.create_index(before, table, _BEFORE[before])
