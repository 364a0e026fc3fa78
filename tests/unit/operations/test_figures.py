"""K1 counts persons, once, and only those who are new."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from operations.model.figures import TrainerFacts, figures, is_extra

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


def test_who_was_a_trainer_before_is_not_extra() -> None:
    assert not is_extra(trainer(before=True), RULE)


def test_who_started_before_the_baseline_is_not_extra() -> None:
    assert not is_extra(trainer(started=BASELINE - timedelta(days=1)), RULE)


def test_who_never_started_is_not_extra() -> None:
    assert not is_extra(trainer(started=None), RULE)


def test_a_minute_short_of_the_minimum_is_not_extra() -> None:
    assert not is_extra(trainer(minutes=59), RULE)


def test_another_minimum_in_the_policy_counts_others() -> None:
    assert is_extra(trainer(minutes=30), {**RULE, "minimumApprovedMinutes": 30})


def test_a_small_cell_is_suppressed_and_the_total_is_not() -> None:
    people = [trainer() for _ in range(4)] + [trainer(region="AM01") for _ in range(5)] + [trainer(region=None)]
    counted = figures(people, rule=RULE, suppress_below=5, policy_version=3)
    assert counted.extra_trainers == 10
    assert counted.by_region == {"AM01": 5, "AM28": None, "unknown": None}
    assert (counted.target, counted.policy_version) == (1000, 3)


@given(st.lists(st.tuples(st.booleans(), st.integers(-600, 600), st.integers(0, 3)), max_size=30))
def test_hours_are_the_sum_of_minutes_and_active_counts_persons(people: list[tuple[bool, int, int]]) -> None:
    facts = [trainer(before=before, minutes=minutes, active=active) for before, minutes, active in people]
    counted = figures(facts, rule=RULE, suppress_below=5, policy_version=1)
    assert counted.approved_hours == sum(minutes for _, minutes, _ in people) // 60
    assert counted.active_trainers == sum(active > 0 for _, _, active in people)
    assert counted.extra_trainers <= len(people)
