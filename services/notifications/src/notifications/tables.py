"""The metadata that the tables of all slices share."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, MetaData, Text, literal_column

from common.persistence.tables import Plumbing

metadata: Final = MetaData()
plumbing: Final = Plumbing.in_(metadata)


def in_status(column: ColumnElement[Any], status: str | None) -> list[ColumnElement[bool]]:
    """Return the condition with the status written out: only so does an index on the few serve it."""
    return [] if status is None else [column == literal_column(f"'{_STATUSES[status]}'", Text)]


_STATUSES: Final = {each: each for each in ("planned", "sent", "bounced", "obsolete", "pending", "delivered", "kept")}
"""What may be written into a statement."""
