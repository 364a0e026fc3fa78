"""Headers on their way from a table to a log: read late, and never by a log that keeps JSON itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator


class WrittenHeaders(Mapping[str, str]):
    """Headers as the JSON that a table keeps: read by nobody before a log has to know them.

    The relay sends tens of thousands a second, and reading and writing each again was a sixth of its work.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        """Take the text of a ``jsonb``; whether it is an object of strings is asked where it is sent."""
        self.text = text

    def _read(self) -> dict[str, str]:
        headers: dict[str, str] = from_json(self.text)
        return headers

    def __getitem__(self, name: str) -> str:
        """Return the value of one header."""
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._read())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._read())


_TEXTS: Final = TypeAdapter(dict[str, str]).validator
_BYTES: Final = TypeAdapter(dict[str, bytes]).validator


def headers_text(headers: Mapping[str, str]) -> str:
    """Return headers as the JSON text of one object, unread where they were written before.

    Raises:
        ValueError: what was written is no object of strings.
    """
    if not isinstance(headers, WrittenHeaders):
        return to_json(dict(headers)).decode()
    written = headers.text
    # In a jsonb's text a colon and a blank stand after every name, and within a string no quote is without a backslash.
    if not written.startswith("{") or written.count('": ') != written.count('": "'):
        _TEXTS.validate_json(written)
    return written


def headers_bytes(headers: Mapping[str, str]) -> dict[str, bytes]:
    """Return headers with their values as UTF-8.

    Raises:
        ValueError: what was written is no object of strings.
    """
    if isinstance(headers, WrittenHeaders):
        read: dict[str, bytes] = _BYTES.validate_json(headers.text)
        return read
    return {name: text.encode() for name, text in headers.items()}
