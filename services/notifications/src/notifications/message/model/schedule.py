"""When a letter is tried for the first time, and when again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from notifications.message.model.letter_rules import WHILE_OPEN

MAIL_FIRST: Final = timedelta(seconds=2)
MAIL_MOST: Final = timedelta(hours=1)
GIVE_UP_MAIL: Final = timedelta(days=5)
"""How long a server's "try again later" for one message is believed (RFC 5321 section 4.5.4.1)."""

SETTLES: Final = timedelta(seconds=3)
"""How long a letter about an open vacancy waits: one that is posted by mistake is withdrawn at once."""


def first_mail(template: str, now: datetime) -> datetime:
    """Return when to try a new message."""
    return now + SETTLES if template in WHILE_OPEN else now


def next_mail(attempts: int, now: datetime, chance: float) -> datetime:
    """Return when to try a message again; there is no last attempt."""
    wait = min(MAIL_MOST, MAIL_FIRST * float(2 ** min(attempts - 1, 20)))
    return now + wait * (0.5 + chance / 2)
