"""Letters and deliveries are leased one by one, an endpoint has a gate, and claims look at heads of subjects only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("outgoing", "deliveries"):
        op.add_column(table, sa.Column("lease", sa.Uuid(), nullable=True))
        op.add_column(
            table,
            sa.Column("deaths", sa.Integer(), nullable=False, server_default="0", comment="of workers that held it"),
        )
    op.add_column(
        "outgoing",
        sa.Column("parked", sa.Boolean(), nullable=False, server_default="false", comment="waits for an operator"),
    )
    op.drop_index("outgoing_due", "outgoing")
    unleased, leased = (
        sa.text("NOT parked AND leased_until IS NULL"),
        sa.text("NOT parked AND leased_until IS NOT NULL"),
    )
    op.create_index("outgoing_due", "outgoing", ["due_at", "message_id"], postgresql_where=unleased)
    op.create_index("outgoing_leased", "outgoing", ["leased_until"], postgresql_where=leased)
    op.create_index("outgoing_suspect", "outgoing", ["message_id"], postgresql_where=sa.text("deaths > 0"))
    op.add_column(
        "deliveries",
        sa.Column(
            "behind",
            sa.Boolean(),
            nullable=False,
            server_default="false",
            comment="an earlier one of its subject is pending",
        ),
    )
    op.execute("""
        UPDATE deliveries d SET behind = true
        FROM (
            SELECT id, row_number() OVER (PARTITION BY endpoint_id, subject ORDER BY position) AS place
            FROM deliveries WHERE status = 'pending'
        ) AS ranked
        WHERE ranked.id = d.id AND ranked.place > 1
    """)
    op.drop_index("deliveries_due", "deliveries")
    heads = sa.text("status = 'pending' AND NOT behind")
    op.create_index("deliveries_due", "deliveries", ["endpoint_id", "due_at", "position"], postgresql_where=heads)
    op.create_index("deliveries_suspect", "deliveries", ["id"], postgresql_where=sa.text("deaths > 0"))
    op.add_column(
        "endpoint_health",
        sa.Column(
            "probe_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="business time; its gate is closed until a probe is taken",
        ),
    )
    op.add_column(
        "endpoint_health",
        sa.Column("probes", sa.Integer(), nullable=False, server_default="0", comment="that failed in a row"),
    )
    op.execute("UPDATE endpoint_health SET probe_at = failing_since WHERE failing_since IS NOT NULL")


def downgrade() -> None:
    op.drop_column("endpoint_health", "probes")
    op.drop_column("endpoint_health", "probe_at")
    op.drop_index("deliveries_suspect", "deliveries")
    op.drop_index("deliveries_due", "deliveries")
    pending = sa.text("status = 'pending'")
    op.create_index("deliveries_due", "deliveries", ["endpoint_id", "position"], postgresql_where=pending)
    op.drop_column("deliveries", "behind")
    for index in ("outgoing_suspect", "outgoing_leased", "outgoing_due"):
        op.drop_index(index, "outgoing")
    op.create_index("outgoing_due", "outgoing", ["due_at"])
    op.drop_column("outgoing", "parked")
    for table in ("outgoing", "deliveries"):
        op.drop_column(table, "deaths")
        op.drop_column(table, "lease")
