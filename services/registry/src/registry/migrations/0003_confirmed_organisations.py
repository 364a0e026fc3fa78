"""An organisation that registers itself is pending until it is confirmed; a public number is a confirmed one's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_CODES = ("board_number", "brin", "location_code")


def upgrade() -> None:
    # Every organisation that is known takes part already.
    op.add_column("organisations", sa.Column("status", sa.Text(), nullable=False, server_default="confirmed"))
    op.alter_column("organisations", "status", server_default=None)
    _index_codes("status = 'confirmed'", "kind = 'company' AND status = 'confirmed'")
    op.create_index(
        "organisations_pending", "organisations", ["region", "id"], postgresql_where=sa.text("status = 'pending'")
    )


def downgrade() -> None:
    op.drop_index("organisations_pending", "organisations")
    op.execute("DELETE FROM organisations WHERE status = 'pending'")
    _index_codes(None, "kind = 'company'")
    op.drop_column("organisations", "status")


def _index_codes(where: str | None, where_company: str) -> None:
    for code in _CODES:
        op.drop_index(f"organisations_by_{code}", "organisations")
        op.create_index(
            f"organisations_by_{code}",
            "organisations",
            [code],
            unique=True,
            postgresql_where=sa.text(where) if where else None,
        )
    op.drop_index("organisations_companies_by_kvk", "organisations")
    op.create_index(
        "organisations_companies_by_kvk",
        "organisations",
        ["kvk"],
        unique=True,
        postgresql_where=sa.text(where_company),
    )
