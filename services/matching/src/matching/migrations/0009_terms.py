"""Rankings and profile versions have a term."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index("rankings_by_moment", "rankings", ["made_at"])
    op.add_column(
        "profile_versions",
        sa.Column("superseded_at", sa.DateTime(timezone=True), comment="business time; no later ranking saw it"),
    )
    # When the older ones were superseded nobody knows: their term begins now.
    op.execute("""
        UPDATE profile_versions old SET superseded_at = now() WHERE NOT EXISTS (
            SELECT FROM profiles p WHERE p.trainer_id = old.trainer_id AND p.version = old.version
        )
    """)
    op.create_index(
        "profile_versions_superseded",
        "profile_versions",
        ["superseded_at"],
        postgresql_where=sa.text("superseded_at IS NOT NULL"),
    )
    op.create_index(
        "profile_versions_present",
        "profile_versions",
        ["trainer_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("profile_versions_present", "profile_versions")
    op.drop_index("profile_versions_superseded", "profile_versions")
    op.drop_column("profile_versions", "superseded_at")
    op.drop_index("rankings_by_moment", "rankings")
