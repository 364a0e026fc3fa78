"""An appeal goes to a person of the desk, who decides once; a proposal is appealed against once it has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from common.policy import Policies
from events.matching import AppealDecided, AppealLodged, AppealOverdue
from events.words import Party
from matching.appeal.model import (
    Appeal,
    AppealTerms,
    NothingDecided,
    NotPossible,
    Status,
    TooLate,
)
from matching.proposal.model.status import Status as ProposalStatus
from registry.policy.usecases import built_in_policies
from tests.support.life_cycles import Ways
from tests.unit.matching.life_cycles import in_status
from tests.unit.matching.proposal.proposal_examples import LATER, NOON, proposal

RULES: Final = Policies.of(built_in_policies())
TODAY: Final = date(2026, 9, 1)
TERMS: Final = AppealTerms.of(RULES, TODAY)


def an_appeal(status: Status = Status.LODGED, **changes: Any) -> Appeal:
    ended = status is not Status.LODGED
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "status": status,
        "lodged_at": NOON,
        "decide_before": TODAY + timedelta(days=28),
        "vacancy_id": UUID(int=2),
        "round": 1,
        "region": "AM01",
        "trainer_id": UUID(int=3),
        "reason": "facts_wrong",
        "words": "Ik heb dat diploma wel.",
        "policy_version": 7,
        "motivation": "Omdat." if status in {Status.UPHELD, Status.REJECTED} else None,
        "ended_on": TODAY if ended else None,
    }
    return Appeal(**{**values, **changes})


def _ends_once(before: Appeal, after: Appeal, events: list[Any]) -> None:
    assert events or after == before
    assert (after.ended_on is None) == after.open
    assert (after.motivation is None) == (after.status in {Status.LODGED, Status.WITHDRAWN})


WAYS: Final[Mapping[str, Ways[Any]]] = {
    "appeal": Ways(
        at=an_appeal,
        into={
            Status.UPHELD: [lambda one: one.decide("upheld", "Omdat.", TODAY)],
            Status.REJECTED: [lambda one: one.decide("rejected", "Omdat.", TODAY)],
            Status.WITHDRAWN: [lambda one: one.withdraw(TODAY)],
        },
        others=[lambda one: one.pass_deadline()],
        holds=_ends_once,
    )
}


def test_an_appeal_is_published_without_its_words() -> None:
    appeal, [event] = an_appeal(proposal_id=UUID(int=9)).lodge()
    assert event == AppealLodged(
        appeal_id=appeal.id,
        vacancy_id=UUID(int=2),
        proposal_id=UUID(int=9),
        reason="facts_wrong",
        decide_before=date(2026, 9, 29),
        policy_version=7,
    )
    assert "diploma" not in event.model_dump_json()
    assert str(UUID(int=3)) not in event.model_dump_json(), "the desk reads the event, and knows no candidate"
    assert appeal.case == appeal.id
    assert appeal.parties.by_role() == {"trainer": UUID(int=3), "region": "AM01"}


def test_a_decision_is_made_once_and_its_words_are_not_published() -> None:
    decided, [event] = an_appeal().decide("upheld", "Het diploma telt mee.", TODAY)
    assert isinstance(event, AppealDecided)
    assert event.decision == "upheld"
    assert "diploma" not in event.model_dump_json()
    assert (decided.motivation, decided.ended_on) == ("Het diploma telt mee.", TODAY)
    assert decided.decide("upheld", "Het diploma telt mee.", TODAY) == (decided, [])
    with pytest.raises(NotPossible):
        decided.decide("rejected", "Het diploma telt mee.", TODAY)
    with pytest.raises(NotPossible):
        decided.decide("upheld", "Iets anders.", TODAY)


def test_a_decided_appeal_is_not_withdrawn_and_a_withdrawn_one_not_decided() -> None:
    with pytest.raises(NotPossible):
        an_appeal(Status.REJECTED).withdraw(TODAY)
    withdrawn, _ = an_appeal().withdraw(TODAY)
    assert withdrawn.withdraw(TODAY) == (withdrawn, [])
    with pytest.raises(NotPossible):
        withdrawn.decide("upheld", "Omdat.", TODAY)


def test_the_last_day_passes_once_and_only_for_an_open_appeal() -> None:
    late, [event] = an_appeal().pass_deadline()
    assert isinstance(event, AppealOverdue)
    assert late.overdue
    assert late.pass_deadline() == (late, [])
    for status in (Status.UPHELD, Status.REJECTED, Status.WITHDRAWN):
        assert an_appeal(status).pass_deadline() == (an_appeal(status), [])


@pytest.mark.parametrize("status", [ProposalStatus.PROPOSED, ProposalStatus.ACCEPTED, ProposalStatus.CONVERTED])
def test_a_proposal_that_has_not_ended_is_not_appealed_against(status: ProposalStatus) -> None:
    with pytest.raises(NothingDecided):
        TERMS.check(in_status(status), TODAY, by_trainer=True)


def test_a_proposal_that_is_over_for_its_trainer_is_appealed_against_by_the_trainer_only() -> None:
    held = replace(proposal(), reason="trainer_paused")
    TERMS.check(held, TODAY, by_trainer=True)
    with pytest.raises(NothingDecided):
        TERMS.check(held, TODAY, by_trainer=False)


def test_the_term_begins_on_the_day_on_which_the_proposal_ended() -> None:
    ended, _ = proposal().decline(Party.SCHOOL, "other_choice", LATER)
    last_day = LATER.date() + timedelta(days=TERMS.lodge_within_days)
    TERMS.check(ended, last_day, by_trainer=True)
    with pytest.raises(TooLate):
        TERMS.check(ended, last_day + timedelta(days=1), by_trainer=True)
