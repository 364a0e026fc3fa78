"""What simulating years of arrivals and answers costs, under the rules of now and under others: a markdown table.

python -m bench.simulation [--sizes 500,2000] [--seed 1] [--years 10]

The market is that of `bench.plan`, with a place per vacancy as drawn. A scenario simulates as many years under the
rules of now and as many under each point; one set of rules is one row here. Making the market is not counted.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections import defaultdict
from datetime import date
from uuid import UUID

from bench.machine import describe
from bench.plan_market import geography, market
from bench.ranking import built_in
from common.policy import Policies
from matching.plan.model.market import Market
from matching.scenario.model.estimates import summary
from matching.scenario.model.year import Assumptions, Candidate, Sought, World, Year, simulate

DAY = date(2026, 11, 2)
LEAD, LASTS = 30, 300
"""Days until the first lesson of a vacancy, and from it to the last."""


def world(drawn: Market) -> World:
    fitting: dict[UUID, list[Candidate]] = defaultdict(list)
    for pair in drawn.pairs:
        bits = pair.slots.bits
        fitting[pair.opening].append(Candidate(pair.person, pair.score, pair.chance, pair.minutes, bits))
    return World(
        vacancies=tuple(
            Sought(each.id, each.board, each.places, LEAD, LASTS, tuple(fitting[each.id])) for each in drawn.openings
        ),
        people={each.id: each.free for each in drawn.people},
    )


def row(size: int, name: str, found: list[Year], now: list[Year] | None, seconds: float) -> str:
    drawn = summary(found, now)
    assert drawn is not None
    means = {key: each.mean for key, each in drawn.measures.items()}
    days, filled = f"{means['median_hours'] / 24:.1f}, {means['p90_hours'] / 24:.1f}", means["filled"]
    letters = means["letters"] / max(filled, 1)
    change = (
        "" if drawn.change is None else "{low:+,} to {high:+,}".format(**dataclasses.asdict(drawn.change["filled"]))
    )
    return (
        f"| {size:,} | {name} | {drawn.runs} | {seconds:.1f} | {filled:,} of {drawn.places:,} | {change} | {days}"
        f" | {letters:.1f} | {means['in_vain']:,} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="500,2000", help="people, and as many vacancies; with commas between")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--years", type=int, default=10)
    asked = parser.parse_args()
    policies: Policies = built_in()
    print(f"{describe()}; geography: {geography()[0]}; seed {asked.seed}\n")
    print(
        "| vacancies | asked at once | years | seconds in all | places filled | difference, 95 % |"
        " days to fill, median and p90 | letters a placement | asked in vain |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    for size in map(int, asked.sizes.split(",")):
        drawn, now = world(market(size, size, asked.seed)), None
        for most in (3, 2, 1):
            by = Assumptions.of(policies.with_value("matching.asking", mostPerPlace=most), DAY)
            began = time.perf_counter()
            years = [simulate(drawn, by, seed) for seed in range(asked.years)]
            name = f"at most {most}" + (", as now" if now is None else "")
            print(row(size, name, years, now, time.perf_counter() - began), flush=True)
            now = now or years


if __name__ == "__main__":
    main()
