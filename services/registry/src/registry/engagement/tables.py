"""The table of signed contracts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Table,
    Uuid,
)

from registry.tables import metadata

engagements: Final = Table(
    "engagements",
    metadata,
    Column("contract_id", Uuid, primary_key=True),
    Column("vacancy_id", Uuid, nullable=False),
    Column("trainer_id", Uuid, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("fell_away", Boolean, nullable=False),
    Column("ended_on", Date),
    Index("engagements_by_vacancy", "vacancy_id"),
    Index("engagements_by_trainer", "trainer_id"),
)
