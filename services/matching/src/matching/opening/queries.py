"""A trainer's openings as rows that the database pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Select, Uuid, cast, column, func, select

from common.persistence.transaction import Tx
from matching.opening.model import Near, Turns
from matching.proposal.store import proposals


def openings(found: Sequence[Near]) -> tuple[Select[Any], tuple[ColumnElement[Any], ...]]:
    """Return what fits, then what nearly does, each by points; and the columns that order it."""
    arrays = func.unnest(
        cast([each.apart for each in found], ARRAY(Integer)),
        cast([-each.total for each in found], ARRAY(BigInteger)),
        cast([each.opening.vacancy_id for each in found], ARRAY(Uuid)),
    )
    columns = column("apart", Integer), column("cost", BigInteger), column("vacancy_id", Uuid)
    rows = arrays.table_valued(*columns, name="openings").render_derived()
    return select(rows), (rows.c.apart, rows.c.cost, rows.c.vacancy_id)


async def turns_of(tx: Tx, trainer_id: UUID) -> Turns:
    """Return where a trainer had a turn or has one; a question that is about to be withdrawn asks no more."""
    had, _ = await proposals.asked_of(tx, trainer_id)
    asking = [each for each in await proposals.open_of(tx, [trainer_id]) if each.held is None]
    return Turns(
        had=had,
        asking=frozenset(each.vacancy_id for each in asking),
        boards=frozenset(each.board_id for each in asking),
    )
