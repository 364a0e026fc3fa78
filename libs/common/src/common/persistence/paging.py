"""Collections in pages: a cursor that says where the last one ended, in an order that never changes under it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Integer, Row, Select, SmallInteger
from sqlalchemy.types import TypeEngine

from common import inputs
from common.errors import Invalid, InvalidParam, Message
from common.persistence.listing import EVERYTHING, Owned, Part, Window, page_of
from common.persistence.transaction import Tx

T = TypeVar("T")
_READERS: Final[dict[type, Callable[[str], Any]]] = {UUID: UUID, datetime: inputs.moment, date: inputs.day, str: str}
_BITS: Final[tuple[tuple[type[Integer], int], ...]] = ((SmallInteger, 15), (BigInteger, 63), (Integer, 31))


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """One page of a collection; a route answers it with ``response_model=Page[…View]``."""

    items: list[T]
    next_cursor: str | None = None


def _ignore(cursor: str) -> None:
    """Ignore the cursor: the caller of this page asks for no next one."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for."""

    limit: int
    cursor: str | None
    collection: str
    """What the cursor belongs to: this very collection with this filter."""
    found_next: Callable[[str], None] = _ignore
    """Called with the cursor of the next page, where there is one."""

    async def read(
        self,
        tx: Tx,
        query: Select[Any],
        *by: ColumnElement[Any],
        newest_first: bool = False,
        owned: Owned = EVERYTHING,
    ) -> Paged[Row[Any]]:
        """Return one page of a query's rows, ordered by columns that together are unique, such as a uuid7 id.

        The columns must be in the query's own selection and never null. ``owned`` says whose rows: see
        ``Caller.owned``.

        Raises:
            Invalid: the cursor is not one of this collection.
        """
        return await self.read_parts(tx, Part(query, by, owned), newest_first=newest_first)

    async def read_parts(self, tx: Tx, *parts: Part, newest_first: bool = False) -> Paged[Row[Any]]:
        """Return one page of a list that several queries make up, of which no two have the same row.

        Raises:
            Invalid: the cursor is not one of this collection.
        """
        by = parts[0].by
        after = None if self.cursor is None else tuple(self._place(by))
        window = Window(self.limit + 1, after, newest_first=newest_first)
        rows = (await tx.execute(page_of(parts, window))).all()
        page = list(rows[: self.limit])
        if len(rows) <= self.limit:
            return Paged(page)
        cursor = self._cursor([getattr(page[-1], str(column.key)) for column in by])
        self.found_next(cursor)
        return Paged(page, cursor)

    async def read_each(
        self,
        tx: Tx,
        query: Select[Any],
        *by: ColumnElement[Any],
        load: Callable[[Any], T],
        newest_first: bool = False,
        owned: Owned = EVERYTHING,
    ) -> Paged[T]:
        """Return one page with what ``load`` makes of each row's mapping, such as a store's aggregate."""
        page = await self.read(tx, query, *by, newest_first=newest_first, owned=owned)
        return Paged([load(row._mapping) for row in page.items], page.next_cursor)  # noqa: SLF001 - Row's public name

    def _cursor(self, place: Sequence[Any]) -> str:
        text = json.dumps([self.collection, *(_text(value) for value in place)], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _place(self, by: Sequence[ColumnElement[Any]]) -> list[Any]:
        """Read the cursor: of this very collection and filter, and with values of the columns' types."""
        try:
            text = base64.urlsafe_b64decode(f"{self.cursor}===".encode())
            collection, *place = json.loads(text)
            values = [_read(value, column.type) for value, column in zip(place, by, strict=True)]
        except (binascii.Error, ValueError, TypeError, RecursionError):
            collection, values = None, []
        if collection != self.collection:
            reason = Message("Take the cursor from a page of this same collection with the same filter.")
            raise Invalid(InvalidParam("cursor", reason, "not-a-cursor"))
        return values


def _read(value: object, kind: TypeEngine[Any]) -> Any:
    """Return a value of a cursor as its column takes it: whoever writes one by hand can ask for nothing else.

    Raises:
        ValueError: it is none.
    """
    if isinstance(kind, Integer):
        bits = next(bits for of, bits in _BITS if isinstance(kind, of))
        if isinstance(value, bool) or not isinstance(value, int) or not -(1 << bits) <= value < 1 << bits:
            raise ValueError("not a number of that column")
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text")
    value.encode()  # half of a pair has no encoding
    return _READERS[kind.python_type](value)


def _text(value: object) -> str | int:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)
