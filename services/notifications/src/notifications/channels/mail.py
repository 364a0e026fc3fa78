"""Mail out: over SMTP, or into a folder of ``.eml`` files where no mail server is wanted."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from common.settings import Settings
from notifications.channels.letters import Letter

TIMEOUT: Final = 20.0
"""Seconds for any one answer of the mail server."""
_PERMANENT: Final = 500


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


class MailChannel(Protocol):
    """A way for mail to leave the house."""

    def open(self) -> AbstractAsyncContextManager[Sender]:
        """Open it once for many messages.

        Raises:
            NoMailServer: it does not open.
        """
        ...


def compose(
    *, message_id: UUID, sender: str, to_name: str, to: str, letter: Letter, language: str, at: datetime
) -> EmailMessage:
    """Make the mail. The same message always has the same Message-ID: whoever gets it twice can tell.

    Raises:
        ValueError: a name or an address is not fit for a header.
    """
    mail = EmailMessage(policy=SMTP_LINES)
    mail["From"] = Address("Hybride Techniekopleiders", addr_spec=sender)
    mail["To"] = Address(to_name, addr_spec=to)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = language
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail


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
        implicit_tls=url.scheme == "smtps",
    )


class SmtpChannel:
    """A mail server; TLS from the start with ``smtps``, else as soon as the server offers it."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        username: str | None = None,
        password: str | None = None,
        implicit_tls: bool = False,
    ) -> None:
        """Take the address; nothing is opened yet."""
        self._host, self._port, self._implicit_tls = host, port, implicit_tls
        self._username, self._password = username, password

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Sender]:
        """Connect and log in."""
        connection = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._implicit_tls,
            timeout=TIMEOUT,
        )
        try:
            await connection.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NoMailServer(type(error).__name__) from error
        try:
            yield _SmtpSender(connection)
        finally:
            try:
                await connection.quit()
            except (aiosmtplib.SMTPException, OSError):
                connection.close()


class _SmtpSender:
    def __init__(self, connection: aiosmtplib.SMTP) -> None:
        self._connection = connection

    async def send(self, mail: EmailMessage) -> None:
        try:
            await self._connection.send_message(mail)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _refusal(refused.recipients[0].code) from refused
        except aiosmtplib.SMTPDataError as refused:
            raise _refusal(refused.code) from refused
        except (aiosmtplib.SMTPException, OSError) as error:
            # Refused as a sender, disconnected, too slow: ours or the server's trouble, never the recipient's.
            raise NoMailServer(type(error).__name__) from error


def _refusal(code: int) -> RefusedForGood | RefusedForNow:
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
        self._folder.mkdir(parents=True, exist_ok=True)
        name = mail["Message-ID"].strip("<>").partition("@")[0]
        partial = self._folder / f".{name}.{os.getpid()}.partial"
        partial.write_bytes(mail.as_bytes())
        partial.rename(self._folder / f"{name}.eml")
