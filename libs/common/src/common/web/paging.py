"""Which page of a collection a request asks for, and the link to the next one."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from common.persistence.paging import PageRequest

DEFAULT: Final = 50
MOST: Final = 500
_OURS: Final = frozenset({"cursor", "limit"})


async def _paging(
    request: Request,
    response: Response,
    cursor: Annotated[
        str | None, Query(description="Where the page before ended; from its `nextCursor`.", max_length=500)
    ] = None,
    limit: Annotated[int, Query(description="How many items a page has at most.", ge=1, le=MOST)] = DEFAULT,
) -> PageRequest:

    def link(following: str) -> None:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        address = f"{request.url.path}?{urlencode([*kept, ('cursor', following)])}"
        response.headers.append("Link", f'<{address}>; rel="next"')

    return PageRequest(limit, cursor, _collection(request), link)


def _collection(request: Request) -> str:
    kept = sorted((name, value) for name, value in request.query_params.multi_items() if name not in _OURS)
    text = f"{request.url.path}?{urlencode(kept)}".encode()
    return hashlib.blake2b(text, digest_size=6).hexdigest()


Paging = Annotated[PageRequest, Depends(_paging)]
"""The page that the request asks for: ``return await paging.read(tx, query, table.c.id)``."""
