"""While journeys run, processes are killed at seeded random moments; then nothing is missing and nothing is doubled."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from tests.faults import invariants
from tests.faults.campaign import told_once
from tests.faults.conftest import Campaigns
from tests.faults.invariants import eventually
from tests.faults.mini import STEPS, Played
from tests.faults.seeds import LOGS, schedule, wanted

SEEDS = [pytest.param(LOGS[seed % len(LOGS)], seed, id=f"{LOGS[seed % len(LOGS)]}-{seed}") for seed in wanted()]
USED = sorted({LOGS[seed % len(LOGS)] for seed in wanted()}, key=LOGS.index)

AT_ONCE: Final = 25
"""Seeds that are looked at together. Seen red with 150: this process was too busy to answer its own connections."""


@pytest.mark.parametrize(("log", "seed"), SEEDS)
async def test_after_any_kill_no_answered_write_is_missing_and_no_effect_is_doubled(
    campaigns: Campaigns, log: str, seed: int
) -> None:
    played = await (await campaigns.on(log)).played(seed)
    assert len(played.killed) == len(schedule(seed, steps=len(STEPS)).kills)


@pytest.mark.parametrize("log", USED)
async def test_in_the_end_each_letter_went_out_once_and_every_event_was_handled(campaigns: Campaigns, log: str) -> None:
    under_way = await campaigns.on(log)
    on = under_way.on

    places = asyncio.Semaphore(AT_ONCE)

    async def told(seed: int, played: Played) -> str | None:
        try:
            async with places:
                await told_once(on, played, under_way.reference)
        except invariants.Broken as broken:
            return f"{broken} ({schedule(seed, steps=len(STEPS)).replay})"
        return None

    # Many at once: a cause that they share is waited for once. A seed that did not come so far has failed by itself.
    over = {seed: one for seed, one in under_way.results.items() if one.done() and one.exception() is None}
    found = await asyncio.gather(*(told(seed, one.result()) for seed, one in over.items()))
    failures = [broken for broken in found if broken]
    assert not failures, "\n".join(failures)

    async def all_of_it() -> None:
        records = await on.ledger.newest()
        await invariants.everything_was_published(on, records, None)
        await invariants.everything_was_handled(on, records)

    await eventually(all_of_it)
    invariants.order_was_kept(await on.ledger.records(), on.ledger.compacted)
