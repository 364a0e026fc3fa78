"""Why a receiver or mail server gave no answer, in words that stay the same: partners and recipients read them."""

from __future__ import annotations

import ssl
from enum import StrEnum
from typing import Final

import httpcore2

from notifications.channels.addresses import NotPublic
from notifications.channels.bounded import EndlessAnswer
from notifications.channels.resolving import UnknownName


class Failure(StrEnum):
    """A reason of a delivery, a question or a letter for which there is no status."""

    NOT_ALLOWED = "address is not allowed"
    NOT_PUBLIC = "address is not public"
    UNKNOWN_NAME = "name not found"
    NO_CONNECTION = "no connection"
    NO_TLS = "no trusted TLS connection"
    NO_ANSWER = "no answer in time"
    CLOSED = "connection closed"
    TOO_LONG = "answer is too long"
    UNREADABLE = "answer cannot be read"
    OURS = "failed on our side"
    """The place in the code is in the log."""


def failure_of(error: Exception) -> Failure:
    """Return the reason that an error stands for."""
    if isinstance(error, httpcore2.ConnectError) and isinstance(error.__cause__, ssl.SSLError):
        return Failure.NO_TLS
    if isinstance(error, httpcore2.RemoteProtocolError) and str(error).startswith(_HUNG_UP):
        return Failure.CLOSED
    return next((failure for kinds, failure in _MEANING if isinstance(error, kinds)), Failure.NO_CONNECTION)


_HUNG_UP: Final = ("Server disconnected", "peer closed connection")
"""How the HTTP client says that an answer never began, or ended too early."""
_MEANING: Final[tuple[tuple[tuple[type[Exception], ...], Failure], ...]] = (
    ((NotPublic,), Failure.NOT_PUBLIC),
    ((UnknownName,), Failure.UNKNOWN_NAME),
    ((EndlessAnswer,), Failure.TOO_LONG),
    ((TimeoutError, httpcore2.TimeoutException), Failure.NO_ANSWER),
    ((ssl.SSLError,), Failure.NO_TLS),
    ((httpcore2.ReadError, httpcore2.WriteError, ConnectionResetError, BrokenPipeError), Failure.CLOSED),
    ((httpcore2.ProtocolError, ValueError), Failure.UNREADABLE),
)
"""The first that fits; whatever else there is, there was no connection."""
