"""A ranking's candidates as rows that the database pages."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Select, Uuid, cast, column, func, select

from matching.ranking.model.assessment import Standing
from matching.ranking.model.blindness import Bands
from matching.ranking.model.ranking import Ranking

_ORDER: Final = {standing: number for number, standing in enumerate(Standing)}


@dataclass(frozen=True, slots=True)
class Candidates:
    """A ranking's candidates as rows in the order in which one viewer sees them."""

    query: Select[Any]
    by: tuple[ColumnElement[Any], ...]
    """The columns that order them; none tells who it is, since a cursor is made of them."""
    rows: dict[UUID, int]
    """Row of the ranking by candidate id."""


def candidates(
    ranking: Ranking,
    ids: Callable[[UUID], UUID],
    *,
    bands: Mapping[int, Bands],
    all_of_them: bool,
    without: Container[UUID],
) -> Candidates:
    """Return who fits, in bands and then by candidate id; or all of them, best first.

    The database makes the page, so that its cursor is like any other: where a candidate stands, not a number that
    shifts under the reader when the next page is made of a newer ranking.
    """
    totals, profiles = ranking.evidence.scores.totals, ranking.evidence.profiles
    standings, costs, found = list[int](), list[int](), dict[UUID, int]()
    for row, standing in ranking.standings():
        trainer_id, rejected = profiles[row].trainer_id, standing is Standing.REJECTED
        if trainer_id in without or (rejected and not all_of_them):
            continue
        standings.append(_ORDER[standing] if all_of_them else 0)
        costs.append((0 if rejected else -int(totals[row])) if all_of_them else bands[row].order)
        found[ids(trainer_id)] = row
    arrays = func.unnest(cast(standings, ARRAY(Integer)), cast(costs, ARRAY(BigInteger)), cast([*found], ARRAY(Uuid)))
    columns = column("standing", Integer), column("cost", BigInteger), column("candidate_id", Uuid)
    rows = arrays.table_valued(*columns, name="candidates").render_derived()
    return Candidates(select(rows), (rows.c.standing, rows.c.cost, rows.c.candidate_id), found)
