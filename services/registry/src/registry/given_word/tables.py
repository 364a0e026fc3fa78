"""The table of what people asked a desk to do for them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Text,
    Uuid,
)

from common.persistence.owned import owned_table
from registry.tables import metadata

words_given: Final = owned_table(
    "words_given",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("trainer_id", Uuid, nullable=False),
    Column("region", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("said_on", Date, nullable=False),
    Column("note", Text, comment="personal; null once anonymised"),
    Column("noted_by", Text, nullable=False, comment="a pseudonym"),
    Column("noted_at", DateTime(timezone=True), nullable=False),
)
