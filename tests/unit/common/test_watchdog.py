"""A process whose event loop never turns again is ended; one that is slow, suspended or looked at is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import get_ident

import pytest

from common.runtime.watchdog import NAPS, STOOD_STILL, Seen, Stack, is_traced, stood

_BEGIN = """
import asyncio, os, re, sys, time
from threading import Thread
from common.runtime import watchdog
from common.runtime.event_loop import run
from common.runtime.watchdog import STOOD_STILL, Watchdog, begin_anew, end_hard

def held(name="Anna de Vries"):
    while True:
        pass

def begin(seconds=0.2, end=end_hard, at=lambda task: f"what {task} has"):
    made = Watchdog(seconds, end, at)
    made.start()
    return made
"""


def _ends(program: str, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _BEGIN + program],
        check=False,
        cwd=Path(__file__).parents[3],
        timeout=60,
        text=True,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def test_a_call_that_holds_the_loop_is_named_by_its_place_and_never_by_a_value() -> None:
    ended = _ends("""
async def main():
    begin()
    asyncio.current_task().set_name("matching consumer hto.matching")
    held()
run(main())
""")
    assert ended.returncode == STOOD_STILL
    said = ended.stdout + ended.stderr
    assert "process.stands-still" in said
    assert "what matching consumer hto.matching has" in said
    assert "__main__:" in said
    assert " held" in said
    assert "Anna" not in said


def test_a_loop_in_a_thread_of_its_own_is_watched_as_well() -> None:
    """As that of letters, whose templates are ours and whose names are not."""
    ended = _ends("""
async def apart():
    held()

async def main():
    begin()
    Thread(target=run, args=(apart(),), daemon=True).start()
    await asyncio.sleep(50)
run(main())
""")
    assert ended.returncode == STOOD_STILL
    assert " held" in ended.stdout + ended.stderr


def test_a_call_that_looks_for_no_signal_is_ended_by_the_kernel() -> None:
    """It keeps the interpreter's lock and does nothing else: nothing of ours runs any more."""
    ended = _ends("""
async def main():
    begin()
    sum(range(10**12))
run(main())
""")
    assert ended.returncode == -signal.SIGVTALRM
    assert "in main" in ended.stderr


def test_a_process_that_nobody_would_start_again_begins_anew_with_the_same_command(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    ended = _ends(f"""
from functools import partial
async def main():
    if os.path.exists({str(begun)!r}):
        print("again", os.getpid())
        return
    open({str(begun)!r}, "w").close()
    print("first", os.getpid(), flush=True)
    begin(end=partial(begin_anew, "--again"))
    held()
run(main())
""")
    assert ended.returncode == 0
    first, again = (line.split() for line in ended.stdout.splitlines() if "stands-still" not in line)
    assert (first[0], again[0], first[1] == again[1]) == ("first", "again", True)


def test_a_log_that_nobody_reads_does_not_keep_a_process_that_stands_still() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while os.write(writer, b"x" * 4096):
            pass
    os.set_blocking(writer, True)
    try:
        ended = _ends(
            """
import structlog
structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=sys.stderr))
watchdog.REPORT_WITHIN = 0.2
async def main():
    begin()
    held()
run(main())
""",
            stderr=writer,
        )
    finally:
        os.close(reader)
        os.close(writer)
    assert ended.returncode == STOOD_STILL


def test_a_process_that_was_suspended_goes_on() -> None:
    program = """
async def main():
    begin()
    print("stop", flush=True)
    for _ in range(9):
        time.sleep(0.05)
        await asyncio.sleep(0)
    print("went on")
run(main())
"""
    with subprocess.Popen(
        [sys.executable, "-c", _BEGIN + program], cwd=Path(__file__).parents[3], text=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stop\n"
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.6)
        process.send_signal(signal.SIGCONT)
        assert process.stdout.readline() == "went on\n"
    assert process.returncode == 0


def test_no_loop_is_watched_where_that_is_off_or_the_process_stops_in_order() -> None:
    ended = _ends("""
async def main():
    begin(0)
    begin().stop()
    await asyncio.sleep(0.05)
    until = time.process_time() + 0.5
    while time.process_time() < until:
        pass
    print("went on")
run(main())
""")
    assert (ended.returncode, ended.stdout) == (0, "went on\n")


def _seen(worked: float = 0.0, naps: int = 0, *, is_ready: bool = False) -> Seen:
    return Seen(worked, naps, is_ready)


@pytest.mark.parametrize(
    ("now", "passed", "counts"),
    [
        (_seen(), 1.0, 1.0),  # asleep in a call that does not return
        (_seen(worked=0.9), 1.0, 0.9),  # a loop without end
        (_seen(worked=0.06), 1.0, 0.06),  # one that has a sixteenth of a processor: its work counts
        (_seen(worked=0.01, is_ready=True), 1.0, 0.0),  # one that gets no processor, or waits for a disk
        (_seen(worked=0.2, naps=NAPS), 1.0, 1.0),  # one that asks again and again, and sleeps in between
        (_seen(), 3600.0, 1.0),  # the machine was suspended: one look
        (_seen(worked=7.0), 9.0, 1.0),  # the looking thread had no turn either
        (None, 0.7, 0.7),  # the system does not say
    ],
)
def test_time_counts_that_a_thread_worked_or_slept_through(now: Seen | None, passed: float, counts: float) -> None:
    assert stood(_seen(), now, passed, look=1.0) == pytest.approx(counts)


def test_the_kernel_counts_a_threads_work_and_has_none_of_one_that_is_gone() -> None:
    seen = Seen.of(os.getpid())
    assert seen is None or seen.worked > 0
    assert Seen.of(2**30) is None


def test_a_stack_has_places_only_and_knows_who_looks_at_it() -> None:
    stack = Stack.of(get_ident())
    assert stack.places[-1].startswith("common.runtime.watchdog:")
    assert any("test_a_stack_has_places_only" in place for place in stack.places)
    assert not stack.is_looked_at
    assert Stack((), ("asyncio.runners", "matching.handlers", "pdb", "cmd")).is_looked_at
    assert Stack((), ("asyncio.runners", "common.runtime.telemetry")).is_looked_at, "a terminal that was stopped"
    assert not Stack((), ("common.runtime.telemetry", "matching.handlers")).is_looked_at
    assert not Stack((), ()).is_looked_at


def test_a_debugger_is_seen_from_its_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    before = is_traced()
    monkeypatch.setitem(sys.modules, "pydevd", sys)
    assert (before, is_traced()) == (False, True)
