"""Backoff, clock, verdicts, refusals, and what may be told of an error."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.clock import Clock, beginning_of, business_day, end_of
from common.decision import MissingDependency, Outcome, Reason, Verdict
from common.errors import Conflict, Invalid, InvalidParam, Message, NotFound
from common.messaging.consumer import Handlers
from common.persistence.deadlines import Deadlines
from common.runtime.backoff import backoff
from common.runtime.telemetry import error_chain, error_frames, error_location
from events.registry import ProfileState, TrainerPaused


@given(st.integers(1, 10_000), st.floats(0.001, 5), st.floats(5, 100))
def test_a_wait_is_half_fixed_half_chance_and_never_above_its_most(attempt: int, first: float, most: float) -> None:
    ceiling = min(most, first * 2.0 ** min(attempt - 1, 30))
    assert ceiling / 2 <= backoff(attempt, first=first, most=most) <= ceiling <= most


def test_waits_differ_so_that_not_all_come_back_at_once() -> None:
    assert len({backoff(5) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 31, 23, 30, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 7, 31, 22, 30, tzinfo=UTC), date(2026, 8, 1)),
        (datetime(2026, 7, 31, 21, 30, tzinfo=UTC), date(2026, 7, 31)),
    ],
)
def test_a_business_day_is_one_of_amsterdam(moment: datetime, day: date) -> None:
    assert business_day(moment) == day


def test_a_day_begins_and_ends_at_midnight_in_amsterdam_in_summer_and_winter() -> None:
    assert beginning_of(date(2026, 7, 1)) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert beginning_of(date(2026, 12, 1)) == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert end_of(date(2026, 10, 25)) - beginning_of(date(2026, 10, 25)) == end_of(date(2026, 3, 29)) - beginning_of(
        date(2026, 3, 29)
    ) + (datetime(2026, 1, 1, 2, tzinfo=UTC) - datetime(2026, 1, 1, tzinfo=UTC))
    assert business_day(beginning_of(date(2026, 7, 1))) == date(2026, 7, 1)


@given(st.timedeltas(timedelta(days=-3650), timedelta(days=3650)))
def test_the_real_moment_of_a_business_moment(offset: timedelta) -> None:
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    assert Clock(offset).real(moment) + offset == moment


def test_only_a_block_blocks_and_only_a_review_needs_a_person() -> None:
    def verdict(*outcomes: Outcome) -> Verdict:
        return Verdict(policy_version=1, reasons=tuple(Reason(rule="r", outcome=one) for one in outcomes))

    assert verdict().ok
    assert verdict(Outcome.PASS, Outcome.WARN, Outcome.REVIEW).ok
    assert not verdict(Outcome.PASS, Outcome.BLOCK).ok
    assert verdict(Outcome.REVIEW).needs_review
    assert not verdict(Outcome.BLOCK).needs_review


def test_joined_verdicts_keep_every_reason_and_the_newest_version() -> None:
    reason = Reason(rule="r", outcome=Outcome.BLOCK)
    joined = Verdict.all_of([Verdict(policy_version=1, reasons=(reason,)), Verdict(policy_version=7)])
    assert joined == Verdict(policy_version=7, reasons=(reason,))
    assert Verdict.all_of([]) == Verdict(policy_version=0)


class NotPossible(Conflict):
    """A contract that is {status} cannot become {wanted}."""


def test_a_refusals_docstring_is_its_message_and_its_name_its_code() -> None:
    refused = NotPossible(status="signed", wanted="draft")
    assert str(refused) == "A contract that is signed cannot become draft."
    assert (refused.code, NotFound.code) == ("not-possible", "not-found")
    assert refused.facts == {"status": "signed", "wanted": "draft"}
    assert str(MissingDependency("trainer/1")) == "The fact trainer/1 has not arrived yet."


def test_invalid_input_reports_all_faults_at_once() -> None:
    faults = [InvalidParam("a", Message("too short"), "short"), InvalidParam("b", Message("missing"), "missing")]
    assert str(Invalid(*faults)) == "The input is not valid: a: too short; b: missing"


def test_an_error_is_logged_by_kind_and_place_and_never_by_its_message() -> None:
    try:
        raise ValueError("Jan Jansen")  # noqa: TRY301 - so that it has a place
    except ValueError as error:
        told, trail = error_location(error), error_frames(error)
    assert told.startswith("ValueError at ")
    assert len(trail) == 1
    assert "Jansen" not in f"{told}{trail}"
    assert error_location(ValueError("Jan Jansen")) == "ValueError"


def test_an_error_is_logged_with_its_causes() -> None:
    error = TimeoutError("Jan Jansen")
    assert error_chain(error) == "TimeoutError"
    error.__cause__ = ConnectionResetError("Jan Jansen")
    assert error_chain(error) == "TimeoutError from ConnectionResetError"


def test_one_handler_per_event_and_one_reaction_per_deadline() -> None:
    handlers = Handlers()
    handlers.on(TrainerPaused)(_nothing)
    handlers.on_tombstone(ProfileState)(_nothing)
    handlers.every(_nothing)
    for again in (
        handlers.on(TrainerPaused),
        handlers.bulk(TrainerPaused),
        handlers.on_tombstone(ProfileState),
        handlers.every,
    ):
        with pytest.raises(ValueError, match="two reactions"):
            again(_nothing)
    deadlines = Deadlines()
    deadlines.on("what")(_nothing)
    with pytest.raises(ValueError, match="two reactions"):
        deadlines.on("what")(_nothing)


async def _nothing(*_: object) -> None:
    """Do nothing."""
