"""A move is made once everybody who is asked has agreed, and by nothing else."""

from __future__ import annotations

import pytest

from events.registry import OrganisationMoveAgreed, OrganisationMoveAsked, OrganisationMoveEnded
from registry.organisation_change import model as organisation_change_model
from registry.organisation_change.model import MoveIsOver, Side
from tests.unit.registry.life_cycles import AT, BOTH, ORGANISATION, PRESENT, WANTED, a_move

ENDS = {
    "refuse": organisation_change_model.REFUSED,
    "withdraw": organisation_change_model.WITHDRAWN,
    "expire": organisation_change_model.EXPIRED,
}


def test_each_side_for_which_the_proposer_does_not_act_is_asked() -> None:
    proposed, events = a_move().propose([])
    assert (proposed.status, proposed.open_sides, proposed.case) == (
        organisation_change_model.PROPOSED,
        BOTH,
        ORGANISATION,
    )
    asked = [(event.side, event.recipient_id) for event in events if isinstance(event, OrganisationMoveAsked)]
    assert asked == [("present", PRESENT), ("wanted", WANTED)]
    _, events = a_move().propose([Side.PRESENT])
    assert [event.recipient_id for event in events if isinstance(event, OrganisationMoveAsked)] == [WANTED]


def test_an_organisation_without_a_parent_asks_the_wanted_parent_alone() -> None:
    proposed, _ = a_move(present_id=None).propose([])
    assert proposed.open_sides == (Side.WANTED,)
    assert proposed.propose([Side.PRESENT])[0].agreed == ()


def test_a_caller_who_acts_for_all_sides_moves_it_at_once() -> None:
    made, events = a_move().propose(BOTH)
    assert (made.status, made.ended_at) == (organisation_change_model.MADE, AT)
    assert all(isinstance(event, OrganisationMoveEnded) for event in events)


def test_a_move_is_made_with_the_last_agreement_and_published_to_all_three() -> None:
    proposed, _ = a_move().propose([])
    half, events = proposed.agree([Side.WANTED], AT)
    assert (half.status, half.open_sides) == (organisation_change_model.PROPOSED, (Side.PRESENT,))
    assert [type(event) for event in events] == [OrganisationMoveAgreed]
    assert half.agree([Side.WANTED], AT) == (half, [])
    made, events = half.agree(BOTH, AT)
    assert (made.status, made.open_sides) == (organisation_change_model.MADE, ())
    ended = [event for event in events if isinstance(event, OrganisationMoveEnded)]
    assert [(event.recipient_id, event.outcome) for event in ended] == [
        (ORGANISATION, "made"),
        (PRESENT, "made"),
        (WANTED, "made"),
    ]
    assert made.agree(BOTH, AT) == (made, [])
    assert made.parties is None


@pytest.mark.parametrize(("act", "status"), ENDS.items())
def test_a_move_that_is_over_stays_so(act: str, status: organisation_change_model.MoveStatus) -> None:
    proposed, _ = a_move().propose([])
    over, events = getattr(proposed, act)(AT)
    assert (over.status, len(events)) == (status, 3)
    assert getattr(over, act)(AT) == (over, [])
    assert over.expire(AT) == (over, [])
    with pytest.raises(MoveIsOver, match=status.value):
        over.agree(BOTH, AT)
    for other in {"refuse", "withdraw"} - {act}:
        with pytest.raises(MoveIsOver):
            getattr(over, other)(AT)
