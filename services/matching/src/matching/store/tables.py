"""The tables of matching."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.processing_log import processing_log as declare_processing_log
from common.persistence.tables import Plumbing, owner_indexes

metadata: Final = MetaData()
plumbing: Final = Plumbing.in_(metadata)
processing_log: Final = declare_processing_log(metadata)

# Of a vacancy's facts. Written out, not bound as parameters: only so does an index on the same words serve a query.
VACANCY_BOARD: Final = "((facts ->> 'boardId')::uuid)"
VACANCY_SCHOOL: Final = "((facts ->> 'schoolId')::uuid)"
VACANCY_LOCATION: Final = "((facts ->> 'locationId')::uuid)"
VACANCY_REGION: Final = "(facts ->> 'region')"
WAITING_DAY: Final = "(timezone('UTC', waiting_since)::date)"
"""The day since when a vacancy waits, by which the waiting list is ordered."""


def _waiting_by(owner: str, *columns: str) -> Index:
    """How one kind of owner finds its waiting vacancies, who waits longest first."""
    order = (text(each) for each in (*columns, WAITING_DAY, "id"))
    return Index(f"vacancies_waiting_by_{owner}", *order, postgresql_where=text("status = 'waiting'"))


vacancies: Final = Table(
    "vacancies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("facts", JSONB, nullable=False, comment="what registry said last"),
    Column("status", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("taken_by", JSONB, nullable=False, comment="ids of accepted proposals"),
    Column("ranking_id", Uuid),
    Column("waiting_since", DateTime(timezone=True)),
    Column("escalated", Boolean, nullable=False),
    Index("vacancies_waiting", "waiting_since", "id", postgresql_where=text("status = 'waiting'")),
    _waiting_by("day"),
    _waiting_by("board", VACANCY_BOARD),
    _waiting_by("school", VACANCY_SCHOOL),
    _waiting_by("location", VACANCY_LOCATION),
    _waiting_by("region", VACANCY_REGION),
)

proposals: Final = Table(
    "proposals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("vacancy_id", Uuid, nullable=False),
    Column("trainer_id", Uuid, nullable=False),
    Column("board_id", Uuid, nullable=False),
    Column("school_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("region", Text),
    Column("company_id", Uuid),
    Column("round", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("minutes_per_week", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("asked", JSONB, nullable=False),
    Column("consents", JSONB, nullable=False, comment="moment by party"),
    Column("status", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("answer_before", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("reason", Text),
    Column("declined_by", Text),
    Column("reminders", Integer, nullable=False),
    Column("contract_id", Uuid),
    Column("grounds", JSONB, nullable=False),
    Column("findings", JSONB, nullable=False),
    Index(
        "proposals_one_open_per_pair",
        "vacancy_id",
        "trainer_id",
        unique=True,
        postgresql_where=text("status = 'proposed'"),
    ),
    Index(
        "proposals_to_forget",
        "ended_at",
        postgresql_where=text("contract_id IS NULL AND ended_at IS NOT NULL AND grounds -> 'factors' <> '{}'"),
    ),
    Index("proposals_by_vacancy", "vacancy_id", "id"),
    Index("proposals_open_by_board", "board_id", postgresql_where=text("status = 'proposed'")),
    *owner_indexes("proposals", "trainer_id", "board_id", "school_id", "location_id", "company_id", "region"),
)

candidate_key: Final = Table(
    "candidate_key",
    metadata,
    Column("one", Boolean, CheckConstraint("one"), primary_key=True),
    Column("secret", LargeBinary, nullable=False, comment="of candidate ids; never leaves this database"),
)

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
    Column("area", Text, nullable=False),
    Column("shown_on", Date, nullable=False, comment="the day as of which consent was looked at"),
    Index("shown_profiles_by_version", "version"),
)

profile_numbers: Final = Sequence("profile_numbers", metadata=metadata)

profiles: Final = Table(
    "profiles",
    metadata,
    Column("trainer_id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False, comment="a number that no version of anybody else has"),
    Column("state", JSONB(none_as_null=True), comment="what registry said last; null when the trainer is gone"),
    Column("minutes_taken", Integer, nullable=False),
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
    Index("commitments_by_trainer", "trainer_id"),
    comment="what accepted proposals take of a trainer's week, until their contract is over",
)

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
    Column("candidates", Integer, nullable=False),
    Column("fitting", Integer, nullable=False),
    Column("opening", JSONB, nullable=False),
    Column("seen", LargeBinary, nullable=False, comment="the profile versions of everybody, packed: model.packed"),
    Column("failed", LargeBinary, nullable=False, comment="by version, the rules that kept each apart, as packed bits"),
    Column("sha256", LargeBinary, nullable=False, comment="of the whole outcome as canonical JSON"),
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
