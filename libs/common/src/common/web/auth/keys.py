"""The keys of token issuers: fetched by discovery, kept, and renewed when an unknown one turns up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import httpx2
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

log = structlog.get_logger()

Key = ECKey | RSAKey
_LARGEST: Final = 256 * 1024
_SMALLEST_RSA: Final = 2048
_CURVE: Final = "P-256"


class KeysUnavailable(Exception):
    """The token issuer does not answer, and none of its keys is known yet."""


class KeySource(Protocol):
    """Where an issuer's public keys come from."""

    async def find(self, kid: str) -> Key | None:
        """Return the key with this id, None where the issuer has none.

        Raises:
            KeysUnavailable: nobody can say.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class OwnKeys:
    """The keys of an issuer in this very process."""

    def __init__(self, keys: Iterable[Key]) -> None:
        """Take keys that have a ``kid``."""
        self._keys = {key.kid: key for key in keys}

    async def find(self, kid: str) -> Key | None:
        """Look it up."""
        return self._keys.get(kid)

    async def close(self) -> None:
        """There is nothing to release."""


class RemoteKeys:
    """The keys of an issuer somewhere else, by OpenID Connect discovery.

    An unknown key id asks again, but not more often than every ``COOL_DOWN`` seconds: whoever sends random
    ids must not make us flood the issuer. While the issuer is away the keys known last stay good.
    """

    COOL_DOWN: Final = 10.0
    MAX_AGE: Final = 600.0
    TIMEOUT: Final = 5.0

    def __init__(self, issuer: str, *, client: httpx2.AsyncClient | None = None) -> None:
        """Ask nothing yet; ``client`` is for tests."""
        self.issuer = issuer
        self._client = client or httpx2.AsyncClient(timeout=self.TIMEOUT, follow_redirects=False, trust_env=False)
        self._keys: dict[str, Key] = {}
        self._fetched_at: float | None = None
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def find(self, kid: str) -> Key | None:
        """Look it up; ask the issuer where it is unknown or what is known is old."""
        old = self._fetched_at is None or time.monotonic() - self._fetched_at > self.MAX_AGE
        if old or kid not in self._keys:
            await self._renew(kid)
        if self._fetched_at is None:
            raise KeysUnavailable(self.issuer)
        return self._keys.get(kid)

    async def close(self) -> None:
        """Close the connections to the issuer."""
        await self._client.aclose()

    async def _renew(self, kid: str) -> None:
        known_since = self._fetched_at
        async with self._asking:
            if self._fetched_at != known_since and kid in self._keys:
                return  # somebody else asked while this one waited
            if time.monotonic() - self._asked_at < self.COOL_DOWN:
                return
            self._asked_at = time.monotonic()
            try:
                self._keys = await self._fetch()
                self._fetched_at = time.monotonic()
            except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
                log.warning("issuer.away", issuer=self.issuer, error=type(error).__name__, known_keys=len(self._keys))

    async def _fetch(self) -> dict[str, Key]:
        discovery = await self._json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if discovery["issuer"] != self.issuer:
            raise ValueError("the discovery document is another issuer's")
        address = str(discovery["jwks_uri"])
        if urlsplit(self.issuer).scheme == "https" and urlsplit(address).scheme != "https":
            raise ValueError("an https issuer has its keys at https")
        return usable_keys(await self._json(address))

    async def _json(self, url: str) -> dict[str, Any]:
        async with self._client.stream("GET", url, headers={"accept": "application/json"}) as response:
            response.raise_for_status()
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise ValueError("the answer is too large")
        found = httpx2.Response(200, content=bytes(body)).json()
        if not isinstance(found, dict):
            raise TypeError("not a JSON object")
        return found


def usable_keys(document: dict[str, Any]) -> dict[str, Key]:
    """Return the public signature keys of a key set by id; what we would not trust is left out."""
    keys: dict[str, Key] = {}
    for entry in document["keys"]:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or not entry.get("kid"):
            continue
        if entry.get("kty") not in {"EC", "RSA"} or (entry["kty"] == "EC" and entry.get("crv") != _CURVE):
            continue
        try:
            key = JWKRegistry.import_key({name: value for name, value in entry.items() if name != "d"})
        except (JoseError, ValueError, TypeError):
            continue
        if isinstance(key, RSAKey) and key.raw_value.key_size < _SMALLEST_RSA:
            continue
        if isinstance(key, ECKey | RSAKey):
            keys[str(entry["kid"])] = key
    return keys
