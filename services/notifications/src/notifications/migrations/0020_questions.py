"""Questions to endpoints are a queue as any other: a lease with a token, and the deaths of workers are counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_FILL = """
    INSERT INTO questions (endpoint_id, due_at, attempts)
    SELECT endpoint_id, ask_at, asked FROM endpoint_health WHERE ask_at IS NOT NULL
"""
_BACK = """
    UPDATE endpoint_health h SET ask_at = q.due_at, asked = q.attempts FROM questions q
    WHERE q.endpoint_id = h.endpoint_id
"""
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("endpoint_id", sa.Uuid, primary_key=True, comment="to be asked whether it wants webhooks"),
        sa.Column("due_at", _MOMENT, nullable=False, comment="real time"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("leased_until", _MOMENT, comment="real time"),
        sa.Column("lease", sa.Uuid),
        sa.Column("deaths", sa.Integer, nullable=False, server_default="0", comment="of workers that held it"),
    )
    op.create_index(
        "questions_due", "questions", ["due_at", "endpoint_id"], postgresql_where=sa.text("leased_until IS NULL")
    )
    op.create_index(
        "questions_leased", "questions", ["leased_until"], postgresql_where=sa.text("leased_until IS NOT NULL")
    )
    op.create_index("questions_suspect", "questions", ["endpoint_id"], postgresql_where=sa.text("deaths > 0"))
    op.execute(_FILL)
    op.drop_index("endpoint_health_to_ask", "endpoint_health")
    for name in ("ask_at", "asked", "leased_until"):
        op.drop_column("endpoint_health", name)


def downgrade() -> None:
    op.add_column("endpoint_health", sa.Column("ask_at", _MOMENT))
    op.add_column("endpoint_health", sa.Column("asked", sa.Integer, nullable=False, server_default="0"))
    op.add_column("endpoint_health", sa.Column("leased_until", _MOMENT))
    op.create_index(
        "endpoint_health_to_ask", "endpoint_health", ["ask_at"], postgresql_where=sa.text("ask_at IS NOT NULL")
    )
    op.execute(_BACK)
    op.drop_table("questions")
