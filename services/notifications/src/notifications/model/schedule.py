"""When something that failed is tried again."""

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
MAIL_FIRST: Final = timedelta(seconds=2)
MAIL_MOST: Final = timedelta(hours=1)
GIVE_UP_MAIL: Final = timedelta(days=5)
"""How long a server's "try again later" for one message is believed (RFC 5321 section 4.5.4.1)."""


def next_attempt(attempts: int, now: datetime, chance: float) -> datetime | None:
    """Return when to try again after ``attempts`` failures; None: never, it is kept for redelivery.

    ``chance`` from 0 to 1 spreads what failed together.
    """
    if attempts > len(WAITS):
        return None
    wait = WAITS[attempts - 1]
    return now + wait * (1 + JITTER * (2 * chance - 1))


def throttled_until(retry_after: str | None, now: datetime, real_now: datetime) -> datetime | None:
    """Return until when a receiver wants to be left alone (RFC 9110 section 10.2.3); None where it does not say.

    A date is in real time, which may differ from the business time that is returned.
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST_THROTTLE)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return now + min(max(moment - real_now, timedelta()), LONGEST_THROTTLE)


def next_mail(attempts: int, now: datetime, chance: float) -> datetime:
    """Return when to try a message again; always, since what is owed stays owed."""
    wait = min(MAIL_MOST, MAIL_FIRST * float(2 ** min(attempts - 1, 20)))
    return now + wait * (0.5 + chance / 2)
