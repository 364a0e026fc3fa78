"""A file that harms its reader harms nobody else: it is refused in words, and the service goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from common.errors import Invalid
from registry.file_import import usecases
from registry.file_import import usecases as file_import_usecases


def _kills() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hangs() -> None:
    time.sleep(60)


def _grows() -> bytes:
    return b"x" * (3 * 1024**3)


def _raises() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("poison", [_kills, _hangs, _grows])
async def test_a_file_that_ends_hangs_or_bursts_its_reader_is_refused(
    poison: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: the first was an error of ours, the second was waited for for ever, the third took all memory."""
    monkeypatch.setattr(usecases, "LONGEST", 20.0 if poison is not _hangs else 3.0)
    ticks = asyncio.create_task(_ticks())
    with pytest.raises(Invalid) as refused:
        await file_import_usecases._aside(poison, size=file_import_usecases.QUICK + 1)  # type: ignore[arg-type]
    assert [param.code for param in refused.value.params] == ["not-readable-here"]
    ticks.cancel()
    assert not ticks.done(), "the event loop went on"


async def test_an_exception_while_reading_a_file_fails_that_request_alone() -> None:
    with pytest.raises(ZeroDivisionError):
        await file_import_usecases._aside(_raises, size=file_import_usecases.QUICK + 1)


async def _ticks() -> None:
    while True:  # noqa: ASYNC110 - only that it goes on counts
        await asyncio.sleep(0.05)
