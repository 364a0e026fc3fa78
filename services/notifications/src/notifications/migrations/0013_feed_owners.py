"""The feed is read by owner, by subject and by kind of event, each in its own order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_WHOSE = "whose an event is, in the order of the feed"


def upgrade() -> None:
    op.create_table(
        "feed_owners",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["feed.position"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("position", "owner_id"),
        comment=_WHOSE,
    )
    op.execute("INSERT INTO feed_owners (position, owner_id) SELECT DISTINCT position, unnest(owners) FROM feed")
    op.create_index("feed_owners_by_owner", "feed_owners", ["owner_id", "position"])
    op.create_index("feed_by_subject", "feed", ["subject", "position"])
    op.create_index("feed_by_event", "feed", ["event", "position"])
    op.drop_index("feed_by_owner", "feed")


def downgrade() -> None:
    op.create_index("feed_by_owner", "feed", ["owners"], postgresql_using="gin")
    op.drop_index("feed_by_event", "feed")
    op.drop_index("feed_by_subject", "feed")
    op.drop_table("feed_owners")
