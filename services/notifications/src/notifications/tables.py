"""The metadata that the tables of all slices share."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, MetaData, Table, Text, Uuid, literal_column

from common.persistence.tables import add_plumbing

metadata: Final = MetaData()
plumbing: Final = add_plumbing(metadata)


def learned_parties(name: str) -> Table:
    """Return a table of the parties that events named which were written before envelopes did.

    Each consumer that needs them has its own: what one has read says nothing of the other.
    """
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True, comment="of a vacancy, a proposal or a contract"),
        Column("vacancy_id", Uuid, nullable=False),
        Column("board_id", Uuid, nullable=False),
        Column("school_id", Uuid, nullable=False),
        Column("location_id", Uuid, nullable=False),
        Column("company_id", Uuid),
        Column("trainer_id", Uuid),
        Column("region", Text),
    )


def in_status(column: ColumnElement[Any], status: str | None) -> list[ColumnElement[bool]]:
    """Return the condition with the status written out: only so does an index on the few serve it."""
    return [] if status is None else [column == literal_column(f"'{_STATUSES[status]}'", Text)]


_STATUSES: Final = {each: each for each in ("planned", "sent", "bounced", "obsolete", "pending", "delivered", "kept")}
"""What may be written into a statement."""
