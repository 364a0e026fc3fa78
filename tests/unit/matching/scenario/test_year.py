"""A simulated year: the search over time, the same for the same dice."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any, Final
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.plan.model.snapshot import Snapshot, Vacant
from matching.profile.model.profile import Profile
from matching.profile.model.week import Week
from matching.scenario.model.year import Assumptions, Candidate, Sought, World, Year, simulate
from matching.vacancy.model.opening import Opening
from tests.unit.matching.ranking.ranking_examples import (
    BUILT_IN,
    CROWDS,
    POLICIES,
    TODAY,
    TUESDAY_MORNING,
    VACANCIES,
    WHOLE_YEAR,
    opening,
    trainer,
)

BY: Final = Assumptions.of(BUILT_IN, TODAY)
AT_ONCE: Final = dataclasses.replace(BY, present=10_000, answer_days=(1,), silent=0)
"""All people are there, and all who answer do so within a day."""
CERTAIN: Final = 10_000
NINE: Final = 0b1
TEN: Final = 0b10


def person(number: int) -> UUID:
    return UUID(int=10_000 + number)


def fits(
    number: int, chance: int = CERTAIN, *, score: int = 5000, minutes: int = 180, lessons: int = NINE
) -> Candidate:
    return Candidate(person(number), score, chance, minutes, lessons)


def sought(
    number: int, *candidates: Candidate, places: int = 1, board: int = 0, lead: int = 30, lasts: int = 300
) -> Sought:
    at = UUID(int=500 + (board or number))
    return Sought(UUID(int=number), at, places, lead, lasts, candidates)


def world(*vacancies: Sought, minutes: int = 960, **other: Any) -> World:
    people = {each.person: minutes for vacancy in vacancies for each in vacancy.candidates}
    return World(vacancies=vacancies, people=people, **other)


def one_at_a_time(**other: Any) -> Assumptions:
    asking = dataclasses.replace(BY.asking, most_per_place=1)
    return dataclasses.replace(AT_ONCE, asking=asking, **other)


def crowd(vacancies: int, chance: int, each: int = 20) -> World:
    """Vacancies that have their candidates to themselves."""
    return world(
        *(sought(n + 1, *(fits(1000 * n + m, chance) for m in range(each))) for n in range(vacancies)),
    )


def ended(year: Year) -> int:
    return year.consented + year.declined + year.expired + year.withdrawn + year.open


def test_the_more_are_asked_at_once_the_sooner_a_place_is_filled() -> None:
    # Case X10: one at a time with 14 days 15 days, two at once about 9, three about 5. The chance is that of a
    # secondment nearby (policy matching.asking), delays and silence are those of matching.simulation.
    chance = BY.asking.start["secondment"][0]  # type: ignore[index]
    places = crowd(300, chance)
    days = []
    for most in (1, 2, 3):
        by = dataclasses.replace(BY, present=CERTAIN, asking=dataclasses.replace(BY.asking, most_per_place=most))
        days.append(sum(simulate(places, by, seed).after(5000) for seed in range(3)) / 3 / 24)
    one, two, three = days
    assert 13 <= one <= 17
    assert 7 <= two <= 11
    assert 4 <= three <= 7


def test_the_same_seed_is_the_same_year_and_another_is_another() -> None:
    places = crowd(20, 4000)
    assert simulate(places, BY, 7) == simulate(places, BY, 7)
    assert simulate(places, BY, 7) != simulate(places, BY, 8)


def test_the_order_in_which_vacancies_and_people_are_named_does_not_matter() -> None:
    places = crowd(6, 4000)
    turned = dataclasses.replace(places, people=dict(reversed([*places.people.items()])))
    assert simulate(turned, BY, 3) == simulate(places, BY, 3)


def test_a_vacancy_that_nobody_fits_is_not_filled() -> None:
    year = simulate(world(sought(1, places=3)), BY, 0)
    assert year == Year(places=3, asked=0, consented=0, declined=0, expired=0, withdrawn=0, open=0, letters=0, hours=())
    assert year.after(5000) == 0


def test_a_place_is_filled_by_the_first_of_whom_all_consent() -> None:
    year = simulate(world(sought(1, fits(2), fits(1, 0, score=9000))), one_at_a_time(), 0)
    assert (year.asked, year.declined, year.consented, len(year.hours)) == (2, 1, 1, 1)
    assert 2 <= year.hours[0] <= 48
    assert year.letters == 2


def test_with_the_last_place_the_others_are_asked_in_vain() -> None:
    by = dataclasses.replace(
        AT_ONCE, asking=dataclasses.replace(BY.asking, surplus_per_place=30_000, target_share=CERTAIN)
    )
    year = simulate(world(sought(1, *(fits(n, 9999) for n in range(3)))), by, 0)
    assert (year.asked, year.consented, year.withdrawn, year.open) == (3, 1, 2, 0)
    assert year.letters == 5  # a question each, and two that are withdrawn


def test_a_question_that_nobody_answers_is_reminded_of_and_ends_with_its_term() -> None:
    year = simulate(world(sought(1, fits(1, 0))), dataclasses.replace(AT_ONCE, silent=CERTAIN), 0)
    assert (year.asked, year.expired, year.letters) == (1, 1, 1 + len(BY.reminders))


def test_an_answer_after_the_term_comes_too_late() -> None:
    year = simulate(world(sought(1, fits(1))), dataclasses.replace(AT_ONCE, answer_days=(20,)), 0)
    assert (year.consented, year.expired) == (0, 1)
    longer = simulate(world(sought(1, fits(1))), dataclasses.replace(AT_ONCE, answer_days=(20,), term=21), 0)
    assert longer.consented == 1


def test_a_question_that_is_open_at_the_end_is_counted_as_open() -> None:
    by = dataclasses.replace(AT_ONCE, arrival_days=1, follow_days=3, silent=CERTAIN)
    year = simulate(world(sought(1, fits(1, 0))), by, 0)
    assert (year.asked, year.open) == (1, 1)


def test_one_person_holds_two_vacancies_only_where_hours_minutes_and_cap_allow_both() -> None:
    apart = sought(1, fits(1)), sought(2, fits(1, lessons=TEN))
    assert simulate(world(*apart), AT_ONCE, 0).consented == 2
    assert simulate(world(sought(1, fits(1)), sought(2, fits(1))), AT_ONCE, 0).consented == 1
    assert simulate(world(*apart, minutes=359), AT_ONCE, 0).consented == 1
    here = sought(1, fits(1), board=9), sought(2, fits(1, lessons=TEN), board=9)
    assert simulate(world(*here), AT_ONCE, 0).consented == 2
    cap = {(person(1), here[0].board): 359}
    assert simulate(world(*here, caps=cap), AT_ONCE, 0).consented == 1
    assert simulate(world(*apart, caps=cap), AT_ONCE, 0).consented == 2


def test_the_same_hours_in_another_season_are_free() -> None:
    short = sought(1, fits(1), lead=0, lasts=1), sought(2, fits(1), lead=0, lasts=1)
    assert simulate(world(*short), AT_ONCE, 0).consented == 2


def test_a_board_asks_a_person_one_question_at_a_time() -> None:
    by = dataclasses.replace(AT_ONCE, arrival_days=1, follow_days=10, answer_days=(14,))
    here = sought(1, fits(1), board=9), sought(2, fits(1, lessons=TEN), board=9)
    assert simulate(world(*here), by, 0).asked == 1
    elsewhere = sought(1, fits(1)), sought(2, fits(1, lessons=TEN))
    assert simulate(world(*elsewhere), by, 0).asked == 2


def test_a_vacancy_that_waits_asks_whoever_becomes_free_or_comes_later() -> None:
    # Whoever declines at one of them is asked by the other.
    both = sought(1, fits(1, 0), board=9), sought(2, fits(1, 0), board=9)
    assert simulate(world(*both), dataclasses.replace(AT_ONCE, arrival_days=1), 0).asked == 2
    later = dataclasses.replace(AT_ONCE, present=0)
    years = [simulate(world(sought(1, fits(1))), later, seed) for seed in range(20)]
    assert all(each.consented == 1 for each in years)
    assert max(each.hours[0] for each in years) > 24 * 30


def test_a_vacancy_like_an_open_one_may_arrive_several_times() -> None:
    year = simulate(crowd(1, CERTAIN), dataclasses.replace(AT_ONCE, times=3), 0)
    assert (year.places, year.consented) == (3, 3)


def test_each_place_of_a_vacancy_is_filled() -> None:
    year = simulate(world(sought(1, *(fits(n) for n in range(5)), places=3)), AT_ONCE, 0)
    assert (year.places, year.consented, len(year.hours), year.withdrawn) == (3, 3, 3, 0)


def test_days_are_counted_over_filled_places() -> None:
    year = Year(
        places=9, asked=4, consented=4, declined=0, expired=0, withdrawn=0, open=0, letters=4, hours=(1, 2, 8, 9)
    )
    assert [year.after(share) for share in (0, 5000, 9000, CERTAIN)] == [1, 2, 8, 9]


MARKETS: Final = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from((NINE, TEN)), st.integers(1, 10_000)), max_size=5),
    min_size=1,
    max_size=6,
)
"""Per vacancy who fits it, when, and how probably all consent."""


def drawn(market: list[list[tuple[int, int, int]]], boost: int = 0) -> World:
    return world(
        *(
            sought(
                n + 1,
                *{who: fits(who, min(chance + boost, CERTAIN), lessons=when) for who, when, chance in mine}.values(),
                board=1 + n % 2,
                places=1 + n % 3,
            )
            for n, mine in enumerate(market)
        )
    )


@given(market=MARKETS, seed=st.integers(0, 2**32), follow=st.integers(0, 90))
def test_each_question_ends_in_one_way(market: list[list[tuple[int, int, int]]], seed: int, follow: int) -> None:
    year = simulate(drawn(market), dataclasses.replace(BY, follow_days=follow), seed)
    assert year.asked == ended(year)
    assert year.consented == len(year.hours) <= year.places
    assert year.letters >= year.asked
    assert simulate(drawn(market), dataclasses.replace(BY, follow_days=follow), seed) == year


@given(
    chances=st.lists(st.lists(st.integers(0, CERTAIN), max_size=5), min_size=1, max_size=4),
    more=st.integers(0, CERTAIN),
    seed=st.integers(0, 2**32),
)
def test_more_consent_never_lowers_how_many_places_are_filled(chances: list[list[int]], more: int, seed: int) -> None:
    # Each vacancy has its candidates to itself and time to ask them all. Where vacancies share people one who says
    # yes to the first is missed at the second, so a single year can go the other way.
    by = dataclasses.replace(BY, follow_days=1000)

    def with_more(boost: int) -> World:
        return world(
            *(
                sought(n + 1, *(fits(10 * n + m, min(each + boost, CERTAIN)) for m, each in enumerate(mine)), places=2)
                for n, mine in enumerate(chances)
            )
        )

    assert simulate(with_more(more), by, seed).consented >= simulate(with_more(0), by, seed).consented


@settings(max_examples=20)
@given(pool=CROWDS, places=st.lists(VACANCIES, min_size=1, max_size=3))
def test_only_those_whom_the_rules_let_through_are_asked(pool: list[Profile], places: list[Opening]) -> None:
    vacancies = tuple(
        Vacant(dataclasses.replace(each, vacancy_id=UUID(int=1100 + n)), each.places) for n, each in enumerate(places)
    )
    taken = Snapshot(profiles=tuple(pool), vacancies=vacancies, policies=POLICIES, day=TODAY)
    judged = taken.judged(taken.screened(), {})
    found = World.of(judged, vacancies, TODAY)
    assert {(each.person, of.id) for of in found.vacancies for each in of.candidates} == {*judged.fits}
    year = simulate(found, BY, 1)
    assert year.places == sum(each.free for each in vacancies)
    assert year.asked <= len(judged.fits)


def test_a_world_has_the_days_of_its_vacancies() -> None:
    ends = date(2027, 1, 10)
    taken = tuple(
        Vacant(opening(vacancy_id=UUID(int=number), **dates), 1)
        for number, dates in enumerate(
            (dict[str, Any](starts_on=date(2027, 1, 1), ends_on=ends), dict[str, Any](starts_on=TODAY, ends_on=None)),
            start=1,
        )
    )
    snapshot = Snapshot(profiles=(trainer(1),), vacancies=taken, policies=POLICIES, day=TODAY)
    found = World.of(snapshot.judged(snapshot.screened(), {}), taken, TODAY).vacancies
    assert [(each.lead, each.lasts) for each in found] == [((date(2027, 1, 1) - TODAY).days, 10), (0, 365)]


def test_a_cap_of_the_law_is_known_in_a_year() -> None:
    lessons = (TUESDAY_MORNING, Week.of([(3, 510, 720)]))
    taken = tuple(
        Vacant(opening(vacancy_id=UUID(int=n), minutes_per_week=210, roster=week, **WHOLE_YEAR), 1)
        for n, week in enumerate(lessons, start=1)
    )
    person_ = trainer(1, availability=Week.of([(day, 480, 1020) for day in range(1, 6)]), minutes_per_week=900)
    snapshot = Snapshot(profiles=(person_,), vacancies=taken, policies=POLICIES, day=TODAY)
    found = World.of(snapshot.judged(snapshot.screened(), {}), taken, TODAY)
    assert [*found.caps] == [(person_.trainer_id, taken[0].opening.board_id)]
