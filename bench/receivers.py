"""Partners in a process of their own, each at a port of its own: what they got, and when.

    python -m bench.receivers

It is told in one line of JSON on its input how many there are of each kind, answers with a line that has their ports,
and when its input ends with a line for each request that it took. Plain sockets: a server of a framework would take
more of the machine than the worker that is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from common.runtime import event_loop

ANSWERS_IN: Final = 0.02
"""Seconds that a healthy one takes."""
_OK: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
_ALLOWS: Final = b"HTTP/1.1 200 OK\r\nWebHook-Allowed-Origin: *\r\nContent-Length: 0\r\n\r\n"

Answer = Callable[[asyncio.StreamWriter], Awaitable[bool]]
"""Answers one request; whether the connection stays open."""


def _says(answer: bytes, *, stays: bool = True) -> Answer:
    async def say(writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(ANSWERS_IN)
        writer.write(answer)
        return stays

    return say


def _goes_on(begin: bytes, again: bytes, pause: float) -> Answer:
    async def go_on(writer: asyncio.StreamWriter) -> bool:
        writer.write(begin)
        while not writer.is_closing():
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause)
        return False

    return go_on


async def _hang(_: asyncio.StreamWriter) -> bool:
    await asyncio.sleep(3600)
    return False


KINDS: Final[Mapping[str, Answer]] = {
    "healthy": _says(_OK),
    "closing": _says(_OK, stays=False),
    "hang": _hang,
    "error": _says(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
    "throttle": _says(b"HTTP/1.1 429 No\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"),
    "drip": _goes_on(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x", 1.0),
    "endless": _goes_on(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n%b\r\n" % (b"x" * 4096), 0),
    "redirect": _says(b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
}
"""``closing`` are healthy as well: they close each connection right after their answer, without saying so."""


class Partners:
    """All partners of this process."""

    def __init__(self) -> None:
        """Nothing came yet."""
        self.got: list[tuple[float, int, bytes]] = []
        self._servers: list[asyncio.Server] = []

    async def open(self, kind: str) -> int:
        """Open one more; return its port."""
        answer = KINDS[kind]
        port = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._request(port, reader, writer, answer):
                    pass
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self._servers.append(server)
        port = int(server.sockets[0].getsockname()[1])
        return port

    async def _request(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer
    ) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        came = time.time()
        if head.startswith(b"OPTIONS"):
            writer.write(_ALLOWS)
            return True
        length = head.lower().partition(b"content-length:")[2].partition(b"\r")[0]
        self.got.append((came, port, await reader.readexactly(int(length))))
        return await answer(writer)


async def main() -> None:
    """Be the partners until the input ends."""
    loop, told = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    wanted: Mapping[str, int] = json.loads(await told.readline())
    partners = Partners()
    ports = {kind: [await partners.open(kind) for _ in range(number)] for kind, number in wanted.items()}
    print(json.dumps(ports), flush=True)
    await told.read()
    for came, port, body in partners.got:
        event: dict[str, Any] = json.loads(body)
        if "number" in event:  # else it is about the endpoint itself
            print(json.dumps([came, port, event["id"], event["subject"], event["number"]]))


if __name__ == "__main__":
    event_loop.run(main())
