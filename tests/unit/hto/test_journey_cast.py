"""When the journey plays and what its people say: consistent on every day of the year."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.cast import MINUTES, Calendar, Cast
from demo.journey import STORY

DAYS = st.dates(date(2026, 1, 1), date(2032, 12, 31))


@given(DAYS)
def test_every_lesson_lies_in_the_past_and_within_the_contract(today: date) -> None:
    calendar = Calendar(today)
    assert all(calendar.starts_on <= day < today for day in calendar.lessons)
    assert all(day.isoweekday() == 5 for day in calendar.lessons)
    assert calendar.starts_on < calendar.ends_on


@given(DAYS)
def test_it_begins_on_a_monday_weeks_ago_and_the_work_starts_weeks_later(today: date) -> None:
    calendar = Calendar(today)
    assert calendar.begins_on.isoweekday() == calendar.starts_on.isoweekday() == 1
    assert timedelta(weeks=6) <= today - calendar.begins_on < timedelta(weeks=7)
    assert calendar.starts_on - calendar.begins_on == timedelta(weeks=3)


def test_the_day_is_amsterdams() -> None:
    assert Calendar.ending(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)).today == date(2026, 7, 1)


@given(DAYS, st.integers(min_value=0, max_value=50))
def test_offer_and_question_fit_each_other(today: date, number: int) -> None:
    cast = Cast(calendar=Calendar(today), number=number)
    offer, question = cast.profile, cast.question
    assert question["roster"] == offer["availability"]
    assert question["subject"] in offer["trades"]
    assert question["schoolType"] in offer["schoolTypes"]
    assert question["role"] in offer["roles"]
    assert question["forms"][0] == offer["forms"][0]
    assert question["language"] in offer["languages"]
    # Exactly what is offered is asked: with a contract, this trainer is no candidate of a later journey.
    assert question["minutesPerWeek"] == offer["desiredMinutesPerWeek"] == MINUTES
    assert cast.vog["issuedOn"] <= cast.vog["shownOn"] <= question["startsOn"]
    assert cast.calendar.begins_on < cast.consent["until"] <= cast.calendar.begins_on + timedelta(days=365)


def test_two_journeys_share_nobody_and_no_town() -> None:
    first, second = (Cast(calendar=Calendar(date(2026, 11, 2)), number=number) for number in (0, 1))
    assert first.town != second.town
    assert set(first.school_claims).isdisjoint(second.school_claims)
    assert first.trainer != second.trainer
    assert first.application["email"] != second.application["email"]


def test_ids_are_chosen_by_the_caller_and_sort_by_time() -> None:
    cast = Cast(calendar=Calendar(date(2026, 11, 2)))
    chosen = (cast.board, cast.school, cast.location, cast.company, cast.trainer, cast.qualification, cast.vacancy)
    assert {id_.version for id_ in chosen} == {7}


def test_no_member_of_the_cast_can_be_mailed_by_mistake() -> None:
    cast = Cast(calendar=Calendar(date(2026, 11, 2)))
    bodies: list[dict[str, Any]] = [cast.school_body, cast.company_body, cast.application]
    emails = [text for body in bodies for text in _texts(body) if "@" in text]
    assert len(emails) == 3
    assert all(email.endswith(".example") for email in emails)


def _texts(body: Any) -> list[str]:
    if isinstance(body, dict):
        return [text for value in body.values() for text in _texts(value)]
    return [body] if isinstance(body, str) else []


def test_every_body_can_be_written_as_json() -> None:
    cast = Cast(calendar=Calendar(date(2026, 11, 2)))
    for body in (
        cast.board_body,
        cast.location_body,
        cast.claim,
        cast.subscription("http://localhost/hooks"),
        cast.hours(date(2026, 11, 6)),
        cast.question,
    ):
        assert json.loads(json.dumps(body, default=str))


@pytest.mark.parametrize("scene", STORY, ids=lambda scene: scene.title)
def test_every_step_says_in_one_sentence_what_happens(scene: Any) -> None:
    for step in scene.steps:
        text = step.__doc__ or ""
        assert text.endswith(".")
        assert "\n" not in text
        assert len(text) <= 73, "it fits on its line"
