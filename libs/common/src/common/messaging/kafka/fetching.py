"""How long a broker may keep a fetch open: long while nothing comes, short while something does."""

from __future__ import annotations

import time
from typing import Any, Final

from aiokafka.consumer.fetcher import Fetcher

BUSY_MS: Final = 50
"""While records come. aiokafka has one fetch under way per broker: while it waits for partitions that have nothing,
those that have something are not asked for."""
IDLE_MS: Final = 1000
"""While nothing comes. What then comes ends the fetch at once; only what follows in the same partition could wait."""
QUIET: Final = 2.0
"""Seconds without a record after which nothing comes."""


class AdaptiveFetcher(Fetcher):  # type: ignore[misc] # aiokafka has no types
    """A fetcher that asks an idle broker once a second, not twenty times: the same record comes as soon."""

    _last_record = float("-inf")

    @classmethod
    def take_over(cls, consumer: Any) -> None:
        """Have a consumer that was started, and reads nothing yet, fetch like this."""
        consumer._fetcher.__class__ = cls  # noqa: SLF001 - aiokafka makes its fetcher itself

    @property
    def _fetch_max_wait_ms(self) -> int:
        now = time.monotonic()
        if self._records:
            # Also at the moment between the answer that ended the quiet and the next fetch.
            self._last_record = now
        return BUSY_MS if now - self._last_record < QUIET else IDLE_MS
