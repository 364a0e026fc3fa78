"""What an hour forgets: a function that raises, hangs or never ends stops no other."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import REGISTRY

from common.persistence.transaction import Tx
from common.service.retention import forget_all
from tests.support.plumbing import CONSUMER, Ears
from tests.support.sample import new_id, write_down


async def raises(tx: Tx) -> int:
    await write_down(new_id(), "half", tx)
    raise OverflowError


async def is_cancelled(tx: Tx) -> int:
    del tx
    raise asyncio.CancelledError


async def hangs(tx: Tx) -> int:
    del tx
    await asyncio.Event().wait()
    return 0


async def never_ends(tx: Tx) -> int:
    del tx
    return 1


@pytest.mark.parametrize("poison", [raises, is_cancelled, hangs, never_ends])
async def test_a_function_that_goes_wrong_is_counted_and_goes_no_further(ears: Ears, poison: object) -> None:
    """What comes after it in the same hour is forgotten as well."""
    name = f"{poison.__module__}.{poison.__qualname__}"  # type: ignore[attr-defined]
    async with asyncio.timeout(30):
        await forget_all(ears.database, poison, longest=0.2, parts=20)  # type: ignore[arg-type]
    labels = {"service": CONSUMER, "what": name}
    assert REGISTRY.get_sample_value("hto_retention_failures_total", labels) == 1
    assert await ears.heard() == [], "what it had begun was taken back"


async def test_a_worker_that_stops_is_not_held_up(ears: Ears) -> None:
    work = asyncio.create_task(forget_all(ears.database, hangs))
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
