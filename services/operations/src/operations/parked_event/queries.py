"""Parked keys, to be looked up."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from common.persistence.transaction import Tx
from operations.parked_event.tables import parked


def parked_list(state: str | None) -> Select[Any]:
    """Return the query for parked keys."""
    return select(parked).where(parked.c.state == state) if state else select(parked)


async def all_parked(tx: Tx, most: int = 500) -> list[Any]:
    """Return parked keys for the console, the first ``most`` of them in the order in which they were parked."""
    return list((await tx.execute(parked_list(None).order_by(parked.c.since, parked.c.id).limit(most))).all())
