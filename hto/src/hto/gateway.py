"""All services under one address, each still a process of its own: requests go on by their path's first part."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import httpx2
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from common.runtime.settings import SettingsError
from common.web import HttpProblem
from common.web.problems import HANDLERS, RETRY_AFTER, NothingHere

CONSOLE: Final = "console"
_PATIENCE: Final = 3.0
_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "host", "content-length"}
)
_OF_THE_SERVER: Final = frozenset({"date", "server"})
"""The server in front writes its own; those of the service behind it would stand beside them."""
_OURS: Final = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"})
"""What the services believe of us: a caller's own are left behind."""
_LEADING: Final = frozenset({".", ".."})
"""Parts of a path that lead elsewhere."""
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def upstreams(text: str) -> dict[str, str]:
    """Read ``registry=http://registry-api:8000,…``.

    Raises:
        SettingsError: it is not that.
    """
    pairs = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    found = {name.strip(): url.strip().rstrip("/") for name, _, url in pairs}
    if not found or not all(name and url.startswith(("http://", "https://")) for name, url in found.items()):
        raise SettingsError({"HTO_UPSTREAMS": "must be name=http://host:port, separated by commas"})
    if "operations" in found:
        found.setdefault(CONSOLE, found["operations"])
    return found


class ServiceAway(HttpProblem, status=502):
    """This service does not answer at this moment."""


class Gateway:
    """The proxy: it changes no path, no body and no answer."""

    def __init__(self, to: Mapping[str, str]) -> None:
        """Take each service's origin by the first part of its paths."""
        self._to = dict(to)
        # A stream of news has no end: only the connection has a time limit.
        self._http = httpx2.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=_PATIENCE),
            limits=httpx2.Limits(max_connections=500, max_keepalive_connections=100),
        )

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/healthz", self._alive),
                Route("/readyz", self._ready),
                Route("/{path:path}", self._forward, methods=list(_METHODS)),
            ],
            exception_handlers=dict(HANDLERS),
        )

    async def close(self) -> None:
        """Release connections."""
        await self._http.aclose()

    async def _forward(self, request: Request) -> Response:
        path: str = request.scope["path"]
        first, *further = path.removeprefix("/").split("/")
        origin = self._to.get(first)
        # Our client would follow ".." out of the service's own paths, to what is for those inside: its metrics.
        if origin is None or not _LEADING.isdisjoint(further):
            raise NothingHere
        query = f"?{request.url.query}" if request.url.query else ""
        outgoing = self._http.build_request(
            request.method,
            f"{origin}{request.scope.get('raw_path', path.encode()).decode('latin-1')}{query}",
            headers=_passed_on(request),
            content=request.stream() if _has_body(request) else None,
        )
        try:
            answer = await self._http.send(outgoing, stream=True)
        except ClientDisconnect:
            return Response(status_code=499)
        except httpx2.HTTPError:
            raise ServiceAway(headers=RETRY_AFTER) from None
        response = StreamingResponse(_body(answer), status_code=answer.status_code)
        # As they came: a mapping would join those that come twice, and a cookie has commas of its own.
        response.raw_headers = list(_without(answer.headers.raw, _HOP_BY_HOP | _OF_THE_SERVER))
        return response

    async def _alive(self, request: Request) -> Response:  # noqa: ARG002 - an ASGI endpoint's shape
        return JSONResponse({"status": "alive"})

    async def _ready(self, request: Request) -> Response:  # noqa: ARG002 - an ASGI endpoint's shape
        names = sorted(self._to.keys() - {CONSOLE})
        states = await asyncio.gather(*map(self._state, names))
        ready = all(states)
        body: dict[str, Any] = {"ready": ready, "services": dict(zip(names, states, strict=True))}
        return JSONResponse(body, status_code=200 if ready else 503)

    async def _state(self, name: str) -> bool:
        # The issuer has no readiness of its own: its discovery document says as much.
        path = "/issuer/.well-known/openid-configuration" if name == "issuer" else "/readyz"
        try:
            return (await self._http.get(f"{self._to[name]}{path}", timeout=_PATIENCE)).is_success
        except httpx2.HTTPError:
            return False


def _passed_on(request: Request) -> list[tuple[bytes, bytes]]:
    headers = list(_without(request.headers.raw, _HOP_BY_HOP | _OURS))
    if request.client:
        headers.append((b"X-Forwarded-For", request.client.host.encode()))
    return [
        *headers,
        (b"X-Forwarded-Proto", request.url.scheme.encode()),
        (b"X-Forwarded-Host", request.headers.get("host", "").encode("latin-1")),
    ]


def _without(headers: Iterable[tuple[bytes, bytes]], names: Collection[str]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the other headers, names in lower case as ASGI has them, values as they came."""
    for name, value in headers:
        lower = name.lower()
        if lower.decode("latin-1") not in names:
            yield lower, value


def _has_body(request: Request) -> bool:
    return "content-length" in request.headers or "transfer-encoding" in request.headers


async def _body(answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()
