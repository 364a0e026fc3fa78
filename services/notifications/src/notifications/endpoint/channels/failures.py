"""Why a receiver gave no answer."""

from __future__ import annotations

import ssl
from typing import Final

import httpcore2

from notifications.endpoint.channels.addresses import NotPublic
from notifications.endpoint.channels.bounded import EndlessAnswer
from notifications.endpoint.channels.resolving import UnknownName
from notifications.failure import Failure


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
