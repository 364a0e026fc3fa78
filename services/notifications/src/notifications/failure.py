"""Why a receiver or mail server gave no answer, in words that stay the same: partners and recipients read them."""

from __future__ import annotations

from enum import StrEnum


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
    NOT_IN_FEED = "event is not in the feed any more"
    OURS = "failed on our side"
    """The place in the code is in the log."""
