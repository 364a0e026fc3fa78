"""Make a mail: every header is written here, so that no value in it can become another header or recipient."""

from __future__ import annotations

import re
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Final, Self
from uuid import UUID

from common import inputs
from notifications.message.channels.letters import LANGUAGES, Letter

SENDER_NAME: Final = "Hybride Techniekopleiders"
_SUBJECT_LENGTH: Final = 400
_LINE: Final = 76
_ATOMS: Final = re.compile(r"[A-Za-z0-9' -]+")


class _Written(str):
    """A header that is written already; Python's policy passes on a value that has a name and folds itself.

    Its own parser is left out on purpose: in some versions it decodes encoded words inside of quoted names into
    line ends, or loses the quotes around a comma where it folds a long name.
    """

    __slots__ = ("address", "encoded", "name")

    name: str
    encoded: str
    address: str

    def __new__(cls, name: str, value: str, encoded: str, address: str = "") -> Self:
        """``encoded`` is ASCII, folded; ``address`` is the one mailbox of an address header."""
        written = super().__new__(cls, value)
        written.name, written.encoded, written.address = name, encoded, address
        return written

    def fold(self, *, policy: Policy) -> str:
        """Return the header's lines."""
        return f"{self.name}: {self.encoded}{policy.linesep}"


def compose(
    *, message_id: UUID, sender: str, to_name: str, to: str, letter: Letter, language: str, at: datetime
) -> EmailMessage:
    """Make the mail. The same message always has the same Message-ID, so that a duplicate can be recognised.

    ``to_name`` may be empty.

    Raises:
        ValueError: a name, an address, the subject or the language is not fit for a header.
    """
    if language not in LANGUAGES or not (inputs.is_mail_address(to) and inputs.is_mail_address(sender)):
        raise ValueError("invalid address or language")
    mail = EmailMessage(policy=SMTP)
    subject = _line(letter.subject, _SUBJECT_LENGTH)
    for header in (
        _mailbox("From", SENDER_NAME, sender),
        _mailbox("To", to_name and _line(to_name, inputs.LINE_LENGTH), to),
        _Written("Subject", subject, _encoded(subject, "Subject")),
        _plain("Date", format_datetime(at)),
        _plain("Message-ID", f"<{message_id}@{sender.rpartition('@')[2]}>"),
        _plain("Auto-Submitted", "auto-generated"),
    ):
        mail[header.name] = header
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    # Last: what is set earlier goes to the first part alone.
    mail["Content-Language"] = _plain("Content-Language", language)
    return mail


def _line(text: str, limit: int) -> str:
    """Return a text that is fit for a header as it is.

    Raises:
        ValueError: it is not; nothing of it is repeated.
    """
    try:
        return inputs.line(text, limit=limit)
    except inputs.Unfit as unfit:
        raise ValueError(f"invalid text for a header: {unfit}") from None


def _mailbox(name: str, display: str, address: str) -> _Written:
    if not display:
        return _Written(name, address, address, address)
    phrase = _encoded(display, name)
    return _Written(name, f"{display} <{address}>", f"{phrase}\r\n <{address}>", address)


def _plain(name: str, value: str) -> _Written:
    return _Written(name, value, value)


def _encoded(text: str, name: str) -> str:
    """Return text as it is where it is short and made of plain words, else in encoded words (RFC 2047)."""
    if _ATOMS.fullmatch(text) and len(name) + 2 + len(text) <= _LINE:
        return text
    return Header(text, "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")
