"""Partners that answer nonsense, and one that goes away and comes back: raw sockets, and what is owed to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from common.persistence.transaction import uuid7
from notifications.endpoint.channels.webhooks import Webhooks
from notifications.endpoint.model.endpoint import Endpoint
from notifications.endpoint.usecases import fan_out
from notifications.endpoint.usecases.asking import Questions
from notifications.feed import store as feed
from tests.integration.notifications.at_work import Notifications

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_ALLOWS: Final = b"HTTP/1.1 200 OK\r\nWebHook-Allowed-Origin: *\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def raw(behaviour: Behaviour, *, allows: bool = True) -> AsyncIterator[str]:
    """A partner that allows deliveries, if it does, and answers all else with ``behaviour``; its ``host:port``."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            if allows and head.startswith(b"OPTIONS"):
                writer.write(_ALLOWS)
                await writer.drain()
                head = await reader.readuntil(b"\r\n\r\n")
            await behaviour(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


async def _for_ever(writer: asyncio.StreamWriter, begin: bytes, again: bytes, pause: float = 0.0) -> None:
    writer.write(begin)
    while not writer.is_closing():
        writer.write(again)
        await writer.drain()
        await asyncio.sleep(pause)


async def endless_body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _for_ever(
        writer, b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"
    )


async def endless_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _for_ever(writer, b"HTTP/1.1 500 No\r\n", b"x-more: " + b"x" * 8000 + b"\r\n")


async def endless_header_line(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _for_ever(writer, b"HTTP/1.1 500 No\r\nx-more: ", b"x" * 65536)


async def flood_of_1xx(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _for_ever(writer, b"", b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 100)


async def slow_drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _for_ever(writer, b"HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n", b"x", pause=0.05)


async def silence(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await writer.wait_closed()


async def hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def says(answer: bytes) -> Behaviour:
    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return say


NONSENSE: Final[Mapping[str, Behaviour]] = {
    "a body without end": endless_body,
    "headers without end": endless_headers,
    "a header line without end": endless_header_line,
    "early answers without end": flood_of_1xx,
    "an answer that drips": slow_drip,
    "silence": silence,
    "it hangs up": hangs_up,
    "no HTTP": says(b"\x00\xff\x15\x03\x01 SSH-2.0-x\r\n\r\n"),
    "status 999": says(b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"),
    "status 1000": says(b"HTTP/1.1 1000 Odd\r\nContent-Length: 0\r\n\r\n"),
    "status -1": says(b"HTTP/1.1 -1 Odd\r\nContent-Length: 0\r\n\r\n"),
    "a body that is too short": says(b"HTTP/1.1 500 No\r\nContent-Length: 50\r\n\r\nx"),
    "two lengths": says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
    "a wait until after the calendar": says(
        b"HTTP/1.1 503 No\r\nRetry-After: Wed, 21 Oct 99999999999999999999 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n"
    ),
    "a wait that is no text": says(b"HTTP/1.1 429 No\r\nRetry-After: \xff\xfe\xb2\r\nContent-Length: 0\r\n\r\n"),
    "a redirect to itself": says(b"HTTP/1.1 307 Go\r\nLocation: /hook\r\nContent-Length: 0\r\n\r\n"),
    "another protocol": says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
}


async def listening(at_work: Notifications, channel: Webhooks, address: str) -> Endpoint:
    """An endpoint at an address, that was asked and has allowed deliveries."""
    endpoint = await at_work.register(uuid7(), f"http://{address}/hook")
    await Questions(at_work.database, channel).run_due()
    assert (await at_work.endpoint(endpoint)).status == "enabled"
    return endpoint


async def owe(at_work: Notifications, endpoint: Endpoint, *, subjects: int, each: int = 1, first: int = 0) -> None:
    """Owe an endpoint events about so many subjects, as following the log does."""
    async with at_work.database.begin(actor="test") as tx:
        rows: list[dict[str, Any]] = [
            {
                "event_id": (id_ := uuid7()),
                "event": "contract.signed",
                "subject": f"contract/{subject}",
                "recorded_at": tx.now,
                "owners": [endpoint.owner_id],
                "body": json.dumps({"id": str(id_), "subject": f"contract/{subject}", "number": number}),
            }
            for number in range(each)
            for subject in range(first, first + subjects)
        ]
        await feed.append(tx, rows)
    while await fan_out.enqueue_new(at_work.database):
        pass
