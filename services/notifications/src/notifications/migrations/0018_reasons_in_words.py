"""Reasons that partners read are in words of ours; names from the code that were kept become such words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_WORDS = {
    "address is not allowed": ["NotAllowed"],
    "address is not public": ["NotPublic"],
    "no connection": ["ConnectError", "ConnectionNotAvailable", "ConnectionRefusedError"],
    "no answer in time": ["TimeoutError", "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout"],
    "connection closed": ["ReadError", "WriteError", "NotAnswered", "NetworkError", "ConnectionResetError"],
    "answer cannot be read": ["RemoteProtocolError", "LocalProtocolError", "ProtocolError", "ValueError"],
}
_SINCE = ("name not found", "no trusted TLS connection", "answer is too long")
_OURS = "failed on our side"
_IN_WORDS = """
    UPDATE {table} SET reason = coalesce(
        (SELECT word FROM unnest(CAST(:names AS text[]), CAST(:words AS text[])) AS known (name, word)
         WHERE known.name = reason),
        CAST(:ours AS text)
    )
    WHERE reason IS NOT NULL AND reason NOT LIKE CAST(:answered AS text)
"""


def upgrade() -> None:
    # The words themselves stay: a version may be gone back to and come again.
    pairs = [(name, word) for word, names in _WORDS.items() for name in (word, *names)]
    pairs += [(word, word) for word in _SINCE]
    values = {
        "names": [name for name, _ in pairs],
        "words": [word for _, word in pairs],
        "ours": _OURS,
        "answered": "answered %",
    }
    for table in ("deliveries", "endpoint_health"):
        op.get_bind().execute(sa.text(_IN_WORDS.format(table=table)), values)


def downgrade() -> None:
    """The words stay."""
