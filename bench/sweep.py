"""What a scenario with a sweep of ten points costs, as a worker has it computed: prints a markdown table.

python -m bench.sweep [--size 2000] [--only "radius"] [--simulate]

People and vacancies are those of `bench.ranking`, spread over the country; each scenario is one process of its own,
whose start is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import random
import resource
import time
from datetime import date
from typing import Final
from uuid import UUID

from bench.machine import describe
from bench.ranking import DAY, FORMS, SUBJECTS, built_in, somebody, vacancy
from matching.plan.channels import solve_apart
from matching.plan.model.snapshot import Rules, Snapshot, Vacant
from matching.profile.model.distance import Place
from matching.profile.model.week import Week
from matching.scenario.model.overrides import Sweep, points
from matching.scenario.model.trial import Trial, read_figures
from matching.vacancy.model.opening import Opening
from rules.forms import SchoolType, TeachingRole

ROLES: Final = (
    (TeachingRole.GUEST_LECTURER, SchoolType.VO),
    (TeachingRole.GUEST_LECTURER, SchoolType.MBO),
    (TeachingRole.TEACHER, SchoolType.VO),
    (TeachingRole.PRACTICE_TRAINER, SchoolType.MBO),
    (TeachingRole.INSTRUCTOR, SchoolType.MBO),
)
GUEST: Final = "qualification.ground.guest"
SWEEPS: Final = {
    "rate of VAT": Sweep(code="vat.rates", name="standard", values=tuple(f"0.{each:02d}" for each in range(0, 20, 2))),
    "weight of a filled place": Sweep(code="matching.plan", name="filled", values=tuple(range(50, 150, 10))),
    "guest cap": Sweep(code=GUEST, name="maxMinutesPerSchoolYear", values=tuple(range(4_800, 24_000, 1_920))),
    "mean of working time": Sweep(
        code="working_time.R4", name="maxMeanMinutes", values=tuple(range(2_000, 3_000, 100))
    ),
    "radius": Sweep(code="matching.limits", name="defaultRadiusKm", values=tuple(range(10, 60, 5))),
}
"""From the rule that touches least to the one that touches most."""


def opening(dice: random.Random, number: int) -> Opening:
    role, school_type = dice.choice(ROLES)
    day, start, minutes = dice.randint(1, 5), dice.choice((510, 780)), dice.choice((120, 180, 240, 420))
    roster = dice.choice((None, Week.of([(day, start, start + min(minutes, 240))])))
    return dataclasses.replace(
        vacancy(role, school_type, roster=roster, minutes=minutes, forms=dice.choice(((), FORMS))),
        vacancy_id=UUID(int=10_000_000 + number),
        board_id=UUID(int=20_000_000 + number // 6),
        school_id=UUID(int=30_000_000 + number // 2),
        location_id=UUID(int=40_000_000 + number // 2),
        subject=dice.choice(SUBJECTS),
        place=Place.at(50.8 + 2.6 * dice.random(), 3.6 + 3.4 * dice.random()),
        region=f"AM{dice.randint(1, 35):02d}",
    )


def snapshot(size: int) -> Snapshot:
    dice = random.Random(size)
    people = sorted((somebody(dice) for _ in range(size)), key=lambda each: each.trainer_id)
    places = (opening(dice, number) for number in range(size))
    return Snapshot(
        profiles=tuple(people),
        vacancies=tuple(Vacant(each, each.places) for each in places),
        policies=built_in(),
        day=DAY,
    )


def _worked() -> float:
    """The seconds of a processor that processes took which ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def row(name: str, sweep: Sweep, taken: Snapshot, *, simulate: bool) -> str:
    steps: list[tuple[float, str]] = []
    began, worked = time.perf_counter(), _worked()

    def note(step: str, _value: int, _bound: int) -> None:
        steps.append((time.perf_counter() - began, step))

    changed = points(taken.policies, [], sweep, DAY, simulate=simulate)
    until = date(DAY.year + 1, DAY.month, DAY.day)
    aim = Rules.of(taken.policies, DAY).aim
    trial = Trial(snapshot=taken, points=changed, until=until, aim=aim, simulate=simulate)
    found = await solve_apart(trial, aim, seconds=600, beside=trial.beside, report=note)
    seconds, worked = time.perf_counter() - began, _worked() - worked
    first = next(at for at, step in steps if step.startswith("point 1 "))
    matches = [each.total.matches for each in read_figures(found.beside)]
    return (
        f"| {name} | {worked:.1f} | {seconds:.1f} | {first:.1f} | {(seconds - first) / len(changed):.1f} |"
        f" {matches[0]:,} | {min(matches[1:]):,} to {max(matches[1:]):,} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2000, help="people, and as many vacancies")
    parser.add_argument("--only", choices=SWEEPS)
    parser.add_argument("--simulate", action="store_true")
    asked = parser.parse_args()
    print(f"{describe()}; {asked.size:,} people, {asked.size:,} vacancies\n")
    print("| swept | of a processor, s | seconds | until the plan of now | a point | matches now | in the points |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    taken = snapshot(asked.size)
    for name, sweep in SWEEPS.items():
        if asked.only in {None, name}:
            print(asyncio.run(row(name, sweep, taken, simulate=asked.simulate)), flush=True)


if __name__ == "__main__":
    main()
