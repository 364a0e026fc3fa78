"""Business time, moved for all five services at once."""

from __future__ import annotations

import asyncio
import math
import re
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import TYPE_CHECKING, Final

from common.clock import AMSTERDAM
from hto.services import NAMES

if TYPE_CHECKING:
    from hto.client import Acting

PATIENCE: Final = 120.0
"""The order to move travels as an event, behind whatever is still to be handled."""
FOLLOWS_WITHIN: Final = 0.2
"""A worker hears of it at the commit that moved it; an api says itself when it has followed."""
_UNITS: Final = {"w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
_SPAN: Final = re.compile(r"(?P<sign>[+-]?)(?P<parts>(?:\d+[wdhms])+)")


_LONGEST: Final = 10_000 * _UNITS["w"]


class ClocksDiffer(Exception):
    """Some services did not follow the clock."""


def span(text: str) -> timedelta:
    """Read a length of time such as ``15d``, ``2w``, ``1d12h`` or ``-30m``.

    Raises:
        ValueError: it is none.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(f"{text!r} is no length of time: write 15d, 2w, 6h, 30m, 45s, or several such as 1d12h")
    parts = re.findall(r"(\d{1,18})([wdhms])", found["parts"])
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if seconds > _LONGEST:
        raise ValueError(f"{text!r} is longer than {_LONGEST // _UNITS['w']} weeks")
    return timedelta(seconds=-seconds if found["sign"] == "-" else seconds)


def moment(text: str) -> datetime:
    """Read a moment: ``2026-09-01`` (midnight in Amsterdam) or ``2026-09-01T08:30`` (there, unless it has an offset).

    Raises:
        ValueError: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=AMSTERDAM)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no moment: write 2026-09-01, 2026-09-01T08:30 or now") from None


def morning(day: date, hour: int = 7) -> datetime:
    """Return that hour of a day in Amsterdam."""
    return datetime.combine(day, clock_time(hour), AMSTERDAM)


class BusinessClock:
    """The clock that all services follow, moved by an operator."""

    def __init__(self, operator: Acting) -> None:
        """``operator`` may write the clock."""
        self._operator = operator
        self.offset = timedelta()

    async def read(self) -> datetime:
        """Ask what time it is."""
        clock = await self._operator.get("/operations/v1/clocks/programme")
        self.offset = timedelta(seconds=clock["offsetSeconds"])
        return datetime.fromisoformat(clock["nowAt"])

    def now(self) -> datetime:
        """Return business time by what was last read or set."""
        return datetime.now(UTC) + self.offset

    async def set(self, offset: timedelta) -> None:
        """Set how far business time is from real time, and wait until every service has followed.

        Raises:
            ClocksDiffer: some did not.
        """
        # Rounded up: the moment that is asked for has come.
        seconds = math.ceil(offset.total_seconds())
        await self._operator.post("/operations/v1/clocks/programme/_advance", {"offsetSeconds": seconds})
        self.offset = timedelta(seconds=seconds)
        until = time.monotonic() + PATIENCE
        waiting = set(NAMES)
        while waiting:
            for name in sorted(waiting):
                if (await self._operator.client.state(name)).get("clockOffsetSeconds") == seconds:
                    waiting.discard(name)
            if waiting and time.monotonic() > until:
                raise ClocksDiffer(f"{', '.join(sorted(waiting))} did not follow the clock within {PATIENCE:.0f} s.")
            await asyncio.sleep(FOLLOWS_WITHIN / 4 if waiting else FOLLOWS_WITHIN)

    async def advance(self, by: timedelta) -> None:
        """Move it on, or back."""
        await self.read()
        await self.set(self.offset + by)

    async def to(self, when: datetime) -> None:
        """Move it to a moment; it goes on from there."""
        await self.set(when - datetime.now(UTC))
