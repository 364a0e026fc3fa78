"""What happens to a connection is no failure of a delivery: it was closed, it is slow to end, its name is not found."""

from __future__ import annotations

import asyncio
import importlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
from starlette.responses import Response

from notifications.endpoint.channels import webhooks as channel_module
from notifications.endpoint.channels.webhooks import Answer, Webhooks
from tests.integration.notifications.at_work import Got, Receiver, webhooks
from tests.integration.notifications.raw_receivers import NONSENSE, raw
from tests.support.sample import eventually

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
Serve = Callable[[int, asyncio.StreamWriter], Awaitable[None]]
"""Answers the n-th request on a connection."""


class Partner:
    """A receiver that counts its connections and requests."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.requests: list[tuple[int, bytes]] = []
        """Of each request the number of its connection, and its body."""
        self.writers: list[asyncio.StreamWriter] = []
        self.address = ""

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        connection, number = len(self.writers), 0
        with suppress(OSError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
                self.requests.append((connection, await reader.readexactly(length)))
                number += 1
                await self._serve(number, writer)


@asynccontextmanager
async def partner_that(serve: Serve) -> AsyncIterator[Partner]:
    partner = Partner(serve)
    server = await asyncio.start_server(partner.connected, "127.0.0.1", 0)
    partner.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield partner
    finally:
        server.close()
        for writer in partner.writers:
            writer.transport.abort()


async def deliver(channel: Webhooks, address: str, *bodies: bytes) -> Sequence[Answer]:
    """One after the other, as deliveries of one subject."""
    return [
        await channel.deliver(f"http://{address}/hook", event_id=f"{n}", body=body, secrets=["whsec_c2VjcmV0"])
        for n, body in enumerate(bodies)
    ]


async def _close_at_the_next_request(number: int, writer: asyncio.StreamWriter) -> None:
    if number == 1:
        writer.write(OK)
    else:
        writer.close()


async def _reset_at_the_next_request(number: int, writer: asyncio.StreamWriter) -> None:
    if number == 1:
        writer.write(OK)
    else:
        writer.transport.abort()


async def _complain_at_the_next_request(number: int, writer: asyncio.StreamWriter) -> None:
    if number == 1:
        writer.write(OK)
    else:
        writer.write(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        writer.close()


async def _close_after_the_answer(number: int, writer: asyncio.StreamWriter) -> None:
    del number
    writer.write(OK)
    writer.close()


@pytest.mark.parametrize(
    "serve",
    [
        _close_at_the_next_request,
        _reset_at_the_next_request,
        _complain_at_the_next_request,
        _close_after_the_answer,
    ],
)
async def test_a_kept_connection_that_its_receiver_closes_costs_no_delivery_an_attempt(serve: Serve) -> None:
    """Seen red, but for the last, with no second try on a connection of its own."""
    async with partner_that(serve) as partner, webhooks(partner.address) as channel:
        answers = await deliver(channel, partner.address, b"{1}", b"{2}", b"{3}")
    assert [(answer.status, answer.failure) for answer in answers] == [(204, None)] * 3
    answered = [body for n, (connection, body) in enumerate(partner.requests) if _is_first(partner, n, connection)]
    assert answered == [b"{1}", b"{2}", b"{3}"]


def _is_first(partner: Partner, place: int, connection: int) -> bool:
    return all(connection != earlier for earlier, _ in partner.requests[:place])


async def test_a_request_looks_at_few_of_the_connections_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen red with each idle connection asked at each request whether it was closed: 3690 looks at 30 of them."""
    looks = 0
    backend: Any = importlib.import_module("httpcore2._backends.anyio")
    real = backend.is_socket_readable

    def look(*sock: Any) -> bool:
        nonlocal looks
        looks += 1
        return bool(real(*sock))

    async def take(number: int, writer: asyncio.StreamWriter) -> None:
        del number
        writer.write(OK)

    monkeypatch.setattr(backend, "is_socket_readable", look)
    async with AsyncExitStack() as stack:
        partners = [await stack.enter_async_context(partner_that(take)) for _ in range(30)]
        channel = await stack.enter_async_context(webhooks(*(partner.address for partner in partners)))
        for partner in partners:
            answers = await deliver(channel, partner.address, *[b"{}"] * 4)
            assert {answer.status for answer in answers} == {204}
    assert {len(partner.writers) for partner in partners} == {1}
    assert looks < 10 * len(partners)


async def test_a_new_connection_that_ends_without_an_answer_is_a_failure_and_not_tried_again() -> None:
    async def hang_up(number: int, writer: asyncio.StreamWriter) -> None:
        del number
        writer.close()

    async with partner_that(hang_up) as partner, webhooks(partner.address) as channel:
        (answer,) = await deliver(channel, partner.address, b"{1}")
    assert not answer.accepted
    assert answer.failure
    assert len(partner.requests) == 1


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 100000\r\n\r\nx",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nxx",
        b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x00",
    ],
)
@pytest.mark.parametrize("closes", [True, False])
async def test_a_delivery_that_was_accepted_stays_accepted_whatever_the_rest_of_the_answer_does(
    rest: bytes,
    closes: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seen red: an answer that said yes and did not end was a failure, and its event came again."""
    monkeypatch.setattr(channel_module, "REST_WITHIN", 0.1, raising=False)
    monkeypatch.setattr(channel_module, "TIMEOUT", 1.0)

    async def say_yes(number: int, writer: asyncio.StreamWriter) -> None:
        del number
        writer.write(b"HTTP/1.1 200 OK\r\n" + rest)
        if closes:
            writer.close()

    async with partner_that(say_yes) as partner, webhooks(partner.address) as channel:
        answers = await deliver(channel, partner.address, b"{1}", b"{2}")
    assert [answer.accepted for answer in answers] == [True, True]
    assert [body for _, body in partner.requests] == [b"{1}", b"{2}"]


async def test_the_time_in_which_this_process_stood_still_is_not_the_receivers(
    partner: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red with a limit that goes by the clock: every request that was under way failed."""
    monkeypatch.setattr(channel_module, "TIMEOUT", 0.6)

    async def answer(got: Got) -> Response:
        del got
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().call_soon(time.sleep, 0.8)
        await asyncio.sleep(0.05)
        return Response(status_code=204)

    partner.answer = answer
    async with webhooks(partner.address) as channel:
        answers = await deliver(channel, partner.address, b"{}")
    assert [answer.status for answer in answers] == [204]


async def test_a_receiver_that_is_silent_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "TIMEOUT", 0.3)
    async with raw(NONSENSE["silence"]) as address, webhooks(address) as channel:
        (answer,) = await deliver(channel, address, b"{}")
    assert answer.failure == "no answer in time"


async def test_names_whose_servers_are_silent_hold_up_no_other(
    partner: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red with the few threads that the event loop has of its own; a silent name is looked up once at a time."""
    answers_at_last = threading.Event()
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        if host.endswith(".silent.example"):
            answers_at_last.wait(20)
            raise socket.gaierror
        return real("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(channel_module, "TIMEOUT", 5.0)
    port = partner.address.partition(":")[2]
    good = f"good.example:{port}"
    silent = [f"{n % 40}.silent.example:1" for n in range(120)]
    async with webhooks(good, *silent) as channel:
        waiting = [asyncio.create_task(deliver(channel, name, b"{}")) for name in silent]

        async def all_are_looked_up() -> bool:
            return len(asked) >= len({name.partition(":")[0] for name in silent})

        await eventually(all_are_looked_up)
        (answer,) = await deliver(channel, good, b"{}")
        assert (answer.status, any(task.done() for task in waiting)) == (204, False)
        answers_at_last.set()
        failed = await asyncio.gather(*waiting)
    assert {answer.failure for answers in failed for answer in answers} == {"name not found"}
    assert sorted(asked) == sorted([*{name.partition(":")[0] for name in silent}, "good.example"])
