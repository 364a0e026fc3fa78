"""Letters and webhooks are independent: a letter that blocks its event loop leaves deliveries alone, and ends."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from common.service import LoopContext
from notifications.endpoint import tables
from notifications.endpoint.usecases.delivering import Deliverer
from notifications.message import deadlines
from notifications.message.usecases import mailing
from tests.integration.notifications.at_work import Notifications, Receiver, webhooks
from tests.integration.notifications.raw_receivers import listening, owe
from tests.integration.notifications.test_poisoned_queues import _letters
from tests.support.plumbing import working
from tests.support.sample import eventually


class Blocking:
    """A letter whose composing holds its thread until the test lets go."""

    def __init__(self) -> None:
        self.held, self.free, self.threads = threading.Event(), threading.Event(), set[int]()

    def __call__(self, *_: Any) -> Any:
        self.threads.add(threading.get_ident())
        self.held.set()
        assert self.free.wait(60)
        raise ZeroDivisionError


def _context(at_work: Notifications) -> LoopContext:
    return LoopContext(database=at_work.database, settings=at_work.settings)


async def test_deliveries_arrive_while_a_letter_blocks_its_event_loop(
    at_work: Notifications, partner: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red with one event loop for both: nothing was delivered until the letter was done."""
    blocking = Blocking()
    monkeypatch.setattr(mailing, "mail_of", blocking)
    await _letters(at_work, 1)
    async with webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)
        async with working(deadlines.send_mail(_context(at_work)), Deliverer(at_work.database, channel).run()) as (
            sending,
            _,
        ):

            async def is_held() -> bool:
                return blocking.held.is_set()

            await eventually(is_held)
            await owe(at_work, endpoint, subjects=10)

            async def delivered() -> bool:
                return {row.status for row in await at_work.rows(tables.deliveries)} == {"delivered"}

            await eventually(delivered)
            assert threading.get_ident() not in blocking.threads
            assert not sending.done()
            blocking.free.set()


async def test_letters_leave_from_their_thread_as_soon_as_planned_and_it_stops_on_request(
    at_work: Notifications,
) -> None:
    context = _context(at_work)
    sending = asyncio.ensure_future(deadlines.send_mail(context))
    await _letters(at_work, 3)

    async def sent() -> bool:
        return set((await at_work.messages()).values()) == {"sent"}

    await eventually(sent)
    assert at_work.database.committed.is_set(), "the relay of the process hears of what a letter publishes"
    sending.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait({sending})
    assert sending.cancelled()
    assert at_work.database.on_wakeup == []


async def test_an_exception_in_a_loops_thread_is_raised_where_it_is_supervised(
    at_work: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(deadlines, "channel_of", none)
    with pytest.raises(ZeroDivisionError):
        await deadlines.send_mail(_context(at_work))
