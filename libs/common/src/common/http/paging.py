"""Collections in pages: a cursor that says where the last one ended, in an order that never changes under it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from sqlalchemy import BigInteger, ColumnElement, Integer, Row, Select, SmallInteger
from sqlalchemy.types import TypeEngine

from common import inputs
from common.errors import InvalidParam
from common.http.problems import HttpProblem
from common.listing import EVERYTHING, Owned, Part, Window, page_of
from common.transaction import Tx

T = TypeVar("T")
DEFAULT: Final = 50
MOST: Final = 500
_READERS: Final[dict[type, Callable[[str], Any]]] = {UUID: UUID, datetime: inputs.moment, date: inputs.day, str: str}
_BITS: Final[tuple[tuple[type[Integer], int], ...]] = ((SmallInteger, 15), (BigInteger, 63), (Integer, 31))


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """What is on one page; answer it with ``response_model=Page[…View]``."""

    items: list[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for."""

    limit: int
    cursor: str | None
    request: Request
    response: Response

    async def read(
        self,
        tx: Tx,
        query: Select[Any],
        *by: ColumnElement[Any],
        newest_first: bool = False,
        owned: Owned = EVERYTHING,
    ) -> Slice[Row[Any]]:
        """Return one page of a query's rows, ordered by columns that together are unique, such as a uuid7 id.

        The columns must be in the query's own selection and never null. ``owned`` says whose rows: see
        ``Caller.owned``.

        Raises:
            HttpProblem: 400, the cursor is not one of this collection.
        """
        return await self.read_parts(tx, Part(query, by, owned), newest_first=newest_first)

    async def read_parts(self, tx: Tx, *parts: Part, newest_first: bool = False) -> Slice[Row[Any]]:
        """Return one page of a list that several queries make up, of which no two have the same row.

        Raises:
            HttpProblem: 400, the cursor is not one of this collection.
        """
        by = parts[0].by
        after = None if self.cursor is None else tuple(self._place(by))
        window = Window(self.limit + 1, after, newest_first=newest_first)
        rows = (await tx.execute(page_of(parts, window))).all()
        page = list(rows[: self.limit])
        if len(rows) <= self.limit:
            return Slice(page)
        cursor = self._cursor([getattr(page[-1], str(column.key)) for column in by])
        self._link(cursor)
        return Slice(page, cursor)

    async def read_each(
        self,
        tx: Tx,
        query: Select[Any],
        *by: ColumnElement[Any],
        load: Callable[[Any], T],
        newest_first: bool = False,
        owned: Owned = EVERYTHING,
    ) -> Slice[T]:
        """Return one page with what ``load`` makes of each row's mapping, such as a store's aggregate."""
        page = await self.read(tx, query, *by, newest_first=newest_first, owned=owned)
        return Slice([load(row._mapping) for row in page.items], page.next_cursor)  # noqa: SLF001 - Row's public name

    def _cursor(self, place: Sequence[Any]) -> str:
        text = json.dumps([self._collection(), *(_text(value) for value in place)], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _place(self, by: Sequence[ColumnElement[Any]]) -> list[Any]:
        """Read the cursor: of this very collection and filter, and with values of the columns' types."""
        try:
            text = base64.urlsafe_b64decode(f"{self.cursor}===".encode())
            collection, *place = json.loads(text)
            values = [_read(value, column.type) for value, column in zip(place, by, strict=True)]
        except (binascii.Error, ValueError, TypeError, RecursionError):
            collection, values = None, []
        if collection != self._collection():
            reason = "Take the cursor from a page of this same collection with the same filter."
            raise HttpProblem.invalid(InvalidParam("cursor", reason, "not-a-cursor"))
        return values

    def _collection(self) -> str:
        kept = sorted((name, value) for name, value in self.request.query_params.multi_items() if name not in _OURS)
        text = f"{self.request.url.path}?{urlencode(kept)}".encode()
        return hashlib.blake2b(text, digest_size=6).hexdigest()

    def _link(self, cursor: str) -> None:
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "cursor"]
        address = f"{self.request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"
        self.response.headers.append("Link", f'<{address}>; rel="next"')


_OURS: Final = frozenset({"cursor", "limit"})


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


async def _paging(
    request: Request,
    response: Response,
    cursor: Annotated[
        str | None, Query(description="Where the page before ended; from its `nextCursor`.", max_length=500)
    ] = None,
    limit: Annotated[int, Query(description="How many items a page has at most.", ge=1, le=MOST)] = DEFAULT,
) -> PageRequest:
    return PageRequest(limit, cursor, request, response)


Paging = Annotated[PageRequest, Depends(_paging)]
"""The page that the request asks for: ``return await paging.read(tx, query, table.c.id)``."""
