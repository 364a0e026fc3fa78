"""How often one client may ask: counted per process, told in ``RateLimit-Policy`` and ``RateLimit``."""

from __future__ import annotations

import math
import time
from http import HTTPStatus
from typing import Final

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from common.http.problems import HttpProblem
from common.settings import SettingsError

_POLICY: Final = "default"


class RateLimit:
    """A limit such as ``600/minute``, per client."""

    def __init__(self, limit: str) -> None:
        """Read the limit.

        Raises:
            SettingsError: it is not a limit.
        """
        try:
            self._limit = parse(limit)
        except ValueError:
            raise SettingsError({"HTO_RATE_LIMIT": "must be a limit such as 600/minute"}) from None
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._policy = f'"{_POLICY}";q={self._limit.amount};w={self._limit.get_expiry()}'

    async def count(self, client: str) -> dict[str, str]:
        """Count one request and return the fields that tell the client where it stands.

        Raises:
            HttpProblem: 429, it asks too often.
        """
        within = await self._limiter.hit(self._limit, client)
        window = await self._limiter.get_window_stats(self._limit, client)
        wait = max(1, math.ceil(window.reset_time - time.time()))
        fields = {
            "RateLimit-Policy": self._policy,
            "RateLimit": f'"{_POLICY}";r={window.remaining};t={wait}',
        }
        if not within:
            raise HttpProblem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"This client may ask {self._limit.amount} times per {self._limit.get_expiry()} seconds.",
                headers={"Retry-After": str(wait), **fields},
            )
        return fields
