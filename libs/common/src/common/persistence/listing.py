"""Lists of what belongs to somebody: each kind of owner finds its rows by an index of its own, a page at a time.

A condition on several columns at once (``board_id = … OR school_id = …``) is served by no index in the order of the
list: the database reads all rows of an owner, or walks over everybody's. Here each column is an arm: it reads as many
keys as the page has, in order, and the page is made of what the arms found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    cast,
    column,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY


@dataclass(frozen=True, slots=True)
class Arm:
    """The rows in which one column has one of these values; there is an index on the column and the list's order."""

    column: ColumnElement[Any]
    values: tuple[Any, ...]
    only: ColumnElement[bool] | None = None
    """What must hold of these rows as well."""
    through: Part | None = None
    """Where the column is in another table than the rows: a query of that table, which has the rows' keys in order."""

    def condition(self) -> ColumnElement[bool]:
        """Return which rows these are, for a ``WHERE``."""
        if self.through is not None:
            raise TypeError("rows that are found through another table can be listed only")
        found = self.column.in_(self.values)
        return found if self.only is None else and_(found, self.only)


@dataclass(frozen=True, slots=True)
class Owned:
    """The rows that somebody may see: all, or what the arms find; without an arm none."""

    arms: tuple[Arm, ...] = ()
    everything: bool = False

    def condition(self) -> ColumnElement[bool]:
        """Return which rows these are, for a ``WHERE`` of a query that has another index to go by."""
        if self.everything:
            return true()
        return or_(*(arm.condition() for arm in self.arms)) if self.arms else false()

    def where(self, only: ColumnElement[bool]) -> Owned:
        """Return those of which something else holds as well."""
        if self.everything:
            raise TypeError("all rows have no arms: put the condition into the query")
        return Owned(tuple(replace(arm, only=only if arm.only is None else and_(arm.only, only)) for arm in self.arms))

    def __or__(self, other: Owned) -> Owned:
        """Return the rows of both."""
        return EVERYTHING if self.everything or other.everything else Owned((*self.arms, *other.arms))


EVERYTHING: Final = Owned(everything=True)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a list: a query without owners, the columns that order it and are unique together, and whose they are.

    The columns must be in the query's own selection and never null.
    """

    query: Select[Any]
    by: tuple[ColumnElement[Any], ...]
    owned: Owned = EVERYTHING


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of an ordered list are wanted."""

    size: int
    after: tuple[Any, ...] | None = None
    """The values of the columns that order it, where the page before ended."""
    newest_first: bool = False

    def of(self, query: Select[Any], by: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """Return the query for these rows, in order."""
        if self.after is not None:
            place = tuple_(*(literal(value, each.type) for value, each in zip(self.after, by, strict=True)))
            query = query.where(tuple_(*by) < place if self.newest_first else tuple_(*by) > place)
        return query.order_by(*(each.desc() if self.newest_first else each for each in by)).limit(self.size)


def page_of(parts: Sequence[Part], window: Window) -> Select[Any]:
    """Return the query for one page of a list. No row may be in two parts; in two arms it may."""
    found = [_rows(part, window) for part in parts]
    if len(found) == 1:
        return found[0]
    rows = union_all(*(select(each.subquery()) for each in found)).subquery()
    names = [str(each.key) for each in parts[0].by]
    return Window(window.size, newest_first=window.newest_first).of(select(rows), [rows.c[name] for name in names])


def _rows(part: Part, window: Window) -> Select[Any]:
    arms = part.owned.arms
    alone = sum(len(arm.values) for arm in arms) <= 1 and all(arm.through is None for arm in arms)
    if part.owned.everything or alone:
        return window.of(part.query.where(part.owned.condition()), part.by)
    keys = union(*(_keys(part, arm, window) for arm in arms)).subquery()
    first = Window(window.size, newest_first=window.newest_first).of(select(keys), [*keys.c]).subquery("page")
    same = (each == key for each, key in zip(part.by, first.c, strict=True))
    return Window(window.size, newest_first=window.newest_first).of(part.query.where(*same), part.by)


def _keys(part: Part, arm: Arm, window: Window) -> Select[Any]:
    """Return the query for what orders the rows of an arm: of each value as many as the page may have."""
    values = cast(list(arm.values), ARRAY(arm.column.type))
    mine = func.unnest(values).table_valued(column("one", arm.column.type), name="mine").render_derived()
    through = arm.through or part
    own = through.query.with_only_columns(*through.by).where(arm.column == mine.c.one)
    own = own if arm.only is None else own.where(arm.only)
    rows: FromClause = window.of(own, through.by).correlate(mine).lateral()
    return select(*rows.c).select_from(mine.join(rows, true()))


def owned_by(columns: ColumnElement[Any], values: Sequence[Any]) -> Owned:
    """Return the rows in which a column has one of these values; none where there is no value."""
    return Owned((Arm(columns, tuple(values)),) if values else ())
