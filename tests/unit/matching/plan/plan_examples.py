"""Small markets: by hand, and drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from uuid import UUID

from hypothesis import strategies as st

from matching.plan.model.check import check, value
from matching.plan.model.market import (
    CERTAIN,
    Cap,
    Engagement,
    Key,
    Market,
    Opening,
    Pair,
    Part,
    Person,
    Step,
    Travel,
    Weights,
)
from matching.profile.model.week import Week

MONDAY, TUESDAY = (1, 540, 720), (2, 540, 720)
MONDAY_LATE = (1, 750, 900)
ALWAYS = Week.of([(day, 0, 1440) for day in range(1, 8)])
PLAIN = Weights(filled=1, score=1, move=0)
FORMS = ("guest", "secondment", "self_employed")


def person(number: int, *, minutes: int = 960, most: int = 3, week: Week = ALWAYS, **more: object) -> Person:
    facts = {"limit": 960, "taken": 0} | more
    return Person(id=UUID(int=number), minutes=minutes, most=most, week=week, **facts)  # type: ignore[arg-type]


def opening(number: int, *, places: int = 1, board: int = 1, location: int = 1, **more: object) -> Opening:
    facts = {"region": "AM01", "subject": "metal"} | more
    return Opening(
        id=UUID(int=100 + number),
        board=UUID(int=200 + board),
        location=UUID(int=300 + location),
        places=places,
        **facts,  # type: ignore[arg-type]
    )


def pair(who: int, where: int, *slots: tuple[int, int, int], **more: object) -> Pair:
    facts = {"form": "guest", "score": 5_000, "chance": CERTAIN, "minutes": 180} | more
    return Pair(person=UUID(int=who), opening=UUID(int=100 + where), slots=Week.of(slots), **facts)  # type: ignore[arg-type]


def market(people: Iterable[Person], openings: Iterable[Opening], pairs: Iterable[Pair], **more: object) -> Market:
    facts = {"weights": PLAIN} | more
    return Market(people=tuple(people), openings=tuple(openings), pairs=tuple(pairs), **facts)  # type: ignore[arg-type]


def way(one: int, other: int, minutes: int) -> Travel:
    return Travel(one=UUID(int=300 + one), other=UUID(int=300 + other), minutes=minutes)


@st.composite
def markets(draw: st.DrawFn, *, pins: bool = True) -> Market:
    """Up to four people and four openings, in which every rule can bind."""
    numbers = st.integers
    people = [
        person(
            number,
            minutes=draw(st.sampled_from((0, 180, 360, 960))),
            most=draw(numbers(0, 3)),
            week=draw(st.sampled_from((ALWAYS, ALWAYS, Week.of([MONDAY])))),
            limit=draw(st.sampled_from((300, 960))),
            taken=draw(st.sampled_from((0, 0, 60))),
            engagements=draw(
                st.sampled_from(
                    (
                        (),
                        (),
                        (
                            Engagement(slots=Week.of([(1, 540, 600)]), location=None),
                            Engagement(slots=Week.of([(2, 730, 760)]), location=UUID(int=301)),
                        ),
                    )
                )
            ),
        )
        for number in range(1, draw(numbers(0, 4)) + 1)
    ]
    openings = [
        opening(
            number,
            places=draw(numbers(0, 2)),
            board=draw(numbers(1, 2)),
            location=draw(numbers(1, 3)),
            region=draw(st.sampled_from(("AM01", "AM02"))),
            subject=draw(st.sampled_from(("metal", "wood"))),
            shares=draw(st.booleans()),
        )
        for number in range(1, draw(numbers(0, 4)) + 1)
    ]
    options = [
        (who, where, part)
        for who in range(1, len(people) + 1)
        for where, each in enumerate(openings, start=1)
        for part in (Part if each.shares else (Part.WHOLE,))
    ]
    chosen = draw(st.lists(st.sampled_from(options), max_size=9, unique=True)) if options else []
    pairs = [
        pair(
            who,
            where,
            *draw(st.sampled_from(((), (MONDAY,), (TUESDAY,), (MONDAY_LATE,), (MONDAY, TUESDAY)))),
            part=part,
            form=draw(st.sampled_from(FORMS)),
            score=draw(numbers(0, CERTAIN)),
            chance=draw(numbers(0, CERTAIN)),
            minutes=draw(st.sampled_from((60, 120, 180))),
        )
        for who, where, part in chosen
    ]
    keys = [each.key for each in pairs]
    some = st.frozensets(st.sampled_from(keys), max_size=2) if keys else st.just(frozenset[Key]())
    pinned = draw(some) if pins and draw(st.booleans()) else frozenset[Key]()
    excluded = draw(some) - pinned
    steps = st.sampled_from(
        ((), (Step(share=2_500, weight=3),), (Step(share=3_000, weight=2), Step(share=8_000, weight=1)))
    )
    return market(
        people,
        openings,
        pairs,
        weights=Weights(
            filled=draw(numbers(0, 3)),
            score=draw(numbers(0, 3)),
            move=draw(numbers(0, 1)),
            regions=draw(steps),
            subjects=draw(steps),
        ),
        travel=[way(1, 2, draw(st.sampled_from((0, 30, 60)))), *([way(2, 3, 20)] if draw(st.booleans()) else [])],
        caps=[
            Cap(person=UUID(int=who), board=UUID(int=201), forms=frozenset({"guest"}), minutes=draw(numbers(0, 300)))
            for who in range(1, len(people) + 1)
            if draw(st.booleans())
        ],
        apart=draw(st.sampled_from((frozenset(), frozenset({frozenset({"guest", "self_employed"})})))),
        standing=draw(some),
        pinned=pinned,
        excluded=frozenset(
            (each.person, each.opening)
            for each in excluded
            if (each.person, each.opening) not in {(pin.person, pin.opening) for pin in pinned}
        ),
    )


def best(drawn: Market) -> int | None:
    """The value of the best plan, by trying all; None where no plan has all that is pinned."""
    alone = replace(drawn, pinned=frozenset())
    bundles: list[list[tuple[Key, ...]]] = []
    for each in drawn.people:
        mine = [one.key for one in drawn.pairs if one.person == each.id]
        pins = {key for key in drawn.pinned if key.person == each.id}
        bundles.append(
            [
                bundle
                for size in range(4)
                for bundle in combinations(mine, size)
                if pins <= set(bundle) and not check(alone, bundle)
            ]
        )
    return max((value(drawn, plan) for plan in _plans(alone, bundles, ())), default=None)


def _plans(drawn: Market, bundles: list[list[tuple[Key, ...]]], so_far: tuple[Key, ...]) -> Iterator[tuple[Key, ...]]:
    if not bundles:
        yield so_far
        return
    for bundle in bundles[0]:
        plan = (*so_far, *bundle)
        if not any(fault.startswith("opening") for fault in check(drawn, plan)):
            yield from _plans(drawn, bundles[1:], plan)
