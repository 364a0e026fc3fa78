"""A proposal waits for a trainer whom no letter reached, and the desk is asked to reach them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from events.matching import ProposalUnreached
from events.words import Party
from matching.proposal.model.delivery import Delivery
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from tests.unit.matching.proposal.proposal_examples import LATER, NOON, proposal
from tests.unit.matching.ranking.ranking_examples import POLICIES, TODAY

TERM = timedelta(days=14)
RULES = Delivery.of(POLICIES, TODAY)


def day(number: int) -> datetime:
    return NOON + timedelta(days=number)


@pytest.mark.parametrize(
    ("reached", "now", "until"),
    [
        (0, 14, 14),  # in time: it ends
        (12, 14, 17),  # late: five days from the delivery
        (26, 27, 28),  # at most two weeks more
        (None, 14, 19),  # never: it is looked at again
        (None, 26, 28),
        (None, 28, 28),  # and it ends
    ],
)
def test_a_trainer_has_some_days_from_the_first_delivery(reached: int | None, now: int, until: int) -> None:
    asked = proposal(reached_at=None if reached is None else day(reached))
    assert RULES.open_until(asked, TERM, day(now)) == day(until)


def test_a_trainer_who_agreed_was_reached() -> None:
    asked, _ = proposal().consent(Party.TRAINER, NOON)
    assert RULES.open_until(asked, TERM, day(14)) == day(14)
    assert asked.miss() == (asked, [])


def test_the_desk_is_asked_once_to_reach_a_trainer() -> None:
    missed, [event] = proposal().miss()
    assert isinstance(event, ProposalUnreached)
    assert event.answer_before == NOON + TERM
    assert missed.miss() == (missed, [])


@pytest.mark.parametrize(
    "asked",
    [
        proposal(reached_at=LATER),
        proposal(reason="trainer_paused"),
        replace(proposal(), status=Status.EXPIRED),
    ],
)
def test_the_desk_is_not_asked_where_nothing_is_missing(asked: Proposal) -> None:
    assert asked.miss() == (asked, [])


def test_silence_of_a_trainer_who_was_never_reached_is_no_answer() -> None:
    expired, _ = proposal().expire(LATER)
    assert expired.consented is None
    assert replace(expired, reached_at=NOON).consented is False
