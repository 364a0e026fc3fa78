"""How long to wait before trying again: exponential, jittered, bounded."""

from __future__ import annotations

import random

_jitter = random.SystemRandom()


def backoff(attempt: int, *, first: float = 0.05, most: float = 10.0) -> float:
    """Return seconds to wait after the ``attempt``-th failure (from 1): half fixed, half chance."""
    ceiling = min(most, first * 2.0 ** min(attempt - 1, 30))
    return ceiling / 2 + _jitter.uniform(0, ceiling / 2)
