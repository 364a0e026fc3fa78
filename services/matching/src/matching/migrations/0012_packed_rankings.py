"""A ranking keeps the versions and bits of its whole pool in some kilobytes instead of a hundred."""

from __future__ import annotations

import struct
import zlib

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

_CHUNK = 200
_SEEN = "the profile versions of everybody, packed: model.packed"
_FAILED = "by version, the rules that kept each apart, as packed bits"


def upgrade() -> None:
    op.alter_column("rankings", "failed", new_column_name="failed_before", comment=None)
    op.add_column("rankings", sa.Column("seen", sa.LargeBinary(), comment=_SEEN))
    op.add_column("rankings", sa.Column("failed", sa.LargeBinary(), comment=_FAILED))
    connection, after = op.get_bind(), None
    some = sa.text(
        "SELECT id, profile_versions, failed_before FROM rankings WHERE CAST(:after AS uuid) IS NULL OR id > :after"
        " ORDER BY id LIMIT :chunk"
    )
    change = sa.text("UPDATE rankings SET seen = :seen, failed = :failed WHERE id = :id")
    while rows := connection.execute(some, {"after": after, "chunk": _CHUNK}).all():
        connection.execute(change, [_packed(row) for row in rows])
        after = rows[-1].id
    op.alter_column("rankings", "seen", nullable=False)
    op.alter_column("rankings", "failed", nullable=False)
    op.drop_column("rankings", "failed_before")
    op.drop_column("rankings", "profile_versions")


def _packed(row: sa.Row[tuple[object, list[int], list[int]]]) -> dict[str, object]:
    by_version = sorted(zip(row.profile_versions, row.failed_before, strict=True))
    steps, before = bytearray(), 0
    for version, _ in by_version:
        step, before = version - before, version
        while step > 0x7F:  # noqa: PLR2004 - seven bits in a byte
            steps.append(step & 0x7F | 0x80)
            step >>= 7
        steps.append(step)
    bits = struct.pack(f"<{len(by_version)}H", *(failed for _, failed in by_version))
    return {"id": row.id, "seen": zlib.compress(bytes(steps), 9), "failed": zlib.compress(bits, 9)}


def downgrade() -> None:
    """The order of the outcomes was not kept: rankings made so far go."""
    op.execute("DELETE FROM shortlisted")
    op.execute("DELETE FROM rankings")
    op.drop_column("rankings", "failed")
    op.drop_column("rankings", "seen")
    op.add_column(
        "rankings",
        sa.Column(
            "profile_versions",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="everybody, in the order of the outcome",
        ),
    )
    op.add_column(
        "rankings",
        sa.Column(
            "failed",
            postgresql.ARRAY(sa.SmallInteger()),
            nullable=False,
            comment="the rules that kept each of them apart, as bits",
        ),
    )
