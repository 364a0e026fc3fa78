"""The registry's tables."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.processing_log import processing_log as declare_processing_log
from common.persistence.tables import Plumbing, owner_indexes

SPELLING: Final = (
    r"lower(regexp_replace(normalize({0} ->> 'name', NFKD), "
    r"'[\u0300-\u036f\s.,()&+\u00b7\u2010\u2013\u2018\u2019''`-]', '', 'g'))"
)
"""A name without accents, signs, spaces and capitals: one person is not always written in one way."""
MAILBOX: Final = r"lower(regexp_replace({0} ->> 'email', '\.(?=.*@)|\+.*(?=@)', '', 'g'))"
"""A mail address without full stops and without what follows a plus: many servers bring all of these to one person."""

metadata: Final = MetaData()
plumbing: Final = Plumbing.in_(metadata)
processing_log: Final = declare_processing_log(metadata)


def _unique(table: str, column: str) -> Index:
    return Index(f"{table}_by_{column}", column, unique=True, postgresql_where=text("status = 'confirmed'"))


organisations: Final = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("board_number", Text),
    Column("brin", Text),
    Column("location_code", Text),
    Column("rio_code", Text),
    Column("kvk", Text),
    Column("oin", Text),
    Column("aliases", JSONB, nullable=False),
    Column("board_id", Uuid),
    Column("school_id", Uuid),
    Column("street", Text),
    Column("house_number", Text),
    Column("postcode", Text),
    Column("place", Text),
    Column("municipality", Text),
    Column("province", Text),
    Column("region", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("school_types", JSONB, nullable=False),
    Column("levels", JSONB, nullable=False),
    Column("denomination", Text),
    Column("website", Text),
    Column("contact", JSONB(none_as_null=True), comment="a person"),
    Column("lending_status", Text),
    Column("education_recognised", Boolean, nullable=False),
    Column("closed_on", Date),
    Column("successor_id", Uuid),
    _unique("organisations", "board_number"),
    _unique("organisations", "brin"),
    _unique("organisations", "location_code"),
    Index(
        "organisations_companies_by_kvk",
        "kvk",
        unique=True,
        postgresql_where=text("kind = 'company' AND status = 'confirmed'"),
    ),
    Index("organisations_pending", "region", "id", postgresql_where=text("status = 'pending'")),
    Index("organisations_by_kind", "kind", "status", "id"),
    *owner_indexes("organisations", "board_id", "school_id", "region"),
)

trainers: Final = Table(
    "trainers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("applied_at", DateTime(timezone=True), nullable=False),
    Column("person", JSONB(none_as_null=True), comment="null once anonymised"),
    Column("place", JSONB(none_as_null=True), comment="null once anonymised"),
    Column("region", Text, nullable=False),
    Column("company_id", Uuid),
    Column("employer_agreed", Boolean, nullable=False),
    Column("was_trainer_before", Boolean, nullable=False),
    Column("consent_until", Date),
    Column("profile", JSONB(none_as_null=True), comment="null once anonymised"),
    Column("vog", JSONB(none_as_null=True), comment="null once anonymised"),
    Column("left_on", Date),
    Column("left_reason", Text),
    Column("merged_into", Uuid),
    *owner_indexes("trainers", "company_id", "region"),
    Index("trainers_by_email", text("lower(person ->> 'email')")),
    Index("trainers_by_mailbox", text(MAILBOX.format("person"))),
    Index("trainers_by_spelling", text(SPELLING.format("person"))),
)

qualifications: Final = Table(
    "qualifications",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("trainer_id", ForeignKey(trainers.c.id), nullable=False),
    Column("status", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("subject", Text),
    Column("evidence", Text, comment="null once anonymised"),
    Column("verified_by", Text),
    Column("verified_on", Date),
    Column("valid_until", Date),
    Column("rejected_reason", Text),
    Index("qualifications_by_trainer", "trainer_id"),
)

vacancies: Final = Table(
    "vacancies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("board_id", Uuid, nullable=False),
    Column("school_id", Uuid, nullable=False),
    Column("location_id", Uuid, nullable=False),
    Column("region", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("school_type", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("minutes_per_week", Integer, nullable=False),
    Column("preparation_minutes_per_week", Integer, nullable=False),
    Column("roster", JSONB(none_as_null=True), comment="null is flexible"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("places", Integer, nullable=False),
    Column("supervisor_id", Uuid),
    Column("forms", JSONB, nullable=False),
    Column("fee", JSONB, nullable=False),
    Column("language", Text, nullable=False),
    Column("structural", Boolean, nullable=False),
    Column("statutory_lessons", Boolean, nullable=False),
    Column("group_size", Integer, nullable=False),
    Column("upper_years", Boolean, nullable=False),
    Column("withdrawn_reason", Text),
    *owner_indexes("vacancies", "board_id", "school_id", "location_id", "region"),
)

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

organisation_moves: Final = Table(
    "organisation_moves",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("present_id", Uuid),
    Column("wanted_id", Uuid, nullable=False),
    Column("agreed", JSONB, nullable=False),
    Column("boards", JSONB, nullable=False, server_default="{}"),
    Column("proposed_by", Text, nullable=False, comment="a pseudonym"),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("desk_from", DateTime(timezone=True), nullable=False),
    Column("answer_before", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Index("organisation_moves_open", "organisation_id", unique=True, postgresql_where=text("status = 'proposed'")),
    Index("organisation_moves_of", "organisation_id", "proposed_at"),
)

counted: Final = Table(
    "counted",
    metadata,
    Column("act", Text, nullable=False),
    Column("by", Text, nullable=False, comment="a pseudonym, or the id of a party"),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("counted_lately", "act", "by", "at"),
    Index("counted_by_moment", "at"),
)

words_given: Final = Table(
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
    *owner_indexes("words_given", "trainer_id", "region"),
)

policy_changes: Final = Table(
    "policy_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("value", JSONB, nullable=False),
    Column("source", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("proposed_by", Text, nullable=False, comment="a pseudonym"),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text, comment="a pseudonym"),
    Column("decided_at", DateTime(timezone=True)),
)

erasures: Final = Table(
    "erasures",
    metadata,
    Column("trainer_id", Uuid, nullable=False),
    Column("service", Text, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False),
    Column("rows", Integer, nullable=False),
    PrimaryKeyConstraint("trainer_id", "service"),
)

regions: Final = Table(
    "regions",
    metadata,
    Column("scheme", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("aliases", JSONB, nullable=False),
    PrimaryKeyConstraint("scheme", "code"),
)

trades: Final = Table(
    "trades",
    metadata,
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("label_nl", Text, nullable=False),
    Column("label_en", Text, nullable=False),
)

postcode_areas: Final = Table(
    "postcode_areas",
    metadata,
    Column("pc4", Text, primary_key=True),
    Column("place", Text, nullable=False),
    Column("municipality", Text, nullable=False),
    Column("province", Text, nullable=False),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    Column("region", Text, nullable=False),
)
