"""How often somebody may do what sends letters to addresses that may not be theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from common.clock import AMSTERDAM
from common.errors import Conflict

WINDOW: Final = timedelta(days=1)
APPLICATION, ADDRESS = "application", "address"
"""What is counted: applications of one applicant, changes of the address of one party."""


class TooManyByApplicant(Conflict):
    """No applicant may apply for more than {most} people within a day; the next application can come on {again}."""


class TooManyAddresses(Conflict):
    """A mail address changes at most {most} times within a day; it can be changed again on {again}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """A party that applies for other people; a person who applies for themselves is none."""

    by: str
    """A pseudonym: the client and the subject of its token."""
    is_desk: bool = False


def again_at(done: Sequence[datetime], most: int) -> datetime | None:
    """Return when it can be done again, from the moments at which it was within the window; None for now."""
    return None if len(done) < most else sorted(done)[len(done) - most] + WINDOW


def in_words(moment: datetime) -> str:
    """Write a moment for a person: the day and the time in Amsterdam, rounded up to the minute."""
    local = (moment + timedelta(minutes=1)).astimezone(AMSTERDAM)
    return f"{local:%Y-%m-%d at %H:%M}"
