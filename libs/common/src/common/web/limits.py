"""Rate limits per user, client and address; counted per process, shown in ``RateLimit``."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import HTTPConnection

from common.runtime.settings import SettingsError
from common.web.problems import HttpProblem

_USERS_OF_A_CLIENT: Final = 10
"""So many users at their limit may one client serve, where nothing else is set."""
_A_NETWORK: Final = 64
"""Bits: whoever has one IPv6 address has as many as they like beside it."""


class RateLimit:
    """A limit such as ``600/minute`` for each user of a client and each address without a token."""

    def __init__(self, limit: str, *, per_client: str | None = None) -> None:
        """Read the limits; ``per_client`` is for all users of one client together.

        Raises:
            SettingsError: one is not a limit.
        """
        self._user = self._address = _parsed("HTO_RATE_LIMIT", limit)
        self._client = (
            _parsed("HTO_RATE_LIMIT_PER_CLIENT", per_client)
            if per_client
            else type(self._user)(self._user.amount * _USERS_OF_A_CLIENT, self._user.multiples)
        )
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def count(self, client: str, user: str) -> dict[str, str]:
        """Count one request of a user and return the fields that show what the user has left.

        Raises:
            HttpProblem: 429, the user asks too often, or all users of the client together do.
        """
        # The user first: what one asks beyond their own limit takes nothing from the others of the client.
        fields = await self._hit("default", self._user, f"user {user}")
        if not await self._limiter.hit(self._client, "client", client):
            raise _too_often(self._client, await self._standing("client", self._client, client))
        return fields

    async def count_address(self, address: str) -> dict[str, str]:
        """Count one request without a caller: a public one, or one whose token was refused.

        Raises:
            HttpProblem: 429, this address asks too often.
        """
        return await self._hit("default", self._address, f"address {address}")

    async def _hit(self, policy: str, limit: RateLimitItem, key: str) -> dict[str, str]:
        within = await self._limiter.hit(limit, policy, key)
        standing = await self._standing(policy, limit, key)
        if not within:
            raise _too_often(limit, standing)
        return standing.fields

    async def _standing(self, policy: str, limit: RateLimitItem, key: str) -> _Standing:
        window = await self._limiter.get_window_stats(limit, policy, key)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        fields = {
            "RateLimit-Policy": f'"{policy}";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"{policy}";r={window.remaining};t={wait}',
        }
        return _Standing(wait, fields)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How far somebody is with a limit: seconds until it begins anew, and the fields that say so."""

    wait: int
    fields: dict[str, str]


class TooOften(HttpProblem, status=429):
    """This client may ask {times} times per {seconds} seconds."""


def _too_often(limit: RateLimitItem, standing: _Standing) -> HttpProblem:
    headers = {"Retry-After": str(standing.wait), **standing.fields}
    return TooOften(headers=headers, times=limit.amount, seconds=limit.get_expiry())


def address_of(connection: HTTPConnection) -> str:
    """Return the address that a limit counts: an IPv4 address, or the network of an IPv6 one.

    It is the peer's, or what a trusted proxy said (``HTO_TRUSTED_PROXIES``); any other forwarded header is ignored.
    """
    if connection.client is None:
        return "unknown"
    try:
        address = ip_address(connection.client.host)
    except ValueError:
        return connection.client.host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, _A_NETWORK), strict=False))
    return str(address)


def _parsed(variable: str, limit: str) -> RateLimitItem:
    try:
        return parse(limit)
    except ValueError:
        raise SettingsError({variable: "must be a limit such as 600/minute"}) from None
