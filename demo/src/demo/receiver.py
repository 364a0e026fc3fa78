"""A partner's webhook receiver: takes the handshake, keeps what comes, and checks each signature."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.signature import is_genuine
from hto.process import serving

PATH: Final = "/hooks"
HERE: Final = "127.0.0.1:9000"
"""Where `hto demo` receives by default; `hto run` may deliver there."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """A received webhook: headers with lower-case names, the body to the byte, and when (Unix time)."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        """The event's id, the same at every attempt."""
        return self.headers.get("webhook-id", "")

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent in the body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(slots=True)
class Receiver:
    """A partner's address, and what was delivered there."""

    host: str
    """By which the system reaches it; it must stand in the system's HTO_WEBHOOK_ALLOW."""
    port: int
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to deliver."""
        return f"http://{self.host}:{self.port}{PATH}"

    def genuine(self, secret: str) -> list[Delivery]:
        """Return what was signed with the secret shortly before it came, the first delivery of each event."""
        first: dict[str, Delivery] = {}
        for one in self.deliveries:
            if is_genuine(secret, one.headers, one.body, now=one.at):
                first.setdefault(one.id, one)
        return list(first.values())

    async def _take(self, request: Request) -> Response:
        self.deliveries.append(Delivery(dict(request.headers), await request.body(), time.time()))
        return Response(status_code=204)

    async def _agree(self, request: Request) -> Response:
        """Answer the handshake: whoever asks may deliver here."""
        origin = request.headers.get("webhook-request-origin", "*")
        return Response(headers={"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"})

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[Route(PATH, self._take, methods=["POST"]), Route(PATH, self._agree, methods=["OPTIONS"])]
        )


@asynccontextmanager
async def receiving(host: str, port: int) -> AsyncIterator[Receiver]:
    """Receive while the block runs; port 0 is any that is free.

    Raises:
        CannotServe: the port is taken.
    """
    receiver = Receiver(host, port)
    listen = "127.0.0.1" if host in _LOOPBACK else "0.0.0.0"  # noqa: S104 - another container is to reach it
    async with serving(receiver.app(), host=listen, port=port) as address:
        receiver.port = int(address.rpartition(":")[2])
        yield receiver
