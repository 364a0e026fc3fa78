"""Mail out: over SMTP, or into a folder of ``.eml`` files where no mail server is wanted."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from common.runtime.private_files import close_if_only, write_private
from common.runtime.settings import Settings
from notifications.failure import Failure
from notifications.message.channels.composing import compose

__all__ = [
    "FolderChannel",
    "MailChannel",
    "NoMailServer",
    "RefusedForGood",
    "RefusedForNow",
    "Sender",
    "SmtpChannel",
    "Tls",
    "channel_of",
    "compose",
]

CONNECTED_WITHIN: Final = 20.0
"""Seconds until there is a connection."""
ANSWERS_WITHIN: Final = 300.0
"""Seconds for any one answer of the mail server, its greeting included (RFC 5321 section 4.5.3.2)."""
TAKEN_WITHIN: Final = 600.0
"""Seconds until it says whether it took a message (the same section): a client that gives up earlier sends it twice: a
server that was only slow took it."""
STILL_THERE_WITHIN: Final = 10.0
"""Seconds in which a connection that was kept says that it is of use."""
_CLOSING: Final = 421
_PERMANENT: Final = 500
_REFUSALS: Final = range(400, 600)
_OF_A_CODE: Final = (
    aiosmtplib.SMTPConnectResponseError,
    aiosmtplib.SMTPHeloError,
    aiosmtplib.SMTPAuthenticationError,
    aiosmtplib.SMTPSenderRefused,
)
"""How the client says that the server answered with a code; a line that it cannot read has none of the server's."""


class RefusedForGood(Exception):
    """The mail server will never take this message for this recipient."""

    def __init__(self, code: int) -> None:
        """Keep the code; the server's text may hold the address."""
        super().__init__(f"refused with {code}")
        self.code = code


class RefusedForNow(Exception):
    """The mail server does not take this message at this moment."""

    def __init__(self, code: int) -> None:
        """Keep the code; the server's text may hold the address."""
        super().__init__(f"put off with {code}")
        self.code = code


class NoMailServer(Exception):
    """The mail server does not answer, or not to us; that says nothing about the message."""


class Sender(Protocol):
    """An open way out."""

    async def send(self, mail: EmailMessage) -> None:
        """Hand a message over.

        Raises:
            RefusedForGood: it will never be taken.
            RefusedForNow: it may be taken later.
            NoMailServer: the way out is closed.
        """
        ...

    async def is_open(self) -> bool:
        """Whether it can be used once more; a server closes what it likes, when it likes."""
        ...


class MailChannel(Protocol):
    """A way for mail to leave the house."""

    def open(self) -> AbstractAsyncContextManager[Sender]:
        """Open it once for many messages.

        Raises:
            NoMailServer: it does not open.
        """
        ...


def channel_of(settings: Settings) -> MailChannel:
    """Return the channel that ``HTO_MAIL_URL`` names."""
    url = urlsplit(settings.mail_url)
    if url.scheme == "folder":
        # folder://mail is inside the data folder, folder:///var/mail is where it says.
        return FolderChannel(
            settings.data_dir / (unquote(url.netloc) or ".") if url.netloc else Path(unquote(url.path))
        )
    return SmtpChannel(
        host=url.hostname or "localhost",
        port=url.port or (465 if url.scheme == "smtps" else 25),
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        tls=_TLS_OF[url.scheme],
    )


class Tls(StrEnum):
    """When a connection to a mail server is enciphered; its certificate is verified each time."""

    IMPLICIT = "implicit"
    """From the first byte."""
    STARTTLS = "starttls"
    """Before anything else is said; a server that does not offer it gets nothing."""
    OPPORTUNISTIC = "opportunistic"
    """Where the server offers it, for a relay inside one's own network; without it there is no login."""


_TLS_OF: Final = {"smtps": Tls.IMPLICIT, "smtp": Tls.STARTTLS, "smtp+opportunistic": Tls.OPPORTUNISTIC}


class SmtpChannel:
    """A mail server."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        username: str | None = None,
        password: str | None = None,
        tls: Tls = Tls.STARTTLS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Take the address; nothing is opened yet. ``trust`` None is whom the machine trusts."""
        self._host, self._port, self._tls, self._trust = host, port, tls, trust
        self._username, self._password = username, password

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Sender]:
        """Connect, encipher and log in, in this order."""
        connection = aiosmtplib.SMTP(
            hostname=self._host,
            use_tls=self._tls is Tls.IMPLICIT,
            start_tls=False,
            validate_certs=True,
            tls_context=self._trust,
            timeout=ANSWERS_WITHIN,
        )
        try:
            await connection.connect(sock=await asyncio.to_thread(self._connected))
            await self._log_in(connection, enciphered=await self._encipher(connection))
        except (aiosmtplib.SMTPException, OSError) as error:
            connection.close()
            raise NoMailServer(no_connection(error)) from error
        except NoMailServer:
            connection.close()
            raise
        try:
            yield _SmtpSender(connection)
            with suppress(aiosmtplib.SMTPException, OSError):
                await connection.quit()
        finally:
            connection.close()  # without a word, where it broke or is no longer waited for

    def _connected(self) -> socket.socket:
        made = socket.create_connection((self._host, self._port), CONNECTED_WITHIN)
        made.settimeout(0)  # it does not block
        return made

    async def _encipher(self, connection: aiosmtplib.SMTP) -> bool:
        """Return whether the connection is encrypted from now on."""
        if self._tls is Tls.IMPLICIT:
            return True
        await connection.ehlo()
        if connection.supports_extension("starttls"):
            await connection.starttls(validate_certs=True, tls_context=self._trust)
            return True
        if self._tls is Tls.STARTTLS:
            raise NoMailServer("the mail server does not offer STARTTLS")
        return False

    async def _log_in(self, connection: aiosmtplib.SMTP, *, enciphered: bool) -> None:
        if self._username is None:
            return
        if not enciphered:
            raise NoMailServer("the mail server does not offer STARTTLS, and nobody logs in without it")
        await connection.login(self._username, self._password or "")


class _SmtpSender:
    def __init__(self, connection: aiosmtplib.SMTP) -> None:
        self._connection = connection

    async def send(self, mail: EmailMessage) -> None:
        try:
            await self._connection.send_message(
                mail, sender=mail["From"].address, recipients=[mail["To"].address], timeout=TAKEN_WITHIN
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _refusal(refused.recipients[0].code) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise _refusal(refused.code) from refused
        except (aiosmtplib.SMTPException, OSError) as error:
            # Refused as a sender, disconnected, too slow: ours or the server's trouble, never the recipient's.
            raise NoMailServer(trouble(error)) from error

    async def is_open(self) -> bool:
        try:
            await self._connection.rset(timeout=STILL_THERE_WITHIN)
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True


def trouble(error: Exception) -> str:
    """Return in words that stay the same why a message was not handed over: its recipient may read them."""
    if isinstance(error, _OF_A_CODE):
        return f"answered {error.code}" if error.code in _REFUSALS else Failure.UNREADABLE
    if isinstance(error, TimeoutError):
        return Failure.NO_ANSWER
    return Failure.CLOSED if isinstance(error, OSError) else Failure.UNREADABLE


def no_connection(error: Exception) -> str:
    """Return in the same words why no connection was opened: an operator reads them in the log."""
    if isinstance(error, ssl.SSLError):
        return Failure.NO_TLS
    if isinstance(error, socket.gaierror):
        return Failure.UNKNOWN_NAME
    return Failure.NO_CONNECTION if isinstance(error, ConnectionRefusedError) else trouble(error)


def _refusal(code: int) -> RefusedForGood | RefusedForNow | NoMailServer:
    if code == _CLOSING:  # it says so of itself, and of no message
        return NoMailServer(f"answered {code}")
    if code not in _REFUSALS:
        return NoMailServer(Failure.UNREADABLE)
    return RefusedForGood(code) if code >= _PERMANENT else RefusedForNow(code)


class FolderChannel:
    """A folder with one file per message; the same message twice is one file."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when the first message comes."""
        self._folder = folder

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Sender]:
        """Open nothing."""
        yield self

    async def send(self, mail: EmailMessage) -> None:
        """Write the file whole or not at all."""
        try:
            await asyncio.to_thread(self._write, mail)
        except OSError as error:
            raise NoMailServer(type(error).__name__) from error

    async def is_open(self) -> bool:
        """A folder is there or not when it is written to."""
        return True

    async def letters(self) -> list[UUID]:
        """Return the ids of the messages that are in the folder, half written ones included."""
        return sorted(await asyncio.to_thread(self._files))

    async def remove(self, ids: Collection[UUID]) -> int:
        """Delete these messages; return how many files that were."""
        return await asyncio.to_thread(self._remove, ids)

    def _files(self) -> dict[UUID, list[Path]]:
        found: dict[UUID, list[Path]] = {}
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            with suppress(ValueError):  # whatever else lies there is not ours
                found.setdefault(UUID(path.name.lstrip(".").partition(".")[0]), []).append(path)
        return found

    def _remove(self, ids: Collection[UUID]) -> int:
        gone = [path for id_, paths in self._files().items() if id_ in ids for path in paths]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _write(self, mail: EmailMessage) -> None:
        close_if_only(self._folder, {".eml", ".partial"})
        name = mail["Message-ID"].strip("<>").partition("@")[0]
        partial = self._folder / f".{name}.{os.getpid()}.partial"
        write_private(partial, mail.as_bytes())
        partial.rename(self._folder / f"{name}.eml")
