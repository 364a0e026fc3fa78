"""A PostgreSQL connection that comes back: every loss is ``LogUnavailable``, and the next use connects anew."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from common.messaging.log import LogUnavailable, NotPermitted
from common.runtime.failures import CONNECTION_LOST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    Connection = asyncpg.Connection[asyncpg.Record]

CONNECT_WITHIN: Final = 5.0
"""Seconds."""
ANSWER_WITHIN: Final = 15.0
"""Seconds for one statement, before the connection counts as lost."""

_LOST: Final = (*CONNECTION_LOST, asyncpg.InvalidCatalogNameError)

_REFUSED: Final = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidAuthorizationSpecificationError,  # a wrong password included
)

_SETTINGS: Final = {
    "search_path": "eventlog",
    "jit": "off",  # its planning would cost more than any statement here
    # A dead machine or a cut cable must not keep its locks for hours.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "client_connection_check_interval": "1000",
    "idle_in_transaction_session_timeout": "30000",
}


def pairs(rows: Iterable[asyncpg.Record]) -> dict[int, Any]:
    """Read rows of two columns as a mapping."""
    return {row[0]: row[1] for row in rows}


class ReconnectingConnection:
    """One connection, used by one task at a time."""

    def __init__(
        self,
        dsn: str,
        name: str,
        *,
        settings: dict[str, str] | None = None,
        on_open: Callable[[Connection], Awaitable[None]] | None = None,
        on_loss: Callable[[], None] | None = None,
    ) -> None:
        """Prepare; ``on_open`` readies each new connection, ``on_loss`` hears of each that ended by itself."""
        self._dsn = dsn
        self._name = name
        self._settings = _SETTINGS | (settings or {})
        self._on_open = on_open
        self._on_loss = on_loss
        self._lock = asyncio.Lock()
        self._connection: Connection | None = None
        self._closed = False
        self.backend = ""
        """The application name of the present connection; no two connections ever share one."""

    @property
    def is_open(self) -> bool:
        """Whether there is a connection that is not known to be broken."""
        return self._connection is not None and not self._connection.is_closed()

    @asynccontextmanager
    async def acquire(self, *, same: bool = False) -> AsyncIterator[Connection]:
        """Lend the connection; with ``same`` only one that is open already, since its locks are what counts.

        Raises:
            NotPermitted: the server refuses this login, or what it asked.
            LogUnavailable: the server does not answer, or the connection broke in the block.
        """
        async with self._lock:
            if self._closed or (same and not self.is_open):
                message = "the connection was closed" if self._closed else "the connection was lost"
                raise LogUnavailable(message)
            try:
                yield await self._opened()
            except _REFUSED as refused:
                self.abort()
                raise NotPermitted(str(refused)) from refused
            except _LOST as lost:
                self.abort()
                raise LogUnavailable(str(lost) or type(lost).__name__) from lost
            except AttributeError as gone:
                # asyncpg asks its protocol, which is gone where the connection was cut while a statement began.
                if self.is_open:
                    raise
                raise LogUnavailable("the connection was lost") from gone

    async def _opened(self) -> Connection:
        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        self.abort()
        self.backend = f"{self._name[:40]}-{secrets.token_hex(8)}"
        connection: Connection = await asyncpg.connect(
            self._dsn,
            timeout=CONNECT_WITHIN,
            command_timeout=ANSWER_WITHIN,
            server_settings=self._settings | {"application_name": self.backend},
        )
        self._connection = connection
        connection.add_termination_listener(self._ended)
        if self._on_open is not None:
            try:
                await self._on_open(connection)
            except BaseException:
                self.abort()
                raise
        return connection

    def _ended(self, connection: object) -> None:
        if connection is self._connection:
            self._connection = None
            if self._on_loss is not None:
                self._on_loss()

    def abort(self) -> None:
        """Cut the connection at once, without a word to the server."""
        connection = self._connection
        if connection is not None:
            self._ended(connection)
            connection.terminate()

    async def close(self) -> None:
        """Say goodbye for good."""
        self._closed = True
        await self.disconnect()

    async def disconnect(self) -> None:
        """Say goodbye until the next use."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_LOST):
                await connection.close(timeout=CONNECT_WITHIN)
            if not connection.is_closed():
                connection.terminate()
