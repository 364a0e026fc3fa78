"""Move the clock."""

from __future__ import annotations

from datetime import timedelta

from common.persistence.transaction import Tx
from common.service.housekeeping import set_clock
from events.flow import ClockMoved


async def move_clock(tx: Tx, offset: timedelta) -> int:
    """Set business time apart from real time by ``offset``; every service follows. Returns the seconds."""
    seconds = int(offset.total_seconds())
    await set_clock(tx, seconds)
    tx.publish(ClockMoved(offset_seconds=seconds, moved_at=tx.now))
    return seconds
