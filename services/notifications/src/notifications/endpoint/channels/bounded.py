"""A connection over which an answer comes in small pieces and has an end."""

from __future__ import annotations

import ssl
import time
from typing import Any, Final

import httpcore2

MOST: Final = 64 * 1024
"""Bytes of one answer, its head and any early answers included; of its body 16 KB are read."""
CHECK_INTERVAL: Final = 1.0
"""Seconds between two looks whether an idle connection was closed."""
PIECE: Final = 4 * 1024
"""Bytes that are read at once: reading what they hold takes a few milliseconds, in which all others wait."""


class NotAnswered(httpcore2.ReadError):
    """A connection that was kept open ended without a byte of an answer: its receiver had closed it, or just did."""


class EndlessAnswer(httpcore2.ReadError):
    """An answer is longer than any that we read."""


class Bounded(httpcore2.AsyncNetworkStream):
    """Reads no more of one answer than it may have; a receiver that goes on and on breaks its connection."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        """Read from ``inner``."""
        self._inner, self._left = inner, MOST
        self._check_at = 0.0
        self.reused = False
        """Whether the present request is not the first one."""
        self._answers = False
        """Whether something of an answer to the present request has come."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - the stream's own signature
        """Read a piece.

        Raises:
            EndlessAnswer: the answer has no end.
            NotAnswered: it has no beginning, on a connection that answered before.
        """
        if self._left <= 0:
            raise EndlessAnswer("an answer without end")
        try:
            piece = await self._inner.read(min(max_bytes, PIECE), timeout)
        except httpcore2.ReadError:
            piece = b""
            if not self._is_stale:
                raise
        if not piece and self._is_stale:
            raise NotAnswered("closed while it was kept open")
        self._answers = True
        self._left -= len(piece)
        return piece

    @property
    def _is_stale(self) -> bool:
        return self.reused and not self._answers

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as read
        """Send a request, or a part of it; its answer may then be as long again."""
        self._left = MOST
        self.reused |= self._answers
        self._answers = False
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as read
    ) -> httpcore2.AsyncNetworkStream:
        """Encrypt from here on."""
        return Bounded(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself.

        The pool asks each idle connection at each request whether it was closed, hundreds of them: once a second is
        enough, since a request on one that was closed is sent once more.
        """
        if info == "is_readable":
            now = time.monotonic()
            if now < self._check_at:
                return False
            self._check_at = now + CHECK_INTERVAL
        return self._inner.get_extra_info(info)
