"""The table of vacancies, with an index for every owner of those that wait."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from matching.tables import metadata

# Of a vacancy's facts. Written out, not bound as parameters: only so does an index on the same words serve a query.
VACANCY_BOARD: Final = "((facts ->> 'boardId')::uuid)"
VACANCY_SCHOOL: Final = "((facts ->> 'schoolId')::uuid)"
VACANCY_LOCATION: Final = "((facts ->> 'locationId')::uuid)"
VACANCY_REGION: Final = "(facts ->> 'region')"
VACANCY_SUBJECT: Final = "(facts ->> 'subject')"
VACANCY_LATITUDE: Final = "((facts ->> 'latitude')::double precision)"
VACANCY_LONGITUDE: Final = "((facts ->> 'longitude')::double precision)"
SEARCHING: Final = "status IN ('open', 'waiting')"
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
    Index(
        "vacancies_searching_by_subject",
        text(VACANCY_SUBJECT),
        text(VACANCY_LATITUDE),
        postgresql_where=text(SEARCHING),
    ),
    _waiting_by("day"),
    _waiting_by("board", VACANCY_BOARD),
    _waiting_by("school", VACANCY_SCHOOL),
    _waiting_by("location", VACANCY_LOCATION),
    _waiting_by("region", VACANCY_REGION),
)
