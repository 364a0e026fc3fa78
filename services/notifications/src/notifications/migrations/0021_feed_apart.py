"""The feed has a consumer of its own, which begins where the service's one stood; deliveries follow the feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from common.persistence.migrations import plumbing

revision = "0021"
down_revision = "0020"

_FEED = "notifications.feed"
_STATES = "hto.registry.contacts"
_CURSOR = "INSERT INTO delivery_cursor (position) SELECT coalesce(max(position), 0) FROM feed"


def upgrade() -> None:
    op.create_table(
        "feed_parties",
        sa.Column("id", sa.Uuid(), primary_key=True, comment="of a vacancy, a proposal or a contract"),
        sa.Column("vacancy_id", sa.Uuid(), nullable=False),
        sa.Column("board_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid()),
        sa.Column("trainer_id", sa.Uuid()),
        sa.Column("region", sa.Text()),
    )
    op.execute("INSERT INTO feed_parties SELECT * FROM parties")
    op.create_table(
        "delivery_cursor",
        sa.Column("only", sa.Boolean(), primary_key=True, server_default="true"),
        sa.Column(
            "position",
            sa.BigInteger(),
            nullable=False,
            comment="of the last event of the feed that has its deliveries",
        ),
    )
    # What is there has its deliveries: they were enqueued in its transaction.
    op.execute(_CURSOR)
    plumbing.split_consumer("notifications", _FEED)
    for table in ("parked_events", "parked_keys", "progress"):
        # Contacts are not on the feed, and what is parked of them is personal.
        delete = sa.text(f"DELETE FROM {table} WHERE consumer = :consumer AND topic = :topic")  # noqa: S608 - our own names
        op.execute(delete.bindparams(consumer=_FEED, topic=_STATES))


def downgrade() -> None:
    plumbing.unsplit_consumer(_FEED)
    op.drop_table("delivery_cursor")
    op.drop_table("feed_parties")
