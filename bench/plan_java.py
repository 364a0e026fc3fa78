"""The same market for a solver of the field in Java: Timefold, with its constraint streams in ``bench/java``.

What a pair breaks by itself is left out, as our own search leaves it out. All numbers are those of our own table.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from matching.plan.model.check import check, value
from matching.plan.model.market import Key, Market
from matching.plan.model.table import Table, table_of
from matching.plan.model.together import alone

PROJECT = Path(__file__).parent / "java"
HEAP = "3g"


def build(folder: Path) -> Path:
    """Compile it with Maven, and return where it is.

    Raises:
        SystemExit: there is no Java or no Maven here.
    """
    if missing := [each for each in ("java", "mvn") if shutil.which(each) is None]:
        raise SystemExit(f"--java needs {' and '.join(missing)}")
    target = folder / "java"
    command = ["mvn", "-q", "-B", "-f", str(PROJECT / "pom.xml"), f"-Dbench.target={target}"]
    subprocess.run([*command, "compile", "dependency:copy-dependencies"], check=True)
    return target


def solved(drawn: Market, target: Path, folder: Path, *, seconds: float) -> tuple[float, float, float, list[Key]]:
    """Return the seconds of the search, those of a processor, the megabytes, and the plan.

    Raises:
        AssertionError: its score is not the value of its plan.
    """
    table = table_of(drawn)
    file, answer = folder / "market.tsv", folder / "answer.txt"
    with file.open("w") as lines:
        lines.writelines("\t".join(map(str, line)) + "\n" for line in _lines(drawn, table))
    classes = os.pathsep.join([f"{target}/classes", f"{target}/lib/*"])
    asked = [str(file), str(int(seconds * 1000)), str(answer)]
    started = time.perf_counter()
    process = subprocess.Popen(["java", f"-Xmx{HEAP}", "-cp", classes, "bench.Main", *asked])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"Java ended with {process.returncode} after {time.perf_counter() - started:.0f} s")
    taken, score, *numbers = answer.read_text().split("\n")
    chosen = [table.keys[int(each)] for each in numbers if each]
    hard, soft = map(int, score.split())
    # Where it breaks no rule its own score must be our value: otherwise it solved another model.
    assert hard or soft - table.penalty == value(drawn, chosen), (soft - table.penalty, value(drawn, chosen))
    assert bool(hard) == bool(check(drawn, chosen))
    return float(taken), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, chosen


def _lines(drawn: Market, table: Table) -> Iterator[Sequence[object]]:
    for free, most in zip(table.free, table.most, strict=True):
        yield "person", free, most
    for each in drawn.openings:
        yield "opening", each.places, int(each.shares)
    for minutes in table.caps:
        yield "cap", minutes
    for group in table.groups:
        yield "group", _joined(group.widths), _joined(group.points)
    for one, other in zip(*np.nonzero(table.apart), strict=True):
        yield "apart", one, other
    journeys = table.journeys
    for key, minutes in zip(journeys.keys[:-1], journeys.minutes[:-1], strict=True):
        yield "way", key // journeys.locations, key % journeys.locations, minutes
    lessons = table.lessons
    for pair in np.flatnonzero(alone(table) == 0):
        count = lessons.count[pair]
        yield (
            "pair",
            pair,
            table.person[pair],
            table.opening[pair],
            int(table.keys[pair].part),
            table.value[pair],
            table.amount[pair],
            table.minutes[pair],
            table.cap[pair],
            table.region[pair],
            table.subject[pair],
            table.board[pair],
            table.form[pair],
            lessons.location[pair],
            _joined(lessons.start[:count, pair]),
            _joined(lessons.end[:count, pair]),
        )


def _joined(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))
