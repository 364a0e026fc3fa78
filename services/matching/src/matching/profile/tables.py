"""The tables of trainers' profiles, of every version of one, and of the minutes that were agreed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Sequence,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from matching.tables import metadata

profile_numbers: Final = Sequence("profile_numbers", metadata=metadata)

profiles: Final = Table(
    "profiles",
    metadata,
    Column("trainer_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False, comment="a number that no version of anybody else has"),
    Column("state", JSONB(none_as_null=True), comment="what registry said last; null when the trainer is gone"),
    Column("minutes_taken", Integer, nullable=False),
    Column(
        "engagements",
        JSONB(none_as_null=True),
        comment="what is asked and agreed; null: only agreed minutes are known",
    ),
    Column("asked_on", Date, comment="the day of the newest proposal; null: never"),
    Column(
        "settled", BigInteger, nullable=False, server_default="0", comment="another number with all but open questions"
    ),
    Column("erased", Boolean, nullable=False, server_default="false"),
    Column("changed_in", BigInteger, nullable=False, comment="the transaction that wrote it"),
    Index("profiles_by_change", "changed_in"),
)

profile_versions: Final = Table(
    "profile_versions",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("trainer_id", Uuid, nullable=False),
    Column("state", JSONB, nullable=False),
    Column("minutes_taken", Integer, nullable=False),
    Column("engagements", JSONB(none_as_null=True), comment="as of that version; null: only agreed minutes are known"),
    Column("asked_on", Date, comment="the day of the newest proposal; null: never"),
    Column("superseded_at", DateTime(timezone=True), comment="business time; no later ranking saw it"),
    Index("profile_versions_by_trainer", "trainer_id"),
    Index("profile_versions_superseded", "superseded_at", postgresql_where=text("superseded_at IS NOT NULL")),
    Index("profile_versions_present", "trainer_id", postgresql_where=text("superseded_at IS NULL"), unique=True),
    comment="every profile that a ranking may have seen, so that it can be repeated",
)

commitments: Final = Table(
    "commitments",
    metadata,
    Column("proposal_id", Uuid, primary_key=True),
    Column("trainer_id", Uuid, nullable=False),
    Column("minutes_per_week", Integer, nullable=False),
    Column("agreed", Boolean, nullable=False, server_default="true", comment="false: the proposal is open"),
    Column(
        "engagement",
        JSONB(none_as_null=True),
        comment="when, where, in which role; null: only minutes are known",
    ),
    Index("commitments_by_trainer", "trainer_id"),
    comment="what open and accepted proposals take of a trainer's week, until they, or their contract, are over",
)
