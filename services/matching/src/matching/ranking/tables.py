"""The tables of rankings, of their shortlists, and of the key of candidate ids."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from matching.tables import metadata

rankings: Final = Table(
    "rankings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("vacancy_id", Uuid, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("day", Date, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("ruleset", Text, nullable=False, comment="fingerprint of code and policies"),
    Column("complete", Boolean, nullable=False),
    Column(
        "open_counts",
        Boolean,
        nullable=False,
        server_default="true",
        comment="whether what trainers were only asked counted; not where a party chose one",
    ),
    Column("candidates", Integer, nullable=False),
    Column("fitting", Integer, nullable=False),
    Column("opening", JSONB, nullable=False),
    Column("seen", LargeBinary, nullable=False, comment="the profile versions of everybody, packed: model.packed"),
    Column("failed", LargeBinary, nullable=False, comment="by version, the rules that kept each apart, as packed bits"),
    Column("sha256", LargeBinary, nullable=False, comment="of the whole outcome as canonical JSON"),
    Column("held", Boolean, nullable=False, server_default="false", comment="evidence of an open appeal: not purged"),
    Index("rankings_by_vacancy", "vacancy_id", "id"),
    Index("rankings_by_moment", "made_at"),
)

shortlisted: Final = Table(
    "shortlisted",
    metadata,
    Column("ranking_id", Uuid, nullable=False),
    Column("place", Integer, nullable=False, comment="1 is the best"),
    Column("trainer_id", Uuid, nullable=False),
    Column("assessment", JSONB(none_as_null=True), comment="why, in words and measures; null once erased"),
    PrimaryKeyConstraint("ranking_id", "place"),
    Index("shortlisted_by_trainer", "trainer_id"),
)

candidate_key: Final = Table(
    "candidate_key",
    metadata,
    Column("one", Boolean, CheckConstraint("one"), primary_key=True),
    Column("secret", LargeBinary, nullable=False, comment="of candidate ids; never leaves this database"),
)
