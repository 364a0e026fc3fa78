"""A plan that is solved in a process of its own: progress, a time, a way to end it, and a clear error if it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from resource import RLIMIT_DATA

import pytest

from matching.plan.channels import MEMORY, SolverEnded, _work, solve_apart
from matching.plan.model.market import Market
from matching.plan.model.plan import encode, solve
from matching.plan.model.search import Aim, PinsDoNotFit
from tests.unit.matching.plan.plan_examples import market, opening, pair, person

SMALL = market([person(1), person(2)], [opening(1)], [pair(1, 1), pair(2, 1)])


def small() -> Market:
    return SMALL


def pinned_twice() -> Market:
    return market(SMALL.people, SMALL.openings, SMALL.pairs, pinned=frozenset(each.key for each in SMALL.pairs))


def without_the_service() -> Market:
    import_module("matching.scenario.model.trial")
    assert not {"fastapi", "sqlalchemy", "hto", "matching.plan.routes"} & sys.modules.keys()
    return SMALL


def slow(marker: Path) -> Market:
    marker.touch()
    time.sleep(60)
    raise AssertionError


def broken() -> Market:
    raise ZeroDivisionError


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _until(there: Path) -> None:
    async with asyncio.timeout(60):  # a process that cannot start makes none
        while not there.exists():  # noqa: ASYNC110, ASYNC240 - another process makes it
            await asyncio.sleep(0.02)


async def test_a_solver_imports_neither_the_service_nor_the_program_that_started_it() -> None:
    program = sys.modules["__main__"]
    found = await solve_apart(without_the_service, Aim(), seconds=60)
    assert found.document == encode(solve(SMALL))
    assert sys.modules["__main__"] is program


async def test_a_plan_that_is_solved_apart_is_the_same_and_reports_its_steps(capfd: pytest.CaptureFixture[str]) -> None:
    steps: list[tuple[str, int, int]] = []
    outcome = await solve_apart(small, Aim(), seconds=60, report=lambda *step: steps.append(step))
    assert capfd.readouterr().out == "", "the solver's own words are not part of a service's output"
    plan = solve(SMALL)
    assert outcome.document == encode(plan)
    assert (outcome.value, outcome.bound, outcome.gap, outcome.optimal, outcome.cut) == (
        plan.value,
        plan.bound,
        0,
        True,
        False,
    )
    assert next(step for step, _, _ in steps) == "prices"


async def test_a_solver_without_time_hands_over_what_it_has_and_says_that_it_was_cut() -> None:
    outcome = await solve_apart(small, Aim(), seconds=0)
    assert outcome.cut


async def test_pins_that_do_not_fit_are_refused_from_there_as_well() -> None:
    with pytest.raises(PinsDoNotFit):
        await solve_apart(pinned_twice, Aim(), seconds=60)


async def test_a_solver_that_is_killed_is_a_clear_error(tmp_path: Path) -> None:
    found: list[int] = []
    running = asyncio.create_task(
        solve_apart(partial(slow, tmp_path / "begun"), Aim(), seconds=60, started=found.append)
    )
    await _until(tmp_path / "begun")
    os.kill(found[0], signal.SIGKILL)
    with pytest.raises(SolverEnded, match="exit status -9"):
        await running


async def test_a_solver_that_fails_is_a_clear_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SolverEnded, match="exit status 1"):
        await solve_apart(broken, Aim(), seconds=60)
    assert "ZeroDivisionError" in capfd.readouterr().err


async def test_a_search_that_is_cancelled_leaves_no_process(tmp_path: Path) -> None:
    found: list[int] = []
    running = asyncio.create_task(
        solve_apart(partial(slow, tmp_path / "begun"), Aim(), seconds=60, started=found.append)
    )
    await _until(tmp_path / "begun")
    assert _alive(found[0])
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not _alive(found[0])


async def test_a_solver_that_does_not_end_in_time_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.plan.channels.GRACE", 0.1)
    found: list[int] = []
    with pytest.raises(SolverEnded, match="did not end in time"):
        await solve_apart(partial(slow, tmp_path / "begun"), Aim(), seconds=0.1, started=found.append)
    assert not _alive(found[0])


@pytest.mark.parametrize(("made", "last"), [(small, "outcome"), (pinned_twice, "refused")])
def test_the_last_message_of_a_solver_is_its_outcome(
    made: Callable[[], Market], last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process: what a child runs is not measured."""
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr("matching.plan.channels.setrlimit", lambda kind, limit: limits.append((kind, limit)))
    ours, theirs = get_context("spawn").Pipe(duplex=False)
    _work(theirs, made, Aim(), 60)
    theirs.close()
    kinds = []
    while ours.poll():
        with suppress(EOFError):
            kinds.append(ours.recv()[0])
            continue
        break
    ours.close()
    assert kinds[-1] == last
    assert limits == [(RLIMIT_DATA, (MEMORY, MEMORY))]
