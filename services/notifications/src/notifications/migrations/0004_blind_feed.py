"""A feed that hides a candidate until everybody agreed, also in what it holds already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_BLIND_PROPOSALS = """
    UPDATE feed SET
        own_body = body,
        trainer_id = (body::jsonb #>> '{data,trainerId}')::uuid,
        body = jsonb_set(
            body::jsonb - 'causationid' - 'traceparent',
            '{data}',
            body::jsonb -> 'data'
                || '{"trainerId": null}'
                || CASE WHEN event = 'proposal.made' THEN '{"companyId": null, "score": null, "rank": null}'::jsonb
                        WHEN body::jsonb #>> '{data,reason}' IN ('trainer_left', 'trainer_paused')
                        THEN '{"reason": null}'::jsonb
                        ELSE '{}'::jsonb END
        )::text
    WHERE event LIKE 'proposal.%' AND event NOT IN ('proposal.accepted', 'proposal.converted')
"""
_COUNT_NOBODY = """
    UPDATE feed SET
        own_body = body,
        body = jsonb_set(
            body::jsonb - 'causationid' - 'traceparent',
            '{data}',
            body::jsonb -> 'data' || '{"candidates": null}'
                || CASE WHEN event = 'vacancy.ranked' THEN '{"fitting": null}'::jsonb ELSE '{}'::jsonb END
        )::text
    WHERE event IN ('vacancy.waiting', 'vacancy.ranked')
"""


def upgrade() -> None:
    op.add_column(
        "feed",
        sa.Column(
            "own_body",
            sa.Text(),
            comment="the whole of it, where the body hides something: for the trainer and for staff",
        ),
    )
    op.add_column("feed", sa.Column("trainer_id", sa.Uuid(), comment="to whom the whole is shown"))
    op.execute(_BLIND_PROPOSALS)
    op.execute(_COUNT_NOBODY)


def downgrade() -> None:
    op.execute("UPDATE feed SET body = own_body WHERE own_body IS NOT NULL")
    op.drop_column("feed", "trainer_id")
    op.drop_column("feed", "own_body")
