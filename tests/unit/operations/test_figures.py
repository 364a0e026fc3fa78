"""K1 counts persons, once, and only those who are new."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from operations.figure.model import Figures, ItemFigure, Totals, TrainerFacts, figures, is_extra, published
from rules.rounding import Rounding

RULE = {"baseline": "2025-08-01", "minimumApprovedMinutes": 60, "target": 1000}
BASELINE = date(2025, 8, 1)


def trainer(
    *,
    before: bool = False,
    started: date | None = BASELINE,
    minutes: int = 60,
    active: int = 1,
    region: str | None = "AM28",
) -> TrainerFacts:
    return TrainerFacts(
        trainer_id=uuid4(),
        was_trainer_before=before,
        first_started_on=started,
        region=region,
        active_assignments=active,
        approved_minutes=minutes,
    )


def test_a_new_trainer_with_an_approved_hour_is_extra() -> None:
    assert is_extra(trainer(), RULE)


def test_a_trainer_from_before_the_programme_is_not_extra() -> None:
    assert not is_extra(trainer(before=True), RULE)


def test_a_trainer_who_started_before_the_baseline_is_not_extra() -> None:
    assert not is_extra(trainer(started=BASELINE - timedelta(days=1)), RULE)


def test_a_trainer_who_never_started_is_not_extra() -> None:
    assert not is_extra(trainer(started=None), RULE)


def test_a_minute_short_of_the_minimum_is_not_extra() -> None:
    assert not is_extra(trainer(minutes=59), RULE)


def test_another_minimum_in_the_policy_counts_others() -> None:
    assert is_extra(trainer(minutes=30), {**RULE, "minimumApprovedMinutes": 30})


def counted(people: list[TrainerFacts], *, regions: tuple[str, ...] = ("AM01", "AM28")) -> Figures:
    return figures(
        people,
        rule=RULE,
        people=Rounding.of({"suppressBelow": 5}, b"secret"),
        hours=Rounding.of({"suppressBelow": 5}, b"secret", hours=True),
        regions=regions,
        policy_version=3,
    )


def test_a_small_cell_is_suppressed_and_so_is_its_part_of_the_total() -> None:
    shown = counted(
        [trainer() for _ in range(4)] + [trainer(region="AM01") for _ in range(40)] + [trainer(region=None)]
    )
    assert shown.by_region["AM28"] is None
    assert shown.by_region["AM01"] == shown.extra_trainers > 0
    assert (shown.target, shown.policy_version) == (1000, 3)


def test_a_region_is_listed_whether_anybody_counts_there_or_not() -> None:
    assert counted([trainer(region="AM05")]).by_region == {"AM01": None, "AM28": None}
    assert counted([trainer(region="AM05") for _ in range(20)]).by_region.keys() == {"AM01", "AM05", "AM28"}


@given(st.lists(st.tuples(st.booleans(), st.integers(-600, 600), st.integers(0, 3)), max_size=30))
def test_hours_are_the_sum_of_minutes_and_active_counts_persons(people: list[tuple[bool, int, int]]) -> None:
    facts = [trainer(before=before, minutes=minutes, active=active) for before, minutes, active in people]
    shown = counted(facts)
    hours, active = sum(minutes for _, minutes, _ in people) // 60, sum(active > 0 for _, _, active in people)
    assert shown.approved_hours == 0 or abs(shown.approved_hours - hours) < 25
    assert shown.active_trainers == 0 or abs(shown.active_trainers - active) < 5
    assert shown.extra_trainers <= len(people) + 4


@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 100), st.text())
def test_a_published_figure_is_near_the_truth_or_absent(number: int, smallest: int, step: int, cell: str) -> None:
    shown = Rounding.of({"suppressBelow": smallest, "roundTo": step}, b"secret").published(cell, number)
    if shown is None:
        assert number < smallest + max(step, smallest)
    else:
        assert shown % max(step, smallest) == 0
        assert abs(shown - number) < max(step, smallest)
        assert number >= smallest


def test_a_policy_cannot_round_finer_than_it_suppresses() -> None:
    assert Rounding.of({"suppressBelow": 5, "roundTo": 1}, b"").step == 5
    assert Rounding.of({"suppressBelow": 5, "hoursRoundTo": 1}, b"", hours=True).step == 5


def counted_reports(reported: dict[tuple[str, str | None], int]) -> dict[str, ItemFigure]:
    people = Rounding.of({"suppressBelow": 5}, b"secret")
    totals = Totals(extra={}, active=0, worked=0, minutes=0, bottlenecks=reported)
    shown = published(totals, target=1, people=people, hours=people, regions=("AM01", "AM28"), policy_version=1)
    return dict(shown.bottlenecks)


def test_reported_bottlenecks_are_counted_by_item_and_region_and_small_cells_suppressed() -> None:
    shown = counted_reports({("K2.2", "AM28"): 40, ("K2.2", None): 40, ("K2.2", "AM01"): 4, ("K1", "AM28"): 4})
    assert shown.keys() == {"K2.2"}
    cells = shown["K2.2"].by_region
    assert cells["AM01"] is None
    assert shown["K2.2"].reported == (cells["AM28"] or 0) + (cells["NL"] or 0)
    for region in ("AM28", "NL"):
        assert abs((cells[region] or 0) - 40) < 5


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["K1", "K2.1"]), st.sampled_from(["AM01", "AM05", None])), st.integers(1, 60)
    )
)
def test_no_published_cell_of_an_item_is_small_and_its_total_shows_no_more_than_its_cells(
    reported: dict[tuple[str, str | None], int],
) -> None:
    for item, shown in counted_reports(reported).items():
        assert shown.reported == sum(count or 0 for count in shown.by_region.values()) > 0
        for region, count in shown.by_region.items():
            number = reported.get((item, None if region == "NL" else region), 0)
            assert (number >= 5 and abs(count - number) < 5) if count is not None else number < 10
