"""When a letter that did not go out is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

MAIL_FIRST: Final = timedelta(seconds=2)
MAIL_MOST: Final = timedelta(hours=1)
GIVE_UP_MAIL: Final = timedelta(days=5)
"""How long a server's "try again later" for one message is believed (RFC 5321 section 4.5.4.1)."""


def next_mail(attempts: int, now: datetime, chance: float) -> datetime:
    """Return when to try a message again; there is no last attempt."""
    wait = min(MAIL_MOST, MAIL_FIRST * float(2 ** min(attempts - 1, 20)))
    return now + wait * (0.5 + chance / 2)
