"""What it costs to rank one new vacancy against all trainers, reasons included: prints a markdown table.

python bench/ranking.py [--runs 15] [--pools 1000,10000,100000]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from importlib import resources
from uuid import UUID

from common.policy import Policies
from matching.profile.model.absence import Absence
from matching.profile.model.distance import Place
from matching.profile.model.engagement import Engagement
from matching.profile.model.pool import Pool
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.week import Week
from matching.ranking.model.ranking import Ranking, rank
from matching.ranking.model.replay import outcome
from matching.vacancy.model.opening import Opening
from rules.forms import Form, SchoolType, TeachingRole
from rules.qualification import Credential, Held
from rules.rows import rows_from_json

DAY = date(2026, 11, 2)
SUBJECTS = (
    "installation", "electrical", "metal", "metalelectro", "construction", "roofing", "ict", "maintenance",
    "logistics", "process", "maritime", "water", "laboratory", "hightech", "physics", "energy-transition",
)  # fmt: skip
BUSY = (
    Engagement(
        proposal_id=UUID(int=5),
        agreed=True,
        minutes_per_week=120,
        slots=Week.of([(1, 510, 570), (4, 780, 840)]),
        vacancy_id=UUID(int=6),
        board_id=UUID(int=7),
        place=Place.at(52.16, 5.39),
        role=TeachingRole.GUEST_LECTURER,
        form=Form.GUEST,
        first_day=date(2026, 9, 1),
        last_day=date(2027, 7, 9),
    ),
)
"""What one in four has agreed already: two hours in Amersfoort."""
AWAY = (
    Absence(first_day=date(2027, 3, 1), last_day=date(2027, 3, 14)),
    Absence(first_day=date(2027, 5, 3), last_day=date(2027, 5, 7)),
)
FIRST = "guest lecturer, vo, roster"
CREDENTIALS = (Credential.TEACHER_GRADE_2, Credential.PDG, Credential.PDD, Credential.HBO_LEVEL)


def built_in() -> Policies:
    folder = resources.files("registry") / "policy" / "policies"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return Policies.of(row for file in files for row in rows_from_json(json.loads(file.read_text("utf-8")), version=1))


def somebody(dice: random.Random) -> Profile:
    company = UUID(int=dice.getrandbits(128)) if dice.random() < 0.8 else None
    weekdays = frozenset(dice.sample(range(1, 6), dice.choice((3, 4, 4, 5))))
    free = [day for day in range(1, 6) if day not in weekdays] or [dice.randint(1, 5)]
    slots = [(day, start, start + dice.choice((180, 240, 480))) for day in free for start in (510, 540)[:1]]
    slots += [(dice.randint(1, 5), 1110, 1260)] * (dice.random() < 0.3)
    held = tuple(
        Held(credential=proof, subjects=frozenset({dice.choice(SUBJECTS)} if dice.random() < 0.5 else ()))
        for proof in CREDENTIALS
        if dice.random() < 0.12
    )
    return Profile(
        trainer_id=UUID(int=dice.getrandbits(128)),
        paused=dice.random() < 0.05,
        consented=dice.random() < 0.95,
        subjects=frozenset(dice.sample(SUBJECTS, dice.randint(1, 3))),
        school_types=frozenset(dice.sample(list(SchoolType), dice.randint(0, 3))),
        forms=tuple(dice.sample(list(Form), dice.randint(0, 3))),
        availability=Week.of(slots),
        engagements=dice.choice(((), (), (), BUSY)),
        minutes_per_week=dice.choice((None, 240, 480, 960)),
        months=dice.choice((None, 6, 12, 24)),
        # Spread over the country's rectangle.
        place=Place.at(50.8 + 2.6 * dice.random(), 3.6 + 3.4 * dice.random()),
        postcode_area=str(dice.randint(1000, 9999)),
        travel_limit_km=dice.choice((None, 20, 40, 60, 100)),
        languages=frozenset({"nl"} if dice.random() < 0.97 else {"en"}),
        held=held,
        experience_years=dice.randint(0, 40),
        vog_issued_on=DAY - timedelta(days=dice.randint(0, 900)) if dice.random() < 0.4 else None,
        company_id=company,
        company_agreed=dice.choice((None, True, True, False)) if company else None,
        company_hours=CompanyHours(minutes_per_week=480 * len(weekdays), weekdays=weekdays) if company else None,
        company_place=Place.at(50.8 + 2.6 * dice.random(), 3.6 + 3.4 * dice.random()) if company else None,
        region=f"AM{dice.randint(1, 35):02d}",
        company_region=f"AM{dice.randint(1, 35):02d}" if company else None,
    )


MORNING = Week.of([(2, 510, 690)])
FORMS = (Form.SECONDMENT, Form.DUAL_EMPLOYMENT, Form.GUEST)


def vacancy(
    role: TeachingRole,
    school_type: SchoolType,
    *,
    roster: Week | None = MORNING,
    minutes: int = 180,
    forms: tuple[Form, ...] = FORMS,
) -> Opening:
    return Opening(
        vacancy_id=UUID(int=1),
        board_id=UUID(int=2),
        school_id=UUID(int=3),
        location_id=UUID(int=4),
        school_type=school_type,
        role=role,
        subject="electrical",
        upper_years=False,
        minutes_per_week=minutes,
        starts_on=date(2027, 2, 1),
        ends_on=date(2027, 7, 9),
        months=6,
        roster=roster,
        places=1,
        supervised=True,
        forms=forms,
        place=Place.at(52.09, 5.12),
        language="nl",
        structural=True,
        region="AM13",
    )


def explained(one: Callable[[], Ranking]) -> bytes:
    return outcome(one())


def milliseconds(action: Callable[[], object], runs: int) -> list[float]:
    action()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        action()
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15, help="timed runs per row (default 15)")
    parser.add_argument("--pools", default="1000,10000,100000", help="pool sizes, with commas between")
    asked = parser.parse_args()
    policies = built_in()
    openings = {
        FIRST: vacancy(TeachingRole.GUEST_LECTURER, SchoolType.VO),
        "guest lecturer, vo, flexible": vacancy(TeachingRole.GUEST_LECTURER, SchoolType.VO, roster=None),
        "teacher, mbo, roster": vacancy(TeachingRole.TEACHER, SchoolType.MBO),
        # A long day beside a main job: working time is the dearest question.
        "practice trainer, mbo, a day in dual employment": vacancy(
            TeachingRole.PRACTICE_TRAINER,
            SchoolType.MBO,
            roster=Week.of([(5, 510, 990)]),
            minutes=480,
            forms=(Form.DUAL_EMPLOYMENT,),
        ),
    }
    print("| trainers | opening | median ms | p95 ms | with full outcome ms | fit | shortlist | complete |")
    print("|---:|---|---:|---:|---:|---:|---:|---|")
    for size in map(int, asked.pools.split(",")):
        dice = random.Random(size)
        profiles = [somebody(dice) for _ in range(size)]
        pool = Pool(profiles)
        for name, opening in openings.items():
            one = partial(rank, opening, pool, policies, DAY)
            taken = milliseconds(one, asked.runs)
            whole = statistics.median(milliseconds(partial(explained, one), max(asked.runs // 3, 1)))
            ranking = one()
            fit = int((ranking.failed == 0).sum())
            print(
                f"| {size:,} | {name} | {statistics.median(taken):.1f} | {taken[int(len(taken) * 0.95)]:.1f} | "
                f"{whole:.1f} | {fit:,} | {len(ranking.shortlist)} | {'yes' if ranking.complete else 'no'} |"
            )
        away = Pool(replace(each, absences=AWAY) for each in profiles)
        taken = milliseconds(partial(rank, openings[FIRST], away, policies, DAY), asked.runs)
        print(f"| {size:,} | *{FIRST}, all away twice* | {statistics.median(taken):.1f} | {taken[-1]:.1f} | | | | |")
        changing = milliseconds(partial(pool.put, profiles[0]), 200)
        print(f"| {size:,} | *replace one profile* | {statistics.median(changing):.3f} | {changing[190]:.3f} | | | | |")


if __name__ == "__main__":
    main()
