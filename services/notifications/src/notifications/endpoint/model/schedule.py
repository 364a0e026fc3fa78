"""When an endpoint or a delivery that failed is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between a webhook's attempts, of which there is one more: the last is three days after the first."""
JITTER: Final = 0.1
LONGEST_THROTTLE: Final = timedelta(hours=24)
PROBE_FIRST: Final = timedelta(seconds=1)
"""After its first probe that failed. The first probe follows the first failure at once: it may have been that one event
that the endpoint did not take."""
PROBE_SOON: Final = timedelta(seconds=5)
"""Between the probes of the first hour: most receivers that go away are restarted, and are back within it."""
PROBE: Final = timedelta(seconds=8)
"""Between probes after that: who comes back gets everything within ten seconds, however long it was away."""
PROBE_SOON_FOR: Final = timedelta(hours=1)
_LONGEST_HEADER: Final = 64
"""Characters; the longest form of a date has 33."""


def next_attempt(attempts: int, now: datetime, chance: float) -> datetime | None:
    """Return when to try again after ``attempts`` failures; None: never, it is kept for redelivery.

    ``chance`` from 0 to 1 spreads what failed together.
    """
    if attempts > len(WAITS):
        return None
    wait = WAITS[attempts - 1]
    return now + wait * (1 + JITTER * (2 * chance - 1))


def next_probe(probes: int, since: datetime, now: datetime, chance: float) -> datetime:
    """Return when an endpoint that fails ``since`` a moment is probed next, after so many probes that failed."""
    most = PROBE_SOON if now - since < PROBE_SOON_FOR else PROBE
    wait = min(most, PROBE_FIRST * float(2 ** min(probes - 1, 10))) if probes else timedelta()
    return now + wait * (1 + JITTER * (2 * chance - 1))


def throttled_until(retry_after: str | None, now: datetime, real_now: datetime) -> datetime | None:
    """Return until when a receiver asks for patience (RFC 9110 section 10.2.3), a day at most; None where it does not.

    A header that cannot be read is no header: it is written by a stranger. A date is in real time, which may differ
    from the business time that is returned.
    """
    wait = _seconds_or_date(retry_after.strip(), real_now) if retry_after else None
    return None if wait is None else now + min(max(wait, timedelta()), LONGEST_THROTTLE)


def _seconds_or_date(text: str, real_now: datetime) -> timedelta | None:
    if not text.isascii() or len(text) > _LONGEST_HEADER:
        return None
    if text.isdigit():
        # More digits than a day has seconds are a day: the number itself may be too large for anything.
        return timedelta(seconds=int(text.lstrip("0")[:9] or "0"))
    try:
        moment = parsedate_to_datetime(text)
        return moment - real_now if moment.tzinfo is not None else None
    except (ValueError, OverflowError, TypeError, IndexError):
        # The library's parser raises each of these, depending on what it trips over.
        return None
