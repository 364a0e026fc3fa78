"""Webhooks out: the question whether an address wants them, and the delivery itself."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpcore2

from common.runtime.public_address import is_public, may_be_public
from common.runtime.settings import Settings
from notifications.endpoint.channels.addresses import PublicOnly
from notifications.endpoint.channels.bounded import NotAnswered
from notifications.endpoint.channels.failures import failure_of
from notifications.endpoint.channels.patience import patience
from notifications.endpoint.channels.resolving import Resolver, UnknownName
from notifications.endpoint.model.endpoint import host_of
from notifications.endpoint.model.signing import signed_headers
from notifications.failure import Failure

TIMEOUT: Final = 15.0
"""Seconds from the moment there is room for a connection to the last byte that is read of an answer."""
LARGEST_ANSWER: Final = 16 * 1024
"""Bytes that are read of an answer; nothing in it matters to us."""
RESOLVED_WITHIN: Final = 1.0
"""Seconds for which a registration waits until it is seen where a name leads."""
REST_WITHIN: Final = 1.0
"""Seconds in which an answer that has begun must end for its connection to be used again. What it says is in its
status: a body that never ends changes nothing of that."""
MOST_CONNECTIONS: Final = 256
_IDLE: Final = 30.0
_ACCEPTED: Final = range(200, 300)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_NAME: Final = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of a receiver: a status, or the reason why there is none."""

    status: int | None
    failure: Failure | None = None
    """Why nothing came back, in our words and none of the receiver's."""
    retry_after: str | None = None
    allowed_origin: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the receiver took it. A redirect is a failure: it is never followed."""
        return self.status in _ACCEPTED


class Webhooks:
    """An HTTP client that goes to public addresses only, follows no redirect and reads no environment."""

    def __init__(self, *, origin: str, allowed: Sequence[str], inside: bool = False) -> None:
        """``origin``: our own host name, which a receiver is asked about; ``allowed``: see ``HTO_WEBHOOK_ALLOW``.

        ``inside``: whether the allowed ones may lead to a private address.
        """
        self._origin, self._allowed = origin, frozenset(allowed)
        # Never more requests than connections: none waits in the pool while its time runs.
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)
        made = partial(
            httpcore2.AsyncConnectionPool,
            ssl_context=httpcore2.default_ssl_context(),  # read once, not for each connection
            network_backend=PublicOnly(allowed, inside=inside),
            max_connections=MOST_CONNECTIONS,
            keepalive_expiry=_IDLE,
        )
        self._pool = made(max_keepalive_connections=MOST_CONNECTIONS)
        self._anew = made(max_keepalive_connections=0)
        """Where each request has a connection of its own."""

    def may_go_to(self, url: str) -> bool:
        """Whether an address has the right form: https, a host, nothing secret in it; http only for an exception."""
        return has_right_form(url, self._allowed)

    async def ask(self, url: str) -> Answer:
        """Ask an address whether it wants webhooks from us (CloudEvents HTTP web hooks, section 4)."""
        return await self._request("OPTIONS", url, {"WebHook-Request-Origin": self._origin}, b"")

    def allows(self, answer: Answer) -> bool:
        """Whether an address said yes."""
        return answer.accepted and answer.allowed_origin in {"*", self._origin}

    async def deliver(self, url: str, *, event_id: str, body: bytes, secrets: Sequence[str]) -> Answer:
        """Deliver one event, signed at this moment."""
        signed = signed_headers(secrets, event_id=event_id, timestamp=int(time.time()), body=body)
        headers = {"Content-Type": "application/cloudevents+json; charset=utf-8", **signed}
        return await self._request("POST", url, headers, body)

    async def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if not self.may_go_to(url):
            return Answer(status=None, failure=Failure.NOT_ALLOWED)
        every = {"Host": urlsplit(url).netloc, "User-Agent": "hto-webhooks/1", "Accept": "*/*", **headers}
        ask = partial(_answer, method=method, url=url, headers=every, body=body)
        try:
            async with self._room, patience(TIMEOUT):
                try:
                    return await ask(self._pool)
                except NotAnswered:
                    # Receivers close what is idle whenever they like, also while a request is on its way to them.
                    return await ask(self._anew)
        except (TimeoutError, OSError, ValueError, *_FAILURES) as error:
            # ValueError: what a receiver answered, or its name, cannot even be read.
            return Answer(status=None, failure=failure_of(error))

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()
        await self._anew.aclose()


_FAILURES: Final = (
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    httpcore2.ConnectionNotAvailable,
)


async def _answer(
    pool: httpcore2.AsyncConnectionPool, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    """Send a request, and return what came back.

    Raises:
        NotAnswered: its connection was used before, and its receiver had closed it or was about to.
    """
    written = [(name.encode(), value.encode()) for name, value in headers.items()]
    async with pool.stream(method, url, headers=written, content=body) as response:
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status == HTTPStatus.REQUEST_TIMEOUT and response.extensions["network_stream"].reused:
            raise NotAnswered("closed for being idle")  # meant for an idle connection, not for this request
        with suppress(TimeoutError, OSError, *_FAILURES):
            async with patience(REST_WITHIN):
                await _read_some(response)
        return Answer(
            status=response.status,
            retry_after=found.get("retry-after"),
            allowed_origin=found.get("webhook-allowed-origin"),
        )


async def _read_some(response: httpcore2.Response) -> None:
    """Read a small answer whole, so that its connection can be used again; leave a large one."""
    size = 0
    async for chunk in response.aiter_stream():
        size += len(chunk)
        if size > LARGEST_ANSWER:
            return


def has_right_form(url: str, allowed: Collection[str]) -> bool:
    """Whether an address is https with a host and no password, or one of the exceptions."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.fragment or not url.isascii() or not url.isprintable():
        return False
    if port == 0 or not _names_a_host(parts):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_excepted(parts, allowed))


def leads_inside(url: str, allowed: Collection[str]) -> bool:
    """Whether an address of the right form says by itself that it is not public; see ``resolves_inside`` for names."""
    if _is_excepted(urlsplit(url), allowed):
        return False
    return not may_be_public(host_of(url))  # 2130706433, 0x7f.1 and 127.1 are this machine, as resolvers read them


async def resolves_inside(url: str, allowed: Collection[str]) -> bool:
    """Whether a name leads inside at this moment, for an early word to its partner.

    False where that is not known soon: each connection looks again, since a name may lead elsewhere by then.
    """
    if _is_excepted(urlsplit(url), allowed):
        return False
    with suppress(TimeoutError, UnknownName):
        async with asyncio.timeout(RESOLVED_WITHIN):
            return not all(map(is_public, await Resolver().resolve(host_of(url), 443)))
    return False


def _names_a_host(parts: SplitResult) -> bool:
    """Whether a resolver could find it: an address, or a name of letters, digits and hyphens that ends in no number."""
    host = host_of(parts.geturl())
    with suppress(ValueError):
        return bool(ip_address(host))
    labels = host.split(".")
    return (
        "[" not in parts.netloc
        and len(host) <= _LONGEST_NAME
        and all(_LABEL.fullmatch(label) for label in labels)
        and not _NUMBER.fullmatch(labels[-1])
    )


def _is_excepted(parts: SplitResult, allowed: Collection[str]) -> bool:
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}" in allowed


@asynccontextmanager
async def webhooks_of(settings: Settings) -> AsyncIterator[Webhooks]:
    """Open the channel that the settings describe."""
    channel = Webhooks(
        origin=urlsplit(settings.public_url).hostname or "localhost",
        allowed=settings.webhook_allow,
        inside=settings.environment != "production",
    )
    try:
        yield channel
    finally:
        await channel.close()
