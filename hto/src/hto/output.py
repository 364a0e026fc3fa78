"""Standard output whose reader may leave: `hto events tail | head` has then said enough, and ends without a word."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TextIO, cast


class OutputClosed(Exception):
    """The reader of standard output is gone. Not an OSError: a connection that breaks is something else."""


class OutputFull(Exception):
    """Standard output takes no more, such as a file on a disk that is full; with the reason."""


def open_closed_streams() -> None:
    """Open on nothing what the caller closed (`>&-`): a connection would get its number, and be written to."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


class _Output:
    """The real stream, but a pipe without a reader is distinguished from every other broken pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: Final = stream

    def write(self, text: str) -> int:
        with _closed_pipes():
            return self._stream.write(text)

    def flush(self) -> None:
        with _closed_pipes():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _closed_pipes() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise OutputClosed from None
    except OSError as error:
        raise OutputFull(error.strerror) from None


@contextmanager
def guarded() -> Iterator[None]:
    """Raise ``OutputClosed`` wherever something is printed after the reader left, ``OutputFull`` where none fits."""
    stream = sys.stdout
    sys.stdout = cast("TextIO", _Output(stream))
    try:
        yield
        sys.stdout.flush()
    except (OutputClosed, OutputFull):
        _discard(stream)
        raise
    finally:
        sys.stdout = stream


def reader_left() -> bool:
    """Whether standard output is a pipe that nobody reads: found without writing, while there is nothing to write."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(event & select.POLLERR for _, event in poll.poll(0))
    except (OSError, ValueError, AttributeError):  # no real file, or a system without poll
        return False


def _discard(stream: TextIO) -> None:
    """Send what is still buffered nowhere: the interpreter flushes it at its end and would complain."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
