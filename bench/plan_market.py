"""A market to plan, drawn from a seed over the real geography of the country.

With ``HTO_DATA`` people live in the postcode areas and openings are at the locations of the reference files; without
it they are in the towns and at the schools that are built in. Trades are the built-in ones. What is drawn is
documented in bench/README.md, so that others can compare.
"""

from __future__ import annotations

import csv
import os
import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from uuid import UUID, uuid5

import numpy as np

from matching.plan.model.market import (
    Cap,
    Engagement,
    Market,
    Opening,
    Pair,
    Part,
    Person,
    Step,
    Travel,
    Weights,
)  # fmt: skip
from matching.profile.model.distance import Place, chords, kilometres
from matching.profile.model.week import Week
from registry.built_in.records import load

SPACE = UUID(int=0)
ROAD = 1.3
"""Kilometres by road for each as the crow flies."""
KM_PER_MINUTE = 1.0
DOOR_TO_DOOR = 10
"""Minutes that every journey takes beside the driving."""
NEIGHBOURS_KM = 40
"""Locations farther apart are not combined on one day."""
MORNING, NOON, AFTERNOON, EVENING = 510, 750, 780, 990
GUEST_CAP = 360
WEIGHTS = Weights(
    filled=100,
    score=100,
    move=20,
    regions=(Step(share=2_500, weight=40), Step(share=5_000, weight=20), Step(share=7_500, weight=5)),
    subjects=(Step(share=2_500, weight=30), Step(share=5_000, weight=15)),
)
FORMS = ("secondment", "dual_employment", "guest", "self_employed")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where people live or teach."""

    code: str
    board: str
    region: str
    place: Place


@cache
def geography() -> tuple[str, tuple[Spot, ...], tuple[Spot, ...]]:
    """Return the data's name, where people live and where lessons are."""
    folder = os.environ.get("HTO_DATA")
    if not folder:
        reference = load()
        homes = tuple(Spot(t.pc4, "", t.region, Place.at(t.latitude, t.longitude)) for t in reference.towns.values())
        schools = tuple(
            Spot(each.code, each.brin, each.region, Place.at(each.latitude, each.longitude))
            for each in reference.organisations.locations.values()
        )
        return "built in", homes, schools
    with (Path(folder) / "pc4_referentie_afgeleid.csv").open(encoding="utf-8-sig", newline="") as file:
        areas = [row for row in csv.DictReader(file) if row["soort_4pp"].startswith("Adres") and row["cbs_am_code"]]
    homes = tuple(
        Spot(row["pc4"], "", row["cbs_am_code"], Place.at(float(row["lat"]), float(row["lon"]))) for row in areas
    )
    region_of = {home.code: home.region for home in homes}
    with (Path(folder) / "scholen_vo_vso_20241122.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["sector"] == "vo" and row["lat"]]
    schools = tuple(
        Spot(
            row["vestigingscode"],
            row["brin"],
            region_of[row["postcode"][:4]],
            Place.at(float(row["lat"]), float(row["lon"])),
        )
        for row in rows
        if row["postcode"][:4] in region_of
    )
    return "reference files", homes, schools


def market(people: int, openings: int, seed: int, *, single: bool = False) -> Market:
    """Draw a market; ``single`` is the special case of one place and one opening per person, without steps."""
    dice = random.Random(f"{people} {openings} {seed}")
    _, homes, schools = geography()
    trades = sorted(trade.code for trade in load().trades)
    offered, rosters, at = [], {}, {}
    # Some trades are asked for and offered more than others.
    asked = [1.0 / (1 + number % 7) for number in range(len(trades))]
    held = [1.0 / (1 + number % 5) for number in range(len(trades))]
    for number in range(openings):
        school = dice.choice(schools)
        roster = _roster(dice)
        opening = Opening(
            id=uuid5(SPACE, f"opening {seed} {number}"),
            board=_id(f"board {school.board}"),
            location=_id(f"location {school.code}"),
            region=school.region,
            subject=dice.choices(trades, asked)[0],
            places=1 if single else dice.choices((1, 2, 3), (80, 15, 5))[0],
            shares=not single and len(roster) > 1 and dice.random() < 0.4,
        )
        offered.append(opening)
        rosters[opening.id], at[opening.id] = roster, school
    by_trade: dict[str, list[Opening]] = defaultdict(list)
    for opening in offered:
        by_trade[opening.subject].append(opening)
    points = {
        trade: np.array([at[each.id].place.point for each in group], dtype=np.int32).T
        for trade, group in by_trade.items()
    }
    board_of = {each.id: each.board for each in offered}
    pool, pairs = [], []
    for number in range(people):
        home = dice.choice(homes)
        place = Place(
            latitude=home.place.latitude + dice.randint(-15_000, 15_000),
            longitude=home.place.longitude + dice.randint(-25_000, 25_000),
        )
        person = _person(dice, uuid5(SPACE, f"person {seed} {number}"), single=single)
        reach = dice.choice((20, 25, 30, 40, 60))
        wanted = dice.sample(FORMS, dice.randint(1, 3))
        mine = dice.choices(trades, held, k=dice.choice((2, 3, 4)))
        for trade in sorted(set(mine) & by_trade.keys()):
            far = kilometres(chords(points[trade], place))
            for index in np.flatnonzero(far * ROAD <= reach).tolist():
                opening = by_trade[trade][index]
                pairs += _pairs(
                    dice,
                    person,
                    opening,
                    rosters[opening.id],
                    int(far[index]),
                    reach,
                    wanted[:1] if single else wanted,
                    mine,
                )
        pool.append(person)
    guests = {(each.person, board_of[each.opening]) for each in pairs if each.form == "guest"}
    caps = [
        Cap(person=person, board=board, forms=frozenset({"guest"}), minutes=GUEST_CAP)
        for person, board in sorted(guests)
    ]
    dice.shuffle(pairs)
    standing = frozenset({each.person: each.key for each in pairs[: people // 20]}.values())
    return Market(
        people=tuple(pool),
        openings=tuple(offered),
        pairs=tuple(pairs),
        weights=Weights(filled=100, score=100, move=0) if single else WEIGHTS,
        travel=_travel(at, pairs),
        caps=tuple(caps),
        apart=frozenset({frozenset({"self_employed", "dual_employment"})}),
        standing=frozenset() if single else standing,
    )


@cache
def _id(name: str) -> UUID:
    return uuid5(SPACE, name)


@cache
def _week(slots: tuple[tuple[int, int, int], ...]) -> Week:
    return Week.of(slots)


def _roster(dice: random.Random) -> tuple[tuple[int, int, int], ...]:
    slots = []
    for day in sorted(dice.sample(range(1, 6), dice.choices((1, 2, 3), (60, 30, 10))[0])):
        begins = dice.choice((MORNING, MORNING + 60, AFTERNOON, AFTERNOON + 60))
        slots.append((day, begins, begins + dice.choice((100, 120, 150, 180))))
    return tuple(slots)


def _person(dice: random.Random, name: UUID, *, single: bool) -> Person:
    days = sorted(dice.sample(range(1, 6), dice.choices((1, 2, 3, 5), (25, 35, 25, 15))[0]))
    hours = dice.choice(((MORNING, EVENING), (MORNING, NOON + 30), (NOON, EVENING + 180), (MORNING, EVENING)))
    week = _week(tuple((day, *hours) for day in days))
    engaged: tuple[Engagement, ...] = ()
    if not single and dice.random() < 0.15:
        begins = dice.choice((MORNING, AFTERNOON))
        engaged = (Engagement(slots=_week(((days[0], begins, begins + 120),)), location=None),)
    return Person(
        id=name,
        minutes=dice.choice((180, 240, 360, 480, 720, 960)),
        limit=dice.choice((240, 480, 960, 960)),
        taken=sum(each.slots.minutes for each in engaged),
        week=week,
        most=1 if single else dice.choices((1, 2, 3), (40, 35, 25))[0],
        engagements=engaged,
    )


def _pairs(
    dice: random.Random,
    person: Person,
    opening: Opening,
    roster: tuple[tuple[int, int, int], ...],
    far: int,
    reach: int,
    forms: list[str],
    trades: list[str],
) -> list[Pair]:
    found = []
    parts = [(Part.WHOLE, roster)]
    if opening.shares:
        half = -(-len(roster) // 2)
        parts += [(Part.FIRST, roster[:half]), (Part.SECOND, roster[half:])]
    score = 10_000 - 4_000 * min(int(far * ROAD), reach) // reach - (0 if opening.subject == trades[0] else 1_500)
    for form in forms[: 2 if dice.random() < 0.2 else 1]:
        chance = dice.randint(3_000, 9_000)
        shade = dice.randint(-1_000, 0)
        for part, slots in parts:
            lessons = _week(slots)
            if lessons.minutes <= person.free and not lessons.bits & ~person.week.bits:
                found.append(
                    Pair(
                        person=person.id,
                        opening=opening.id,
                        form=form,
                        part=part,
                        score=score + shade,
                        chance=chance,
                        minutes=lessons.minutes,
                        slots=lessons,
                    )
                )
    return found


def _travel(at: dict[UUID, Spot], pairs: list[Pair]) -> tuple[Travel, ...]:
    """Return the way between any two locations at which one person could teach, if they are not too far apart."""
    spots = {_id(f"location {spot.code}"): spot for spot in at.values()}
    reached: dict[UUID, set[UUID]] = defaultdict(set)
    for pair in pairs:
        reached[pair.person].add(_id(f"location {at[pair.opening].code}"))
    ways = {two for locations in reached.values() for two in combinations(sorted(locations), 2)}
    points = {each: np.array(spot.place.point, dtype=np.int64) for each, spot in spots.items()}
    found = []
    if ways:
        one, other = (np.array([points[each] for each in side]) for side in zip(*ways, strict=True))
        far = kilometres(((one - other) ** 2).sum(axis=1))
        found = [
            Travel(one=first, other=second, minutes=DOOR_TO_DOOR + int(km * ROAD / KM_PER_MINUTE))
            for (first, second), km in zip(ways, far.tolist(), strict=True)
            if km <= NEIGHBOURS_KM
        ]
    return tuple(found)
