"""The table of tokens that signed out."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    Table,
    Text,
)

from operations.tables import metadata

sign_outs = Table(
    "sign_outs",
    metadata,
    Column("token_hash", Text, primary_key=True, comment="SHA-256 of a token that signed out of the console"),
    Column("until", DateTime(timezone=True), nullable=False, comment="when the token ends by itself, real time"),
)
