"""To which addresses a webhook may go: to the public internet and to nowhere else, unless the operator names it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Any, Final

import httpcore2
import structlog

from common.runtime.public_address import is_public, may_be_inside
from notifications.endpoint.channels.bounded import Bounded
from notifications.endpoint.channels.patience import patience
from notifications.endpoint.channels.resolving import Resolver, UnknownName

log = structlog.get_logger()

CONNECTED_WITHIN: Final = 5.0
"""Seconds that one address may take."""


class NotPublic(httpcore2.ConnectError):
    """The receiver's name leads to an address that is not public."""


class PublicOnly(httpcore2.AsyncNetworkBackend):
    """Connects to the very address that was checked: a name is resolved once, so it cannot change its mind."""

    def __init__(self, allowed: Collection[str] = (), *, inside: bool = False) -> None:
        """``allowed``: ``host:port`` of exceptions; ``inside``: whether these may lead to a private address."""
        self._inside = frozenset(allowed) if inside else frozenset[str]()
        self._inner = httpcore2.AnyIOBackend()
        self._names = Resolver()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the backend's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve, check every address, connect to the first that answers.

        Raises:
            NotPublic: at least one of its addresses is not public; none is then tried.
            httpcore2.ConnectError: the name leads nowhere, or no address answers.
        """
        addresses = await self._resolve(host, port)
        excepted = f"{host}:{port}" in self._inside
        if not all(is_public(address) or (excepted and may_be_inside(address)) for address in addresses):
            raise NotPublic("not a public address")
        if excepted:
            log.info("webhook.allowed-exception", host=host, port=port)
        failure: Exception | None = None
        for address in addresses:
            try:
                async with patience(CONNECTED_WITHIN):
                    return Bounded(
                        await self._inner.connect_tcp(
                            address, port, timeout=timeout, local_address=local_address, socket_options=socket_options
                        )
                    )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            except TimeoutError:
                failure = httpcore2.ConnectTimeout("nobody answers")
        raise failure or UnknownName("the name leads nowhere")

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - the backend's own signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as path
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - as path
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: no webhook goes to a file.

        Raises:
            NotPublic: always.
        """
        raise NotPublic("not a public address")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[str]:
        return await self._names.resolve(host, port)


__all__ = ["NotPublic", "PublicOnly", "is_public"]
