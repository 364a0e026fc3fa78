"""All seeds of one log against one cluster, a few at a time, each judged by a journey that nothing disturbed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults import invariants
from tests.faults.cluster import Cluster, cluster
from tests.faults.invariants import Broken, Effects, eventually, looked, say
from tests.faults.mini import STEPS, Played, play
from tests.faults.seeds import Schedule, schedule

AT_ONCE: Final = 8
"""Seeds under way together: while one waits for a broker to come back, another one kills."""


@dataclass
class Reference:
    """What one undisturbed journey led to."""

    events: Effects
    letters: Effects
    webhooks: Effects


@dataclass
class Campaign:
    """The seeds of one log."""

    on: Cluster
    reference: Reference
    results: dict[int, asyncio.Task[Played]] = field(default_factory=dict)

    async def played(self, seed: int) -> Played:
        """Wait for a seed's journey, and for what must hold of it at once."""
        return await self.results[seed]

    def begin(self, seeds: Iterable[int]) -> None:
        """Start all seeds, a few at a time."""
        places = asyncio.Semaphore(AT_ONCE)
        for seed in seeds:
            self.results[seed] = asyncio.create_task(self._seed(schedule(seed, steps=len(STEPS)), places))

    async def _seed(self, plan: Schedule, places: asyncio.Semaphore) -> Played:
        async with places:
            town = await self.on.towns.get()
            try:
                played = await play(self.on, town, plan)
                began = time.monotonic()
                await holds(self.on, played, self.reference.events)
            except BaseException as failure:
                failure.add_note(f"{plan}; again: {plan.replay}")
                if isinstance(failure, Exception):
                    say(f"{plan} FAILED: {failure!r:.2000}; again: {plan.replay}")
                raise
            # Not in finally: what a failed seed left behind would be in the way of the next one there.
            self.on.towns.put_nowait(town)
            settled = time.monotonic() - began
            downs = "".join(f"; {one}" for one in played.killed if one.startswith("("))
            say(f"{plan}{downs}: {played.pace}, settled after {settled:.1f} s more")
            return played


async def holds(on: Cluster, played: Played, wanted: Effects) -> None:
    """Wait until a journey's effects are complete, and hold them to the invariants.

    Raises:
        Broken: one does not hold.
    """
    compacted = on.ledger.compacted

    async def complete() -> None:
        records = await on.ledger.of(played.cases)
        invariants.compare(invariants.effects(records, compacted), wanted, "events")
        await invariants.everything_was_published(on, records, played.cases)
        await invariants.everything_was_handled(on, records)

    await eventually(complete)
    records = await on.ledger.of(played.cases)
    told = invariants.order_was_kept(records, compacted)
    await looked(lambda: invariants.state_agrees(on, told))
    invariants.contract_binds_rightly(records)
    await invariants.operations_shows_it(played, records, compacted)
    await looked(lambda: invariants.answers_stand(on, played))
    if invariants.effects(await on.ledger.of(played.cases), compacted) != invariants.effects(records, compacted):
        raise Broken("a request that was repeated after it had been answered had an effect")


async def told_once(on: Cluster, played: Played, reference: Reference) -> None:
    """Wait until everybody was told, as long as a dead worker's lease may last, and hold it to I11."""
    await eventually(lambda: invariants.mails_went_out_once(on, played, reference.letters))
    await eventually(lambda: invariants.webhooks_came_once(played, reference.webhooks))


@asynccontextmanager
async def campaign(log: str, folder: Path, seeds: Iterable[int]) -> AsyncIterator[Campaign]:
    """Start a cluster, play one journey undisturbed, and begin with the seeds."""
    async with cluster(log, folder) as on:
        reference = await _undisturbed(on)
        made = Campaign(on, reference)
        made.begin(seeds)
        try:
            yield made
        finally:
            for task in made.results.values():
                task.cancel()
            await asyncio.gather(*made.results.values(), return_exceptions=True)


async def _undisturbed(on: Cluster) -> Reference:
    town = await on.towns.get()
    played = await play(on, town)
    compacted = on.ledger.compacted
    before: Effects = invariants.effects((), compacted)

    async def quiet() -> None:
        nonlocal before
        records = await on.ledger.of(played.cases)
        now = invariants.effects(records, compacted)
        before, changed = now, now != before
        if changed:
            raise Broken("more events come")
        await invariants.everything_was_handled(on, records)
        letters = await invariants.letters_of(on, played)
        if any(one["status"] not in {"sent", "obsolete"} for one in letters):
            raise Broken("letters are still to go out")

    await eventually(quiet)
    letters = await invariants.letters_of(on, played)
    reference = Reference(
        before,
        invariants.Effects((one["role"], one["template"]) for one in letters),
        invariants.webhooks_of(played),
    )
    await holds(on, played, reference.events)
    await told_once(on, played, reference)
    on.towns.put_nowait(town)
    say(f"undisturbed on the {on.log} log: {reference.events.total()} events in {played.pace}")
    return reference
