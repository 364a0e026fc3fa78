"""The tables of trainers, their qualifications and their erasure."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from common.persistence.owned import owned_table
from registry.tables import metadata

SPELLING: Final = (
    r"lower(regexp_replace(normalize({0} ->> 'name', NFKD), "
    r"'[\u0300-\u036f\s.,()&+\u00b7\u2010\u2013\u2018\u2019''`-]', '', 'g'))"
)
"""A name without accents, signs, spaces and capitals: one person is not always written in one way."""
MAILBOX: Final = r"lower(regexp_replace({0} ->> 'email', '\.(?=.*@)|\+.*(?=@)', '', 'g'))"
"""A mail address without full stops and without what follows a plus: many servers bring all of these to one person."""


def mailbox_of(address: str) -> str:
    """Return what ``MAILBOX`` makes of an address."""
    return re.sub(r"\.(?=.*@)|\+.*(?=@)", "", address).lower()


trainers: Final = owned_table(
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
    Column("employer_minutes", Integer, comment="a week, in all; null: no limit was named"),
    Column("was_trainer_before", Boolean, nullable=False),
    Column("consent_until", Date),
    Column("profile", JSONB(none_as_null=True), comment="null once anonymised"),
    Column("vog", JSONB(none_as_null=True), comment="null once anonymised"),
    Column("left_on", Date),
    Column("left_reason", Text),
    Column("merged_into", Uuid),
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


erasures: Final = Table(
    "erasures",
    metadata,
    Column("trainer_id", Uuid, nullable=False),
    Column("service", Text, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False),
    Column("rows", Integer, nullable=False),
    PrimaryKeyConstraint("trainer_id", "service"),
)
