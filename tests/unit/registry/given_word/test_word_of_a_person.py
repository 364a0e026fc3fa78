"""A word was given between the application and today, and is kept with who acted on it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from common.persistence.transaction import uuid7
from registry.given_word.model import Act, How, SaidAtAnotherTime, Word, WordGiven
from tests.unit.registry.registry_examples import trainer as a_trainer

APPLIED, TODAY = date(2026, 11, 2), date(2026, 11, 20)


def said(day: date) -> Word:
    return Word(how=How.VISIT, said_on=day, note="Kwam langs.")


@pytest.mark.parametrize("day", [APPLIED, date(2026, 11, 10), TODAY])
def test_a_word_counts_from_the_application_until_today(day: date) -> None:
    said(day).check(APPLIED, TODAY)


@pytest.mark.parametrize("day", [date(2026, 11, 1), date(2026, 11, 21)])
def test_on_another_day_nobody_can_have_said_so(day: date) -> None:
    with pytest.raises(SaidAtAnotherTime, match="2026-11-02, and today, 2026-11-20"):
        said(day).check(APPLIED, TODAY)


def test_a_word_is_kept_with_the_region_and_who_acted_on_it() -> None:
    trainer, id_, at = a_trainer(), uuid7(), datetime(2026, 11, 20, 9, tzinfo=UTC)
    given = WordGiven.of(
        said(TODAY), Act.PAUSE, id_=id_, trainer_id=trainer.id, region=trainer.region, by="desk", at=at
    )
    assert (given.trainer_id, given.region, given.act, given.how) == (trainer.id, trainer.region, "pause", "visit")
    assert (given.note, given.noted_by, given.noted_at, given.said_on) == ("Kwam langs.", "desk", at, TODAY)
