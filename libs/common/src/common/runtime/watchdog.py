"""Ends a process whose event loop stands still: no timeout of asyncio fires while a handler holds the loop.

A thread asks each event loop of the process, once a look, to take a turn. A loop that takes none for long enough is
held by something that never gives it back: a loop in Python without end, a call into C that does not return. Nothing
within the process can break that off. The stack is logged (places only) and the process ended hard, as by a kill: what
was in hand counts one death (ADR 0025, ADR 0015), whoever supervises the process starts it again, and after the
counted deaths the item is parked.

Two things hide from that thread. A call into C that keeps the interpreter's lock (a regular expression that never
ends, a power of astronomical size) keeps the thread from looking as well: each look therefore winds two timers of the
kernel, which count the process's own work. At the end of the first, a handler of ours does what the thread would have
done, where the call looks for signals; at the end of the second, the kernel ends the process. And a machine that is
slow or was suspended looks like a loop that stands still: so time only counts that the loop's own thread worked or
slept through.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread, current_thread, get_ident, main_thread
from types import FrameType
from typing import Final, NoReturn

import structlog

from common.runtime.event_loop import RunningLoop, running_loops

log = structlog.get_logger()

STOOD_STILL: Final = 70
"""The exit status of a process that was ended here (EX_SOFTWARE)."""
LOOKS: Final = 15
"""So many looks in the time after which a loop stands still, and at least one a second."""
REPORT_WITHIN: Final = 2.0
"""Seconds for the log line: whoever holds the loop may hold the log as well."""
LAST_WORD: Final = 1.3
"""The kernel ends the process after so many times the work after which our handler should have been called."""
DOZES: Final = 0.05
"""A thread that works less than this share of the time sleeps, unless it waits for a processor."""
NAPS: Final = 20
"""Or one that goes to sleep by itself so often in a second."""
FRAMES: Final = 40
"""Of the stack, innermost last."""
DEBUGGERS: Final = frozenset({"bdb", "pdb", "pydevd", "_pydevd_bundle", "debugpy", "IPython", "pudb", "ipdb"})
"""Who stands at a breakpoint is looked at by a person."""
WRITERS: Final = frozenset({"common.runtime.telemetry", "hto.output", "rich.console"})
"""Where the innermost frame is one of these, the terminal or pipe takes nothing: it was stopped by a person."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The kernel's account of a thread."""

    worked: float
    """Seconds of a processor."""
    naps: int
    """How often it went to sleep by itself."""
    is_ready: bool
    """Whether it wants a processor, or waits for a disk, at this moment."""

    @classmethod
    def of(cls, thread: int) -> Seen | None:
        """Look; None where the system does not say (it has no ``/proc``), or the thread is gone."""
        place = Path(f"/proc/self/task/{thread}")
        with suppress(OSError, ValueError, IndexError):
            state, *numbers = (place / "stat").read_text().rpartition(") ")[2].split()
            ticks = int(numbers[10]) + int(numbers[11])
            naps = (place / "status").read_text().partition("\nvoluntary_ctxt_switches:")[2].split()[0]
            return cls(ticks / os.sysconf("SC_CLK_TCK"), int(naps), state in "RD")
        return None


def stood(before: Seen | None, now: Seen | None, passed: float, look: float) -> float:
    """Return how much of the time between two looks counts, in seconds.

    No more than one look: what is longer, the machine stood still, or was so busy that the looking thread had no turn
    either. Of a thread that works, only its work: on a busy machine it may have had a hundredth of a processor.
    """
    passed = min(passed, look)
    if before is None or now is None:
        return passed
    worked = now.worked - before.worked
    if worked > DOZES * passed:
        return passed if now.naps - before.naps >= NAPS * passed else min(worked, passed)
    return 0.0 if now.is_ready else passed


class Watched:
    """One event loop and for how long it has stood still."""

    def __init__(self, loop: RunningLoop) -> None:
        """Nothing was asked yet."""
        self.loop = loop
        self.stands = 0.0
        """Seconds of its own since it last took a turn."""
        self._asked = False
        self._turned = False
        self._seen: Seen | None = None

    def look(self, passed: float, look: float) -> float:
        """Return for how long it has stood still, and ask it for a turn where it took one."""
        if self._turned or not self._asked or not self.loop.loop.is_running():
            self.stands, self._turned, self._asked = 0.0, False, True
            with suppress(RuntimeError):  # it is being closed
                self.loop.loop.call_soon_threadsafe(self._turn)
            self._seen = Seen.of(self.loop.native)
            return 0.0
        before, self._seen = self._seen, Seen.of(self.loop.native)
        self.stands += stood(before, self._seen, passed, look)
        return self.stands

    def _turn(self) -> None:
        self._turned = True


@dataclass(frozen=True, slots=True)
class Stack:
    """Where a thread is: modules, lines and functions, and never a value."""

    places: tuple[str, ...]
    modules: tuple[str, ...]

    @classmethod
    def of(cls, thread: int) -> Stack:
        """Look at a thread, innermost last."""
        frames = list(_outwards(sys._current_frames().get(thread)))[:FRAMES][::-1]  # noqa: SLF001 - documented
        modules = tuple(str(frame.f_globals.get("__name__")) for frame in frames)
        places = (
            f"{module}:{frame.f_lineno} {frame.f_code.co_name}" for module, frame in zip(modules, frames, strict=True)
        )
        return cls(tuple(places), modules)

    @property
    def is_looked_at(self) -> bool:
        """Whether a person holds it: at a breakpoint, or by stopping the terminal that it writes to."""
        return any(module.partition(".")[0] in DEBUGGERS for module in self.modules) or (
            bool(self.modules) and self.modules[-1] in WRITERS
        )


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def is_traced() -> bool:
    """Whether a debugger holds this process from outside or drives it from within."""
    if DEBUGGERS.intersection(sys.modules) - {"bdb", "pdb", "IPython"}:
        return True
    with suppress(OSError):
        return Path("/proc/self/status").read_text().partition("\nTracerPid:")[2].split()[0] != "0"
    return False


class Watchdog:
    """Watches every event loop of this process that ``common.runtime.event_loop.run`` runs."""

    def __init__(
        self,
        seconds: float,
        end: Callable[[], NoReturn],
        at: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """``end`` ends the process, from any thread; ``at`` says what a task has in hand, by the task's name."""
        self._seconds, self._end, self._at = seconds, end, at
        self._look = min(1.0, seconds / LOOKS)
        self._stopped = Event()
        self._watched: dict[RunningLoop, Watched] = {}
        self._winds = False

    def start(self) -> None:
        """Begin to look, until the process ends or ``stop``. After nought seconds nothing ever stands still."""
        if not self._seconds:
            return
        if sys.platform != "win32" and current_thread() is main_thread():  # others cannot set handlers
            signal.signal(signal.SIGPROF, self._interrupted)
            self._winds = True
            with suppress(AttributeError, OSError, RuntimeError, ValueError):  # there may be no standard error
                # The dump has places only; then the kernel's own reaction ends the process.
                faulthandler.register(signal.SIGVTALRM, chain=True)
        Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Look no more: the process ends in order, which has limits of its own.

        The timers stop at once: the interpreter gives our handler up before the process is over.
        """
        self._stopped.set()
        self._wind(0)

    def _watch(self) -> None:
        last = time.monotonic()
        while True:
            self._wind(self._seconds)
            if self._stopped.wait(self._look):
                break
            now = time.monotonic()
            for one in self._loops():
                if one.look(now - last, self._look) >= self._seconds:
                    self._found(one)
            last = now
        self._wind(0)

    def _wind(self, seconds: float) -> None:
        """Have the kernel stop the process after so much work of its own; nought: not any more."""
        if sys.platform != "win32" and self._winds:
            signal.setitimer(signal.ITIMER_PROF, seconds)
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds * LAST_WORD)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        """Be called in the main thread, within the call that kept the thread from looking."""
        del number, frame
        for loop in running_loops():
            if loop.thread == get_ident():
                self._found(self._watched.get(loop) or Watched(loop))

    def _loops(self) -> list[Watched]:
        running = running_loops()
        self._watched = {loop: self._watched.get(loop) or Watched(loop) for loop in running}
        return list(self._watched.values())

    def _found(self, one: Watched) -> None:
        stack = Stack.of(one.loop.thread)
        if is_traced() or stack.is_looked_at:
            one.stands = 0.0
            return
        # In a thread of its own: what holds the loop may hold the log's lock, or its pipe may be full.
        reporting = Thread(target=self._report, args=(one, stack), daemon=True)
        reporting.start()
        reporting.join(REPORT_WITHIN)
        self._wind(0)  # the timer would outlive an exec
        self._end()

    def _report(self, one: Watched, stack: Stack) -> None:
        task = asyncio.current_task(one.loop.loop)
        name = task.get_name() if task is not None else ""
        log.critical(
            "process.stands-still",
            seconds=round(one.stands, 1),
            task=name,
            at=self._at(name),
            place=stack.places[-1] if stack.places else "",
            trail=list(stack.places),
        )


def end_hard() -> NoReturn:
    """End this process without a goodbye; whoever supervises it starts it again."""
    os._exit(STOOD_STILL)


def begin_anew(*once: str) -> NoReturn:
    """Begin this process anew, with the same command but for options that were meant ``once``: nobody else would."""
    command = [sys.executable, *(word for word in sys.orig_argv[1:] if word not in once)]
    with suppress(OSError):
        os.execv(sys.executable, command)  # noqa: S606 - our own command line
    end_hard()
