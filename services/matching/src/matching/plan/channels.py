"""Solves a plan in a process of its own: a solver holds the interpreter's lock, and here an event loop runs."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pipe
from pathlib import Path
from resource import RLIMIT_DATA, setrlimit
from typing import TYPE_CHECKING, Any, Final

from common.errors import DomainError
from common.runtime.apart import process_of
from matching.plan.model.plan import encode, solve
from matching.plan.model.search import Aim, PinsDoNotFit, Watch

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from matching.plan.model.market import Market
    from matching.plan.model.plan import Plan

GRACE: Final = 30.0
"""Seconds beyond its time that a solver has to hand over what it found, before its process is ended."""
MEMORY: Final = 4 << 30
"""Bytes of a solver's process."""


Beside = Callable[["Market", "Plan", Watch], bytes]
"""Computes figures of a plan where its market is at hand, in the time that the watch leaves; it must be picklable."""


class SolverEnded(DomainError):
    """The solver ended before it had a plan ({reason}); nothing was published, and it can be started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A plan as canonical JSON, with its figures."""

    value: int
    bound: int
    gap: int
    """In millionths of the bound."""
    optimal: bool
    cut: bool
    document: bytes
    beside: bytes = b""
    """What was asked for beside the plan."""


def _unseen(step: str, value: int, bound: int) -> None:
    """Report nothing."""


async def solve_apart(
    market: Callable[[], Market],
    aim: Aim,
    *,
    seconds: float,
    beside: Beside | None = None,
    report: Callable[[str, int, int], None] = _unseen,
    started: Callable[[int], None] = lambda _pid: None,
) -> Outcome:
    """Make the market and solve it in another process; who cancels this ends that process.

    Args:
        market: is called there, so that reading a large market holds up nothing here; it must be picklable.
        aim: as of ``solve``.
        seconds: after these the best so far is handed over, as cut.
        beside: is called there with the market, the plan and a watch, for what is published beside it.
        report: is called with each step, the value so far and the bound.
        started: is called with the process' id.

    Raises:
        PinsDoNotFit: no plan has all that is pinned.
        SolverEnded: the process was killed, ran out of memory, or did not end in time.
    """
    ours, theirs = Pipe(duplex=False)
    process = process_of("matching", _quietly, market, aim, seconds, beside, theirs)
    # The other end is the child's alone: when the child is gone, ours says so.
    theirs.close()
    started(process.pid or 0)
    try:
        async with asyncio.timeout(seconds + GRACE):
            return await _outcome(ours, report)
    except TimeoutError:
        raise SolverEnded(reason="it did not end in time") from None
    except EOFError:
        await _until_ended(process)
        raise SolverEnded(reason=f"exit status {process.exitcode}") from None
    finally:
        process.kill()
        await _until_ended(process)
        ours.close()
        process.close()


async def _outcome(connection: Connection, report: Callable[[str, int, int], None]) -> Outcome:
    while True:
        await _until_readable(connection.fileno())
        kind, *facts = connection.recv()
        if kind == "outcome":
            return Outcome(**facts[0])
        if kind == "refused":
            raise PinsDoNotFit
        report(*facts)


async def _until_ended(process: BaseProcess) -> None:
    await _until_readable(process.sentinel)
    process.join()


def _set(ready: asyncio.Future[None]) -> None:
    with suppress(asyncio.InvalidStateError):  # it may be cancelled, or readable a second time
        ready.set_result(None)


async def _until_readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, _set, ready)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


def _quietly(*work: Any) -> None:
    """Work without the standard output: HiGHS announces itself there before it takes an option."""
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
    *arguments, connection = work
    _work(connection, *arguments)


def _work(
    connection: Connection, market: Callable[[], Market], aim: Aim, seconds: float, beside: Beside | None = None
) -> None:
    """Run in the process of its own."""
    setrlimit(RLIMIT_DATA, (MEMORY, MEMORY))
    # It ends with its answer, and what a market is made of has no cycles: looking for some took a fifth of its time.
    gc.disable()
    ends = time.monotonic() + seconds
    watch = Watch(seconds=partial(_left, ends), report=partial(_send, connection, "step"))
    try:
        made = market()
        plan = solve(made, aim, watch)
    except PinsDoNotFit:
        _send(connection, "refused")
        return
    facts: dict[str, Any] = {name: getattr(plan, name) for name in ("value", "bound", "gap", "optimal", "cut")}
    found = b"" if beside is None else beside(made, plan, watch)
    _send(connection, "outcome", facts | {"document": encode(plan), "beside": found})


def _left(ends: float) -> float:
    return ends - time.monotonic()


def _send(connection: Connection, *message: object) -> None:
    connection.send(message)
