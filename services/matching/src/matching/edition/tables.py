"""The tables of the edition: the trainers as outsiders see them today."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Table,
    Text,
    Uuid,
)

from matching.tables import metadata

shown_edition: Final = Table(
    "shown_edition",
    metadata,
    Column("one", Boolean, CheckConstraint("one"), primary_key=True),
    Column("id", Uuid, nullable=False, comment="another one with each change of what is shown"),
    Column("day", Date, nullable=False),
)

shown_areas: Final = Table(
    "shown_areas",
    metadata,
    Column("area", Text, primary_key=True),
    Column("complete_on", Date, nullable=False, comment="the last day on which it was shown as it was"),
)

shown_profiles: Final = Table(
    "shown_profiles",
    metadata,
    Column("trainer_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False, comment="of the profile, as it is shown"),
    Column("settled", BigInteger, nullable=False, server_default="0", comment="the profile's, when that was chosen"),
    Column("area", Text, nullable=False),
    Column("shown_on", Date, nullable=False, comment="the day as of which consent was looked at"),
    Index("shown_profiles_by_version", "version"),
)
