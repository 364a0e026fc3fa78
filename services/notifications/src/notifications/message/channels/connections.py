"""Connections to the mail server, each used for one letter after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import structlog

from common.runtime.backoff import backoff
from notifications.message.channels.mail import MailChannel, NoMailServer, RefusedForGood, RefusedForNow, Sender

log = structlog.get_logger()


class ServerAway(NoMailServer):
    """No connection to the mail server could be opened."""


class Connections:
    """Open ways out, each used for one message after the other for as long as it holds."""

    def __init__(self, channel: MailChannel) -> None:
        self._channel = channel
        self._idle: list[tuple[Sender, AsyncExitStack]] = []
        self._failures = 0
        self._closed_until = 0.0

    @property
    def may_open(self) -> bool:
        """Whether it is time to try the server; one that is away is left alone for a while."""
        return asyncio.get_running_loop().time() >= self._closed_until

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Sender]:
        """Use one connection; it is kept unless it broke."""
        sender, stack = await self._kept() or await self._open()
        try:
            yield sender
        except (RefusedForGood, RefusedForNow):
            self._idle.append((sender, stack))
            raise
        except BaseException as error:
            with suppress(Exception):
                await stack.__aexit__(type(error), error, error.__traceback__)
            raise
        self._idle.append((sender, stack))

    async def close(self) -> None:
        """Close the idle ones."""
        while self._idle:  # one by one: a task that is cancelled here leaves the others to the next
            _, stack = self._idle.pop()
            with suppress(NoMailServer, OSError):
                await stack.aclose()

    async def _kept(self) -> tuple[Sender, AsyncExitStack] | None:
        """Return one that was kept and is of use; what the server closed meanwhile is no letter's failure."""
        while self._idle:
            sender, stack = self._idle.pop()
            try:
                if await sender.is_open():
                    return sender, stack
            except BaseException:
                await _put_away(stack)
                raise
            await _put_away(stack)
        return None

    async def _open(self) -> tuple[Sender, AsyncExitStack]:
        stack = AsyncExitStack()
        try:
            sender = await stack.enter_async_context(self._channel.open())
        except NoMailServer as error:
            self._failures += 1
            self._closed_until = asyncio.get_running_loop().time() + backoff(self._failures, first=0.5, most=15)
            log.warning("mail.server-away", reason=str(error), failures=self._failures)
            raise ServerAway("mail server away") from error
        self._failures = 0
        return sender, stack


async def _put_away(stack: AsyncExitStack) -> None:
    broken = NoMailServer("of no use")  # so that nothing more is said on it
    with suppress(NoMailServer, OSError):
        await stack.__aexit__(NoMailServer, broken, None)
