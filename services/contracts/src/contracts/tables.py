"""The metadata that the tables of all slices share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    MetaData,
    Text,
    Uuid,
)

from common.persistence.processing_log import processing_log as declare_processing_log
from common.persistence.tables import add_plumbing

metadata: Final = MetaData()
plumbing: Final = add_plumbing(metadata)
processing_log: Final = declare_processing_log(metadata)


def owners() -> tuple[Column[object], ...]:
    """Whose a row is: what decides who may see it."""
    return (
        Column("trainer_id", Uuid, nullable=False),
        Column("board_id", Uuid, nullable=False),
        Column("school_id", Uuid, nullable=False),
        Column("location_id", Uuid, nullable=False),
        Column("company_id", Uuid),
        Column("region", Text),
    )
