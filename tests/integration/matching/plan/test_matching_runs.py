"""A queue of runs on a real database: progress, cancelling, dead workers and dead solvers, and never half a result."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from sqlalchemy import MetaData, text

from common.decision import MissingDependency
from common.persistence.transaction import Tx, uuid7
from matching.plan.channels import Outcome
from matching.plan.model.market import Market
from matching.plan.model.search import Aim
from matching.plan.store.runs import Progress, RunRows
from matching.plan.usecases.running import FailReason, Job, RunQueue, Solve
from matching.tables import run_table
from tests.integration.matching.matching_at_work import Matching
from tests.unit.matching.plan.plan_examples import market, opening, pair, person
from tests.unit.matching.plan.test_solving import pinned_twice, slow, small

TABLE: Final = run_table("example_runs", MetaData())
ROWS: Final = RunRows(TABLE, "matching.examples")


class Examples(RunQueue[list[int]]):
    """Solves the same market once or more often."""

    NOTES_EVERY = 0.05

    def __init__(self, matching: Matching, made: Callable[[], Market], *, times: int = 1) -> None:
        super().__init__(matching.database, ROWS)
        self.made, self.times = made, times
        self.begun: list[UUID] = []
        self.results: dict[UUID, list[int]] = {}
        self.given_up: dict[UUID, FailReason] = {}

    async def prepare(self, tx: Tx, run_id: UUID) -> Job[list[int]]:
        self.begun.append(run_id)

        async def job(solve: Solve) -> list[int]:
            found: list[Outcome] = [await solve(self.made, Aim(), seconds=60) for _ in range(self.times)]
            return [each.value for each in found]

        return job

    async def record(self, tx: Tx, run_id: UUID, result: list[int]) -> None:
        self.results[run_id] = result

    async def give_up(self, tx: Tx, run_id: UUID, reason: FailReason) -> None:
        self.given_up[run_id] = reason


class Unready(Examples):
    """A policy that it needs has not arrived."""

    async def prepare(self, tx: Tx, run_id: UUID) -> Job[list[int]]:
        await super().prepare(tx, run_id)
        raise MissingDependency("policies/matching.plan")


@pytest.fixture
async def run_id(matching: Matching) -> UUID:
    made = uuid7()
    async with matching.database.begin(actor="test") as tx:
        await tx.connection.run_sync(TABLE.create)
        await ROWS.enqueue(tx, made)
    return made


async def until_there(marker: Path) -> None:
    async with asyncio.timeout(60):  # a process that cannot start makes none
        while not marker.exists():  # noqa: ASYNC110, ASYNC240 - another process makes it
            await asyncio.sleep(0.02)


async def change(matching: Matching, statement: str) -> None:
    async with matching.database.begin(actor="test") as tx:
        await tx.execute(text(statement))


async def waiting(matching: Matching) -> int:
    async with matching.database.begin(actor="test") as tx:
        return int((await tx.execute(text("SELECT count(*) FROM example_runs"))).scalar_one())


async def die_holding(matching: Matching) -> None:
    """A worker claims the run and ends without a word; its lease runs out."""
    assert await Examples(matching, small).claim(1, alone=False) or await Examples(matching, small).claim(1, alone=True)
    await change(matching, "UPDATE example_runs SET leased_until = now() - interval '1 second'")


async def test_a_run_solves_as_often_as_it_needs_and_leaves_the_queue(matching: Matching, run_id: UUID) -> None:
    queue = Examples(matching, small, times=2)
    assert await queue.run_due() == 1
    [one, other] = queue.results[run_id]
    assert one == other > 0
    assert await waiting(matching) == 0


async def test_progress_of_a_run_is_noted_while_it_lasts(matching: Matching, run_id: UUID, tmp_path: Path) -> None:
    queue = Examples(matching, partial(slow, tmp_path / "begun"))
    async with matching.database.begin(actor="test") as tx:
        assert await ROWS.progress(tx, run_id) is None
    running = asyncio.create_task(queue.run_due())
    await until_there(tmp_path / "begun")
    async with matching.database.begin(actor="test") as tx:
        assert await ROWS.progress(tx, run_id) == Progress("begins", 0, 0)
        await ROWS.cancel(tx, run_id)
    await running


async def test_a_run_that_is_cancelled_stops_its_solver_and_stores_nothing(
    matching: Matching, run_id: UUID, tmp_path: Path
) -> None:
    queue = Examples(matching, partial(slow, tmp_path / "begun"))
    running = asyncio.create_task(queue.run_due())
    await until_there(tmp_path / "begun")
    async with matching.database.begin(actor="test") as tx:
        await ROWS.cancel(tx, run_id)
    async with asyncio.timeout(10):
        await running
    assert (queue.results, queue.given_up) == ({}, {})


async def test_a_run_whose_worker_was_overtaken_stores_nothing(
    matching: Matching, run_id: UUID, tmp_path: Path
) -> None:
    queue = Examples(matching, partial(slow, tmp_path / "begun"))
    running = asyncio.create_task(queue.run_due())
    await until_there(tmp_path / "begun")
    await change(matching, "UPDATE example_runs SET lease = gen_random_uuid()")
    async with asyncio.timeout(10):
        await running
    assert (queue.results, queue.given_up) == ({}, {})
    assert await waiting(matching) == 1, "the run is the other worker's"


async def test_a_run_whose_worker_died_is_run_again(matching: Matching, run_id: UUID) -> None:
    await die_holding(matching)
    queue = Examples(matching, small)
    await queue.run_due()
    assert list(queue.results) == [run_id]


async def test_a_run_that_ended_three_workers_is_given_up(matching: Matching, run_id: UUID) -> None:
    for _ in range(3):
        await die_holding(matching)
    queue = Examples(matching, small)
    await queue.run_due()
    assert (queue.begun, queue.results, queue.given_up) == ([], {}, {run_id: "worker_died"})
    assert await waiting(matching) == 0


async def test_a_run_whose_solver_is_killed_each_time_is_given_up_at_the_third(
    matching: Matching, run_id: UUID
) -> None:
    queue = Examples(matching, killed)
    for _ in range(4):
        await queue.run_due()
        await change(matching, "UPDATE example_runs SET due_at = now() - interval '1 day'")
    assert (len(queue.begun), queue.results, queue.given_up) == (3, {}, {run_id: "solver_ended"})


async def test_pins_that_do_not_fit_end_a_run_at_once(matching: Matching, run_id: UUID) -> None:
    queue = Examples(matching, pinned_twice)
    await queue.run_due()
    assert (len(queue.begun), queue.given_up) == (1, {run_id: "pins_do_not_fit"})


async def test_a_run_without_its_policy_is_tried_again_before_it_is_given_up(matching: Matching, run_id: UUID) -> None:
    queue = Unready(matching, small)
    await queue.run_due()
    assert queue.given_up == {}
    for _ in range(2):
        await change(matching, "UPDATE example_runs SET due_at = now() - interval '1 day'")
        await queue.run_due()
    assert (len(queue.begun), queue.given_up) == (3, {run_id: "failed"})


async def test_a_result_that_comes_after_the_run_was_cancelled_is_dropped(matching: Matching, run_id: UUID) -> None:
    queue = Examples(matching, small)
    [claimed] = await queue.claim(1, alone=False)
    async with matching.database.begin(actor="test") as tx:
        await ROWS.cancel(tx, run_id)
        await queue._record(tx, claimed, [1])
    assert queue.results == {}


async def test_an_outage_while_progress_is_noted_ends_a_run_only_with_its_lease(
    matching: Matching, run_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, failures = Examples(matching, small), [OSError("away")]
    note = ROWS.note

    async def note_later(*args: object) -> bool:
        if failures:
            raise failures.pop()
        return await note(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(ROWS, "note", note_later)
    await queue.run_due()
    assert list(queue.results) == [run_id]


def killed() -> Market:
    os.kill(os.getpid(), signal.SIGKILL)
    return market([person(1)], [opening(1)], [pair(1, 1)])
