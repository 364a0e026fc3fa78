"""To which addresses a receiver's name leads; a name whose servers do not answer holds up no other name."""

from __future__ import annotations

import asyncio
import socket
from threading import Thread

import httpcore2


class UnknownName(httpcore2.ConnectError):
    """A name leads nowhere."""


class Resolver:
    """Resolves names, each in a thread of its own.

    The threads of the event loop's own pool are few: a handful of names whose servers are silent would take all of
    them, for as long as the system's resolver is patient, and every other receiver would wait for them. A name is
    looked up once at a time, for all requests: as many threads as there are silent names.
    """

    def __init__(self) -> None:
        """Look up nothing yet."""
        self._under_way: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name.

        Raises:
            UnknownName: it leads nowhere.
        """
        found = self._under_way.get((host, port))
        if found is None:
            found = self._under_way[host, port] = self._look_up(host, port)
            found.add_done_callback(lambda _: self._under_way.pop((host, port), None))
        return await asyncio.shield(found)

    def _look_up(self, host: str, port: int) -> asyncio.Future[list[str]]:
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[str]] = loop.create_future()

        def resolve(addresses: list[str] | None, why: str) -> None:
            if found.done():
                return
            if addresses is None:
                found.set_exception(UnknownName(f"the name does not resolve: {why}"))
                found.exception()  # the request may have given up
            else:
                found.set_result(addresses)

        def look() -> None:
            addresses, why = None, ""
            try:
                rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
                addresses = list(dict.fromkeys(str(address[0]) for *_, address in rows))
            except Exception as error:  # noqa: BLE001 - whatever it is, the name leads nowhere
                why = type(error).__name__
            try:
                loop.call_soon_threadsafe(resolve, addresses, why)
            except RuntimeError:  # the loop has ended meanwhile
                return

        Thread(target=look, name="resolves", daemon=True).start()
        return found
