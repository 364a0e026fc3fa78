"""A stretch of wire between clients and a server that a test can hold up or cut."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

_GONE = (OSError, RuntimeError)
"""What writing to a connection that was cut raises: uvloop says RuntimeError, on purpose."""


class _Strand:
    """One connection through the wire."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near, self.far = near, far
        self.free = asyncio.Event()
        self.free.set()


class Wire:
    """Listens on ``port`` and passes everything on to ``target``."""

    def __init__(self, port: int, target: int) -> None:
        self._port, self._target = port, target
        self._server: asyncio.Server | None = None
        self._strands: set[_Strand] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.held_bytes = 0

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        # Also after a failure: it would keep its port from the next test, and once a loop never closed behind it.
        await self.cut()

    async def mend(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)

    def hold(self) -> None:
        """Keep what clients send on the connections that are open now; what is opened later passes."""
        for strand in self._strands:
            strand.free.clear()

    def release(self) -> None:
        """Let what was kept go on to the server, even where its client is long gone."""
        for strand in self._strands:
            strand.free.set()

    async def cut(self) -> None:
        """Break every connection and take no new ones."""
        assert self._server
        self._server.close()
        for strand in self._strands:
            strand.near.transport.abort()
            strand.far.transport.abort()
            strand.free.set()
        await asyncio.gather(*self._tasks)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = asyncio.current_task()
        assert me
        self._tasks.add(me)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            self._tasks.discard(me)
            return
        strand = _Strand(writer, far_writer)
        self._strands.add(strand)
        try:
            await asyncio.gather(self._up(reader, strand), self._down(far_reader, strand))
        finally:
            writer.transport.abort()
            far_writer.transport.abort()
            self._strands.discard(strand)
            self._tasks.discard(me)

    async def _up(self, source: asyncio.StreamReader, strand: _Strand) -> None:
        with suppress(*_GONE):
            while data := await source.read(65536):
                if not strand.free.is_set():
                    self.held_bytes += len(data)
                    await strand.free.wait()
                strand.far.write(data)
                await strand.far.drain()
        with suppress(*_GONE):
            strand.far.write_eof()

    async def _down(self, source: asyncio.StreamReader, strand: _Strand) -> None:
        with suppress(*_GONE):
            while data := await source.read(65536):
                with suppress(*_GONE):  # a client that is gone misses its answer; the server's work goes on
                    strand.near.write(data)
                    await strand.near.drain()
        with suppress(*_GONE):
            strand.near.close()
