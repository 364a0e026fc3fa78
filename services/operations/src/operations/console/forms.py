"""Forms of the console: read up to a size and no further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from common.errors import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST: Final = 64 * 1024
"""Bytes of a form; a token has some two thousand."""


class TooLarge(Refused):
    """A form of the console has {largest} bytes at most."""


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the first value of each field.

    Raises:
        TooLarge: more was announced, or came.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > LARGEST:
        raise TooLarge(largest=LARGEST)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise TooLarge(largest=LARGEST)
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
