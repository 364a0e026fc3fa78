"""Whoever is told to end while it waits for news of the PostgreSQL log ends, also where the news comes just then."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from common.messaging.log import Reader
from common.messaging.pglog.assignment import PartitionAssignment

HOUR = timedelta(hours=1)


def holding(group: str | None) -> PartitionAssignment:
    """It connects when it joins, and here it never does."""
    reader = Reader(group, from_start=True, session=HOUR, patience=HOUR)
    return PartitionAssignment("postgresql://nobody@127.0.0.1:1/nowhere", {}, reader)


@pytest.mark.parametrize("turns", range(4))
async def test_a_wait_for_news_that_is_cancelled_as_the_news_comes_ends(turns: int) -> None:
    """Or so many turns of the loop later. Seen red with ``asyncio.wait_for`` on Python 3.11, up to two turns later: it
    forgot the cancellation."""
    alone = holding(None)
    waits = asyncio.create_task(alone.wait_for_wakeup(3600))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    alone.wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    still_waited = waits.cancel()
    await asyncio.wait({waits})
    assert waits.cancelled() == still_waited


async def test_a_member_that_closes_as_its_group_stirs_is_gone() -> None:
    """Seen red with ``asyncio.wait_for`` on Python 3.11: the keeper of the membership went on, and ``close`` waited
    for it for ever."""
    member = holding("group")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    member._group_changed.set()
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await member.close()
