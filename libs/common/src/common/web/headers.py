"""The outermost layer: what must be on every answer, a 500 included, and HEAD wherever there is GET."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.web.request_context import HEAD

SECURITY: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer that does not say otherwise itself; a page sets its own content policy."""


class Headers:
    """Pure ASGI: it sees every answer, whoever made it."""

    def __init__(self, app: ASGIApp, *, version: str, more: Callable[[Scope], Mapping[str, str]] | None = None) -> None:
        """``more`` has the headers that the layers inside asked for."""
        self._app, self._version, self._more = app, version, more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        if is_head:
            # A copy: the server looks at its own to know that no body may follow.
            scope = {**scope, "method": "GET", HEAD: True}
        ended = False

        async def answer(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["API-Version"] = headers.get("API-Version", self._version)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                for name, value in (self._more(scope) if self._more else {}).items():
                    headers.setdefault(name, value)
            elif scope.get(HEAD) and message["type"] == "http.response.body":
                if ended:
                    return
                ended, message = True, {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        await self._app(scope, receive, answer)
