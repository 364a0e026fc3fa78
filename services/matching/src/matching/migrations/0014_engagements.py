"""A profile knows what its trainer is engaged in: asked and agreed, with hours and place instead of minutes alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

_BEFORE = "what accepted proposals take of a trainer's week, until their contract is over"
_COMMENT = "what open and accepted proposals take of a trainer's week, until they, or their contract, are over"


def upgrade() -> None:
    op.add_column(
        "commitments",
        sa.Column("agreed", sa.Boolean(), nullable=False, server_default="true", comment="false: the proposal is open"),
    )
    details = "when, where, in which role; null: only minutes are known"
    op.add_column("commitments", sa.Column("engagement", postgresql.JSONB(), comment=details))
    op.create_table_comment("commitments", _COMMENT, existing_comment=_BEFORE)
    for table, comment in (
        ("profiles", "what is asked and agreed; null: only agreed minutes are known"),
        ("profile_versions", "as of that version; null: only agreed minutes are known"),
    ):
        op.add_column(table, sa.Column("engagements", postgresql.JSONB(), comment=comment))
    for table, comment in (
        ("profiles", "another number with all but open questions"),
        ("shown_profiles", "the profile's, when that was chosen"),
    ):
        column = sa.Column("settled", sa.BigInteger(), nullable=False, server_default="0", comment=comment)
        op.add_column(table, column)
        op.execute(f"UPDATE {table} SET settled = version")  # noqa: S608 - the names above
    counted = "whether what trainers were only asked counted; not where a party chose one"
    op.add_column(
        "rankings", sa.Column("open_counts", sa.Boolean(), nullable=False, server_default="true", comment=counted)
    )


def downgrade() -> None:
    op.drop_column("rankings", "open_counts")
    for table in ("shown_profiles", "profiles"):
        op.drop_column(table, "settled")
    for table in ("profile_versions", "profiles"):
        op.drop_column(table, "engagements")
    op.create_table_comment("commitments", _BEFORE, existing_comment=_COMMENT)
    op.execute("DELETE FROM commitments WHERE NOT agreed")
    op.drop_column("commitments", "engagement")
    op.drop_column("commitments", "agreed")
