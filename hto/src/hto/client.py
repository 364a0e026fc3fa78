"""A client of the five APIs: tokens by role, a key for each write, and refusals as exceptions that say why."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx2
from uuid_utils.compat import uuid7

from common.runtime.backoff import until_it_works
from hto.addresses import Addresses
from hto.issuer import Credentials, Refusal, fetch_token, read_credentials

PATIENCE: Final = 90.0
"""Seconds for which a request is repeated while the other side is away or asks to wait."""
ANSWERED_WITHIN: Final = 30.0
"""Seconds for an answer, and one more for each kB that is sent: a long file takes time to compare and write."""
_TOKEN_AGE: Final = 10 * 60
_UNAUTHORIZED, _CONFLICT, _PRECONDITION, _TOO_MANY, _AWAY = 401, 409, 412, 429, (502, 503, 504)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """In which capacity somebody calls; None is what the client usually is."""

    client: str
    """A development client, such as ``portal``."""
    organisations: tuple[str, ...] = ()
    trainer: str | None = None
    roles: tuple[str, ...] | None = None
    regions: tuple[str, ...] = ()
    scope: str | None = None
    """Space-separated; None is everything that the client may have."""

    @property
    def claims(self) -> dict[str, Any]:
        """The claims that the token should have."""
        asked = {"org": self.organisations, "trainer": self.trainer, "roles": self.roles, "regions": self.regions}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of the API, and the version under which its resource can be changed."""

    status: int
    body: Any
    etag: str | None


class Refused(Exception):
    """A service said no; ``problem`` is what it answered (RFC 9457)."""

    def __init__(self, request: str, status: int, problem: Mapping[str, Any]) -> None:
        """Take the request as ``POST /path`` and the answer."""
        self.status, self.problem = status, problem
        self.code = str(problem.get("type", "")).rpartition("/")[2]
        params = [f"{p.get('name')}: {p.get('reason')}" for p in problem.get("invalidParams") or ()]
        detail = "; ".join(params) or problem.get("detail") or problem.get("title") or "no reason was given"
        super().__init__(f"{request} was refused ({status}{f' {self.code}' if self.code else ''}): {detail}")


class Unreachable(Exception):
    """Nothing answers where a service should be."""

    def __init__(self, address: str, why: object) -> None:
        """Name the address and what was seen."""
        super().__init__(f"Nothing answers at {address} ({why}): is it running? `hto run` starts it, --url says where.")


class SomethingElse(Unreachable):
    """The server that answered is not this system."""

    def __init__(self, address: str) -> None:
        """Name the address."""
        Exception.__init__(self, f"What answers at {address} is something else than expected: --url says where to go.")


class NoKey(Exception):
    """The development client's private key is not here, or is not the one that this issuer knows."""

    def __init__(self, folder: Path, why: object) -> None:
        """Name the folder."""
        super().__init__(
            f"{why}. Tokens take the key of a development client, which its issuer keeps; looked for in {folder}: name "
            "another folder with --keys, or copy it (docker compose cp issuer:/var/lib/hto/issuer FOLDER)."
        )


class Client:
    """The whole system at its addresses."""

    def __init__(self, addresses: Addresses, keys: Path, *, patience: float = PATIENCE) -> None:
        """``keys`` is the issuer's folder, with the development clients' private keys."""
        self.addresses, self._keys, self._patience = addresses, keys, patience
        self._http = httpx2.AsyncClient(trust_env=False, timeout=ANSWERED_WITHIN)
        self._tokens: dict[Who, _Token] = {}
        self._met = False
        """Whether the issuer has answered: one that never did is hardly away for a moment only."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Release connections."""
        await self._http.aclose()

    def acting_as(self, who: Who) -> Acting:
        """Return the system as somebody sees it."""
        return Acting(self, who)

    async def token(self, who: Who, *, fresh: bool = False, within: float = 0) -> str:
        """Return an access token, the same one for some minutes; an issuer that went away is waited for.

        Raises:
            NoKey: the client's private key is not here, or is another issuer's.
            Refusal: the issuer says no.
            Unreachable: the issuer does not answer.
        """
        kept = self._tokens.setdefault(who, _Token())
        async with kept.lock:
            if fresh or not kept.text or time.monotonic() - kept.since > _TOKEN_AGE:
                kept.text, kept.since = await self._fetch(who, within if self._met else 0), time.monotonic()
                self._met = True
            return kept.text

    async def state(self, service: str) -> dict[str, Any]:
        """Return what a service says of its readiness, ready or not."""
        response = await self._send("GET", f"/{service}/v1/readyz", {}, None)
        found = _document(response)
        if not isinstance(found, dict):
            raise SomethingElse(str(response.url))
        return found

    async def call(
        self,
        who: Who,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> Answer:
        """Send a request until it has an answer: the same write twice is one write, by its key.

        Raises:
            Refused: the answer is a refusal.
            Unreachable: there was none for a while.
        """
        until = time.monotonic() + self._patience
        fresh, pause = False, 0.05
        while True:
            token = await self.token(who, fresh=fresh, within=until - time.monotonic())
            sent = {**headers, "Authorization": f"Bearer {token}"}
            response = await self._send(method, path, sent, content, within=until - time.monotonic())
            if response.status_code == _UNAUTHORIZED and not fresh:
                fresh = True
                continue
            problem = _problem(response)
            waits = _waits(response, problem, pause)
            if waits is None or time.monotonic() + waits > until:
                break
            await asyncio.sleep(waits)
            pause = min(2 * pause, 2.0)
        if response.is_error:
            raise Refused(f"{method} {path}", response.status_code, problem)
        return Answer(
            response.status_code, _document(response) if response.content else None, response.headers.get("etag")
        )

    async def _fetch(self, who: Who, within: float) -> str:
        issuer = self.addresses.issuer
        ask = partial(fetch_token, issuer, self._key(who), scope=who.scope, claims=who.claims, client=self._http)
        try:
            return await until_it_works(ask, (httpx2.TransportError,), first=0.05, most=2, within=within)
        except Refusal as refusal:
            if str(refusal).startswith("invalid_client"):
                raise NoKey(self._keys, refusal) from None
            raise
        except httpx2.HTTPStatusError as error:
            if error.response.is_server_error:
                raise Unreachable(issuer, type(error).__name__) from None
            raise SomethingElse(issuer) from None
        except httpx2.HTTPError as error:
            raise Unreachable(issuer, type(error).__name__) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SomethingElse(issuer) from None

    def _key(self, who: Who) -> Credentials:
        try:
            return read_credentials(self._keys, who.client)
        except (OSError, ValueError) as error:
            raise NoKey(self._keys, error) from None

    async def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes | None,
        *,
        within: float = 0,
    ) -> httpx2.Response:
        url, timeout = self.addresses.url(path), ANSWERED_WITHIN + len(content or b"") / 1000

        async def ask() -> httpx2.Response:
            try:
                return await self._http.request(method, url, headers=dict(headers), content=content, timeout=timeout)
            except AttributeError as error:  # anyio asks a socket that went at that moment who its peer is
                raise httpx2.ConnectError(str(error)) from error

        try:
            return await until_it_works(ask, (httpx2.HTTPError,), first=0.05, most=2, within=within)
        except httpx2.HTTPError as error:
            raise Unreachable(url, type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class Acting:
    """The system as somebody sees it; paths are those of the API documents, with the service in front."""

    client: Client
    who: Who

    async def read(self, path: str, **query: Any) -> Answer:
        """Get something with its version."""
        return await self._call("GET", _with(path, query))

    async def get(self, path: str, **query: Any) -> Any:
        """Get something."""
        return (await self.read(path, **query)).body

    async def all(self, path: str, **query: Any) -> AsyncIterator[Any]:
        """Go through a collection, page by page."""
        cursor: str | None = None
        while True:
            page = await self.get(path, **query, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page.get("nextCursor")
            if cursor is None:
                return

    async def post(self, path: str, body: Any = None, *, key: str | None = None, **query: Any) -> Any:
        """Ask for something to be done; once, however often it must be sent."""
        headers = {"Idempotency-Key": key or str(uuid7())}
        return (await self._call("POST", _with(path, query), body, headers)).body

    async def put(self, path: str, body: Any = None) -> Any:
        """Put something at an address that the caller chose, or a fact that cannot change."""
        return (await self._call("PUT", path, body)).body

    async def change(self, path: str, body: Any, *, of: str | None = None) -> Any:
        """Change what is there as it is now; ``of`` is what has the version, where it is not the path itself."""
        while True:
            found = await self.read(of or path)
            try:
                return (await self._call("PUT", path, body, {"If-Match": found.etag or "*"})).body
            except Refused as refused:
                if refused.status != _PRECONDITION:
                    raise

    async def delete(self, path: str) -> Any:
        """Take away what is there, as it is now."""
        return (await self._call("DELETE", path, None, {"If-Match": "*"})).body

    async def upload(self, path: str, content: bytes, media_type: str, **query: Any) -> Any:
        """Send a file."""
        headers = {"Idempotency-Key": str(uuid7()), "Content-Type": media_type}
        answer = await self.client.call(self.who, "POST", _with(path, query), headers=headers, content=content)
        return answer.body

    async def _call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        sent, content = dict(headers or {}), None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body, default=str).encode()
        return await self.client.call(self.who, method, path, headers=sent, content=content)


@dataclass(slots=True)
class _Token:
    text: str = ""
    since: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def _with(path: str, query: Mapping[str, Any]) -> str:
    given = {name: _text(value) for name, value in query.items() if value is not None}
    return f"{path}?{httpx2.QueryParams(given)}" if given else path


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _document(response: httpx2.Response) -> Any:
    """Read an answer that is none of ours to refuse.

    Raises:
        SomethingElse: it is not JSON, or leads elsewhere.
    """
    if response.is_redirect:
        raise SomethingElse(str(response.url))
    try:
        return response.json()
    except ValueError:
        raise SomethingElse(str(response.url)) from None


def _problem(response: httpx2.Response) -> Mapping[str, Any]:
    if not response.is_error:
        return {}
    try:
        found = response.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": response.reason_phrase}


def _waits(response: httpx2.Response, problem: Mapping[str, Any], pause: float) -> float | None:
    """Return for how long to wait before the same request may succeed; None where it will not."""
    running = response.status_code == _CONFLICT and str(problem.get("type", "")).endswith("/still-running")
    if not running and response.status_code not in {_TOO_MANY, *_AWAY}:
        return None
    seconds = response.headers.get("retry-after", "")
    return max(float(seconds), pause) if response.status_code == _TOO_MANY and seconds.isdigit() else pause


__all__ = ["Acting", "Answer", "Client", "NoKey", "Refusal", "Refused", "SomethingElse", "Unreachable", "Who"]
