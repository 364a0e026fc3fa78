"""The trace of a batch is in no text of the feed: it would link what has nothing else in common."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_SEARCHING = (
    *("proposal.made", "proposal.consented", "proposal.reminded", "proposal.declined", "proposal.expired"),
    *("proposal.withdrawn", "proposal.lapsed", "proposal.accepted", "proposal.converted"),
    *("vacancy.ranked", "vacancy.waiting", "waitlist.promoted", "vacancy.place-taken", "vacancy.place-freed"),
)
"""What is shown of these has no trace since 0010; the whole of it is for staff."""
_WITHOUT = """
    UPDATE feed SET
        body = regexp_replace(body, CAST(:trace AS text), ''),
        whole_body = regexp_replace(whole_body, CAST(:trace AS text), ''),
        party_bodies = CASE WHEN jsonb_typeof(party_bodies) = 'object' THEN (
            SELECT coalesce(jsonb_object_agg(key, regexp_replace(value, CAST(:trace AS text), '')), CAST('{}' AS jsonb))
            FROM jsonb_each_text(party_bodies)
        ) ELSE party_bodies END
    WHERE body LIKE CAST(:named AS text) AND NOT event = ANY(CAST(:searching AS text[]))
"""


def upgrade() -> None:
    values = {"trace": ',"traceparent":"[^"]*"', "named": '%"traceparent"%', "searching": list(_SEARCHING)}
    op.get_bind().execute(sa.text(_WITHOUT), values)


def downgrade() -> None:
    """What was taken out stays out."""
