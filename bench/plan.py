"""What it costs to plan a whole market, beside what others would do with the same market: prints a markdown table.

python -m bench.plan [--sizes 2000,10000] [--seed 1] [--seconds 60] [--gap 500] [--java]

Each solver is a process of its own, one after the other, so that time and memory are its alone. Making the market is
not counted; its memory is. Every plan is checked by the independent checker, and valued by it. ``--java`` needs Java
17 and Maven, which no other part of this project does.
"""

from __future__ import annotations

import argparse
import gc
import pickle
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
from scipy.optimize import linear_sum_assignment

from bench.machine import describe
from bench.plan_java import build, solved
from bench.plan_market import geography, market
from matching.plan.model.check import check, value
from matching.plan.model.market import POINT, Key, Market
from matching.plan.model.plan import solve
from matching.plan.model.search import Aim, Watch
from matching.plan.model.table import NONE, table_of
from matching.plan.model.together import alone, over_cap, together

Solver = Callable[[Market], tuple[list[Key], str]]


def ours(drawn: Market, *, gap: int, seconds: float) -> tuple[list[Key], str]:
    ends = time.monotonic() + seconds
    plan = solve(drawn, Aim(gap=gap), Watch(seconds=lambda: ends - time.monotonic()))
    return list(plan.chosen), f"{plan.gap / 10_000:.4f} %{', cut' if plan.cut else ''}"


def greedy(drawn: Market, *, seed: int) -> tuple[list[Key], str]:
    """Openings in the order of their arrival, each with the best people who are still free."""
    table = table_of(drawn)
    feasible = alone(table) == 0
    couples = together(table, feasible)
    free = couples.broken == 0
    size = len(table.keys)
    keys = couples.left[free].astype(np.int64) * size + couples.right[free]
    held: dict[int, list[int]] = {}
    places = table.places.copy()

    def fits(pair: int) -> bool:
        mine = held.get(int(table.person[pair]), [])
        if len(mine) == table.most[table.person[pair]]:
            return False
        wanted = np.array([min(pair, each) * size + max(pair, each) for each in mine], dtype=np.int64)
        found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        three = np.array([*mine, pair])
        minutes = np.array([table.minutes[three].sum()])
        cap = np.array([table.cap[pair] if len(set(table.cap[three].tolist())) == 1 else NONE])
        return bool(
            (keys[found] == wanted).all()
            and minutes[0] <= table.free[table.person[pair]]
            and not over_cap(table, cap, minutes)[0]
        )

    arrival = list(dict.fromkeys(table.opening.tolist()))
    Random(seed).shuffle(arrival)
    turn = np.empty(max(arrival, default=0) + 1, dtype=np.int64)
    turn[arrival] = np.arange(len(arrival))
    for pair in np.lexsort((-table.value, turn[table.opening])).tolist():
        rows = [row for row in table.halves[pair].tolist() if row != NONE]
        if feasible[pair] and all(places[row] for row in rows) and fits(pair):
            places[rows] -= 1
            held.setdefault(int(table.person[pair]), []).append(pair)
    return [table.keys[pair] for mine in held.values() for pair in mine], ""


def hungarian(drawn: Market) -> tuple[list[Key], str]:
    """SciPy's dense assignment: one place and one opening each, and nothing else."""
    table = table_of(drawn)
    feasible = np.flatnonzero(alone(table) == 0)
    gains = np.zeros((len(table.people), len(table.rows)))
    pair_at: dict[tuple[int, int], int] = {}
    for pair in feasible.tolist():
        at = int(table.person[pair]), int(table.halves[pair, 0])
        if table.value[pair] > gains[at]:
            gains[at], pair_at[at] = table.value[pair], pair
    people, rows = linear_sum_assignment(gains, maximize=True)
    chosen = [pair_at[at] for at in zip(people.tolist(), rows.tolist(), strict=True) if at in pair_at]
    return [table.keys[pair] for pair in chosen], "0 %"


def _measured(file: Path, solver: Solver, answer: Path) -> None:
    gc.disable()  # as a solver's process does
    drawn: Market = pickle.loads(file.read_bytes())
    started, worked = time.perf_counter(), time.process_time()
    chosen, gap = solver(drawn)
    taken, worked = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    broken = check(drawn, chosen)
    answer.write_bytes(pickle.dumps((taken, worked, peak, len(chosen), value(drawn, chosen), gap, len(broken))))


def row(name: str, size: int, file: Path, solver: Solver, unit: int) -> str:
    answer = file.with_suffix(".answer")
    process = get_context("spawn").Process(target=_measured, args=(file, solver, answer))
    process.start()
    process.join()
    return _line(name, size, unit, *pickle.loads(answer.read_bytes()))


def row_of_java(size: int, drawn: Market, target: Path, folder: Path, seconds: float, unit: int) -> str:
    taken, worked, peak, chosen = solved(drawn, target, folder, seconds=seconds)
    broken = check(drawn, chosen)
    worth = value(drawn, chosen)
    return _line("Timefold, Java", size, unit, taken, worked, peak, len(chosen), worth, "", len(broken))


def _line(
    name: str,
    size: int,
    unit: int,
    taken: float,
    worked: float,
    peak: float,
    chosen: int,
    worth: int,
    gap: str,
    broken: int,
) -> str:
    return (
        f"| {size:,} | {name} | {worth / unit:,.1f} | {gap} | {chosen:,} | {taken:.1f} | {worked:.1f} | {peak:,.0f} |"
        f" {broken or 'none'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="2000,10000", help="people, and as many openings; with commas between")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60, help="the time limit of each solver")
    parser.add_argument("--gap", type=int, default=500, help="where ours ends, in millionths of the bound")
    parser.add_argument("--java", action="store_true", help="beside Timefold as well: needs Java 17 and Maven")
    asked = parser.parse_args()
    print(f"{describe()}; geography: {geography()[0]}; seed {asked.seed}\n")
    print("| size | solver | value | proven gap | pairs | seconds | of a processor | MB | rules broken |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    own = partial(ours, gap=asked.gap, seconds=asked.seconds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        target = build(folder) if asked.java else None
        for size in map(int, asked.sizes.split(",")):
            file = folder / f"{size}.market"
            drawn = market(size, size, asked.seed)
            file.write_bytes(pickle.dumps(drawn))
            unit = POINT * drawn.weights.filled
            print(row("plan", size, file, own, unit), flush=True)
            print(row("greedy, in order of arrival", size, file, partial(greedy, seed=asked.seed), unit), flush=True)
            if target is not None:
                print(row_of_java(size, drawn, target, folder, asked.seconds, unit), flush=True)
            if size > 5_000:
                continue
            drawn = market(size, size, asked.seed, single=True)
            file.write_bytes(pickle.dumps(drawn))
            print(row("plan, one place and one opening each", size, file, own, unit), flush=True)
            print(row("dense Hungarian, the same", size, file, hungarian, unit), flush=True)


if __name__ == "__main__":
    main()
