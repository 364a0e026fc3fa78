"""The loops of notifications end when they are told to, once, also where a library swallows that."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.service import LoopContext
from notifications.endpoint import deadlines
from notifications.endpoint.usecases import fan_out
from notifications.message import deadlines as message_deadlines
from notifications.message.usecases import retention
from tests.integration.notifications.at_work import Notifications
from tests.integration.notifications.message.test_letters_apart import _context


class _Swallows:
    """In the middle of its work; as ``wait_for`` before Python 3.12 may do, it swallows the cancellation."""

    def __init__(self, answer: int) -> None:
        self.entered, self.answer = asyncio.Event(), answer

    async def __call__(self, *_: Any) -> int:
        self.entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return self.answer
        return self.answer


@pytest.mark.parametrize("found", [0, 1])
@pytest.mark.parametrize(
    ("loop", "module", "inner"),
    [
        (deadlines.enqueue_deliveries, fan_out, "enqueue_new"),
        (message_deadlines.clear_folder, retention, "erased"),
        (message_deadlines.clear_folder, retention, "clear"),
    ],
)
async def test_a_loop_ends_where_a_library_swallowed_its_cancellation(
    at_work: Notifications, monkeypatch: pytest.MonkeyPatch, loop: Any, module: Any, inner: str, found: int
) -> None:
    """Seen red for each without its look whether it was told to stop: it looked into the folder for ever."""
    swallows = _Swallows(found)
    monkeypatch.setattr(module, inner, swallows)
    monkeypatch.setattr(deadlines, "POLL", 0.01)
    monkeypatch.setattr(message_deadlines, "LOOK", 0.01)
    task = asyncio.ensure_future(loop(_context(at_work)))
    async with asyncio.timeout(10):
        await swallows.entered.wait()
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=5)
    for _ in range(3):  # where it did not end
        task.cancel()
        await asyncio.sleep(0)
    assert done


async def test_where_no_mail_goes_into_a_folder_the_loop_that_clears_it_waits_and_ends(at_work: Notifications) -> None:
    settings = at_work.settings.model_copy(update={"mail_url": "smtp://localhost:2525"})
    context = LoopContext(database=at_work.database, settings=settings)
    task = asyncio.ensure_future(message_deadlines.clear_folder(context))
    done, _ = await asyncio.wait({task}, timeout=0.05)
    assert not done
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=5)
    assert done
