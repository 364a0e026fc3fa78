"""How each class of people fares: counted of nobody in particular, rounded, small ones hidden, with an interval."""

from __future__ import annotations

from datetime import date, time
from typing import Any, Final

import pytest

from events.words import CompanySize, SchoolType
from matching.fairness.model import (
    STEPS,
    Cell,
    Classes,
    Count,
    Dimension,
    Fares,
    Stage,
    by_cell,
    figures,
    fitting,
    in_order,
    reached,
)
from matching.profile.model.week import Week
from rules.rounding import Rounding
from tests.unit.matching.ranking.ranking_examples import COMPANY, OPENING, POLICIES, TODAY, opening, ranked, trainer

CLASSES: Final = Classes.of(POLICIES, TODAY)
EXACT: Final = Rounding(suppress_below=5, step=1, secret=b"secret")
ROUGH: Final = Rounding(suppress_below=5, step=5, secret=b"secret")
EVENING: Final = Week.of([(2, 1140, 1320)])


def of(**other: Any) -> dict[str, str]:
    return CLASSES.of_trainer(trainer(1, **other))


@pytest.mark.parametrize(
    ("other", "dimension", "code"),
    [
        ({"travel_limit_km": 15}, Dimension.DISTANCE_LIMIT, "0-15"),
        ({"travel_limit_km": 16}, Dimension.DISTANCE_LIMIT, "16-40"),
        ({"travel_limit_km": 41}, Dimension.DISTANCE_LIMIT, "41+"),
        ({"travel_limit_km": None}, Dimension.DISTANCE_LIMIT, "none"),
        ({"minutes_per_week": 240}, Dimension.HOURS_WANTED, "0-240"),
        ({"minutes_per_week": 481}, Dimension.HOURS_WANTED, "481+"),
        ({"minutes_per_week": None}, Dimension.HOURS_WANTED, "none"),
        ({"company_id": COMPANY, "company_size": CompanySize.SMALL}, Dimension.COMPANY_SIZE, "small"),
        ({"company_id": COMPANY, "company_size": None}, Dimension.COMPANY_SIZE, "unknown"),
        ({"company_id": None, "company_hours": None}, Dimension.COMPANY_SIZE, "none"),
        ({"availability": EVENING}, Dimension.EVENING_ONLY, "yes"),
        ({"availability": Week()}, Dimension.EVENING_ONLY, "no"),
        ({"availability": Week.of([(2, 1140, 1320), (3, 540, 600)])}, Dimension.EVENING_ONLY, "no"),
    ],
)
def test_a_trainer_is_of_one_class_in_each_dimension(other: dict[str, Any], dimension: Dimension, code: str) -> None:
    assert of(**other)[dimension] == code
    assert {*of(**other)} == {*Dimension} - {Dimension.REGION, Dimension.SCHOOL_TYPE}


def test_the_size_of_a_company_moves_nobody_in_a_ranking() -> None:
    """It is counted; it never counts."""
    sizes = (None, *CompanySize)
    found = [ranked(OPENING, *(trainer(each, company_size=size) for each in range(1, 6))).shortlist for size in sizes]
    assert found[0]
    assert all(one == found[0] for one in found)


def test_classes_are_policy() -> None:
    other = POLICIES.with_value(
        "matching.fairness", eveningFrom="20:30", months=3, travelLimitsKm=[5], minutesWanted=[]
    )
    found = Classes.of(other, TODAY)
    assert (found.evening, found.limits_km, found.hours) == (time(20, 30).hour * 60 + 30, (5,), ())
    assert found.first_month(date(2027, 1, 15)) == date(2026, 11, 1)
    assert found.first_month(date(2027, 3, 31)) == date(2027, 1, 1)
    assert found.of_trainer(trainer(1, minutes_per_week=1))[Dimension.HOURS_WANTED] == "0+"


def test_those_who_fit_are_counted_once_in_each_dimension() -> None:
    people = [trainer(1, travel_limit_km=10), trainer(2, travel_limit_km=12), trainer(3, travel_limit_km=80)]
    found = fitting(opening(region="AM13"), people, CLASSES)
    by_class = {(each.dimension, each.code): (each.number, each.people) for each in found}
    assert by_class[Dimension.DISTANCE_LIMIT, "0-15"] == (2, 2)
    assert by_class[Dimension.DISTANCE_LIMIT, "41+"] == (1, 1)
    assert by_class[Dimension.REGION, "AM13"] == by_class[Dimension.SCHOOL_TYPE, SchoolType.VO] == (3, 3)
    assert {each.stage for each in found} == {Stage.FITS}
    assert fitting(opening(), [], CLASSES) == []


def test_a_count_holds_one_class_of_a_person_and_never_several() -> None:
    found = reached(Stage.ASKED, "AM13", "vo", of())
    assert sorted(each.dimension for each in found) == sorted(Dimension)
    assert {(each.number, each.people) for each in found} == {(1, 0)}
    assert [each.code for each in reached(Stage.ASKED, None, "vo", of()) if each.dimension is Dimension.REGION] == [""]


def test_a_person_who_was_erased_is_counted_no_more() -> None:
    assert reached(Stage.PLACED, "AM13", "vo", {}) == []


def counted(
    dimension: Dimension, region: str = "AM13", /, *, people: int = 9, **classes: tuple[int, ...]
) -> dict[Cell, list[Count]]:
    """Per class how many came to each stage."""
    rows = [
        (region, Count(dimension, code, stage, number, people if stage is Stage.FITS else 0))
        for code, numbers in classes.items()
        for stage, number in zip(Stage, numbers, strict=False)
    ]
    return by_cell(rows)


def steps(found: tuple[Fares, ...], stage: Stage) -> dict[str, tuple[Any, ...]]:
    return {
        each.code: (step.share, step.ratio, step.differs)
        for each in found
        for step in each.steps
        if step.stage is stage
    }


def test_a_class_that_is_asked_less_than_others_is_seen() -> None:
    found = figures(counted(Dimension.EVENING_ONLY, no=(1000, 300, 150, 200, 100), yes=(1000, 100, 50, 60, 30)), EXACT)
    asked = steps(found, Stage.ASKED)
    assert asked["no"] == (pytest.approx(0.3, abs=0.002), pytest.approx(1.5, abs=0.02), True)
    assert asked["yes"] == (pytest.approx(0.1, abs=0.002), pytest.approx(0.5, abs=0.02), True)
    assert not steps(found, Stage.TRAINER_CONSENTS)["yes"][2], "those who are asked consent as often"


def test_a_difference_that_chance_explains_is_no_reason_to_look() -> None:
    found = figures(counted(Dimension.EVENING_ONLY, no=(20, 8), yes=(20, 6)), EXACT)
    assert [differs for *_, differs in steps(found, Stage.ASKED).values()] == [False, False]


def test_the_interval_holds_what_rounding_may_have_moved() -> None:
    cells = counted(Dimension.EVENING_ONLY, no=(400, 120), yes=(400, 90))
    exact, rough = ({each.code: each.steps[0] for each in figures(cells, rounding)} for rounding in (EXACT, ROUGH))
    for code in ("no", "yes"):
        assert (rough[code].low or 9) < (exact[code].low or 0)
        assert (rough[code].high or 0) > (exact[code].high or 9)


def test_small_numbers_are_hidden_and_others_are_rounded() -> None:
    [found] = figures(counted(Dimension.SCHOOL_TYPE, po=(43, 12, 4, 3, 0)), ROUGH)
    assert {number for number in found.numbers.values() if number} <= {*range(5, 60, 5)}
    assert found.numbers[Stage.PLACED] is None
    assert found.numbers[Stage.TRAINER_CONSENTS] is None
    assert [each.share for each in found.steps[1:]] == [None, None, None]


def test_many_events_of_few_people_are_hidden() -> None:
    """One person who fitted a hundred vacancies is a hundred events."""
    [found] = figures(counted(Dimension.DISTANCE_LIMIT, people=4, short=(100, 40, 20, 20, 10)), ROUGH)
    assert {*found.numbers.values()} == {None}
    assert {each.share for each in found.steps} == {None}


def test_a_number_of_several_regions_is_the_sum_of_what_each_shows() -> None:
    """So a hidden region is not what is missing between a total and the others."""
    cells = counted(Dimension.EVENING_ONLY, "AM13", no=(100, 50)) | counted(Dimension.EVENING_ONLY, "AM01", no=(3, 1))
    alone = figures(counted(Dimension.EVENING_ONLY, "AM13", no=(100, 50)), ROUGH)
    assert figures(cells, ROUGH) == alone
    both = figures(cells | counted(Dimension.EVENING_ONLY, "AM02", no=(100, 50)), EXACT)
    assert both[0].numbers[Stage.FITS] == sum(
        each.numbers[Stage.FITS] or 0
        for region in ("AM13", "AM02")
        for each in figures(counted(Dimension.EVENING_ONLY, region, no=(100, 50)), EXACT)
    )


def test_a_share_is_of_regions_that_show_both_numbers() -> None:
    cells = counted(Dimension.EVENING_ONLY, "AM13", no=(100, 50)) | counted(Dimension.EVENING_ONLY, "AM01", no=(100, 0))
    [found] = figures(cells, EXACT)
    assert found.steps[0].share == pytest.approx(0.5, abs=0.01)


def test_a_class_of_which_none_was_asked_has_no_share() -> None:
    assert figures({}, ROUGH) == ()
    [found] = figures(counted(Dimension.EVENING_ONLY, no=(100, 0)), EXACT)
    assert found.steps[0].share is None
    assert not found.steps[0].differs


def test_the_same_offset_comes_with_every_question() -> None:
    cells = counted(Dimension.EVENING_ONLY, no=(101, 47, 22))
    assert figures(cells, ROUGH) == figures(cells, ROUGH)
    assert figures(cells, ROUGH) != figures(cells, Rounding(suppress_below=5, step=5, secret=b"other"))


def test_classes_come_by_dimension_and_code() -> None:
    cells = counted(Dimension.HOURS_WANTED, b=(9, 9), a=(9, 9)) | counted(Dimension.REGION, AM13=(9, 9))
    assert [each.code for each in in_order(figures(cells, EXACT))] == ["AM13", "a", "b"]
    assert {*STEPS} | {Stage.FITS} == {*Stage}
