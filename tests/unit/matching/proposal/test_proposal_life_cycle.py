"""A proposal asks everybody at once, is settled by the last answer, and never comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest

from events import Event
from events.matching import (
    ProposalAccepted,
    ProposalConsented,
    ProposalConverted,
    ProposalDeclined,
    ProposalExpired,
    ProposalLapsed,
    ProposalMade,
    ProposalReminded,
    ProposalWithdrawn,
)
from events.words import Form, Party
from matching.proposal.model.grounds import Candidate
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import NotAsked, NotPossible, Status, StillAsked
from tests.unit.matching.life_cycles import CONTRACT, ENDED, FINE, agreed, in_status
from tests.unit.matching.proposal.proposal_examples import FACTS, GROUNDS, LATER, NOON, proposal, vacancy

Told = tuple[Proposal, list[Event]]
ABOUT: Final = {"proposal_id": UUID(int=2001), "vacancy_id": FACTS.vacancy_id, "trainer_id": UUID(int=1)}


def test_trainer_school_and_employer_are_asked_at_once() -> None:
    candidate = Candidate(trainer_id=UUID(int=1), company_id=UUID(int=77), form=Form.GUEST, grounds=GROUNDS)
    before = NOON + timedelta(days=14)
    made, told = Proposal.make(UUID(int=2001), vacancy(), candidate, by="desk", at=NOON, answer_before=before)
    assert made.asked == made.left == (Party.TRAINER, Party.SCHOOL, Party.COMPANY)
    assert told == [
        ProposalMade(
            **ABOUT,
            board_id=FACTS.board_id,
            school_id=FACTS.school_id,
            location_id=FACTS.location_id,
            company_id=UUID(int=77),
            asked=[Party.TRAINER, Party.SCHOOL, Party.COMPANY],
            form=Form.GUEST,
            score=900,
            rank=1,
            by="desk",
            answer_before=before,
            policy_version=7,
        )
    ]
    assert made.case == FACTS.vacancy_id


def test_without_an_employer_two_are_asked() -> None:
    assert proposal(employed=False).asked == (Party.TRAINER, Party.SCHOOL)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_consents_come_in_any_order(order: Sequence[int]) -> None:
    asking = proposal()
    for place in order:
        party = asking.asked[place]
        asking, told = asking.consent(party, NOON)
        assert told == [ProposalConsented(**ABOUT, party=party, left=list(asking.left))]
    assert asking.left == ()
    assert asking.open


def test_a_consent_given_twice_is_one() -> None:
    once, _ = proposal().consent(Party.SCHOOL, NOON)
    assert once.consent(Party.SCHOOL, LATER) == (once, [])


def test_a_consent_given_again_after_it_was_settled_changes_nothing() -> None:
    accepted, _ = agreed(proposal()).accept(FINE)
    assert accepted.consent(Party.SCHOOL, LATER) == (accepted, [])


def test_a_party_that_is_not_asked_cannot_answer() -> None:
    with pytest.raises(NotAsked, match="company is not asked"):
        proposal(employed=False).consent(Party.COMPANY, NOON)
    with pytest.raises(NotAsked):
        proposal(employed=False).decline(Party.COMPANY, "employer", NOON)


@pytest.mark.parametrize("status", sorted(ENDED))
def test_a_proposal_that_is_over_takes_no_consent(status: Status) -> None:
    with pytest.raises(NotPossible, match=f"{status} cannot become consented"):
        replace(proposal(), status=status).consent(Party.SCHOOL, NOON)


def test_it_is_not_accepted_before_everybody_agreed() -> None:
    half, _ = proposal().consent(Party.SCHOOL, NOON)
    with pytest.raises(StillAsked, match="trainer, company"):
        half.accept(FINE)


def test_an_acceptance_carries_the_agreement_and_its_rules() -> None:
    accepted, told = agreed(proposal()).accept(FINE)
    assert accepted.findings == FINE.reasons
    assert told == [
        ProposalAccepted(
            **ABOUT,
            board_id=FACTS.board_id,
            school_id=FACTS.school_id,
            location_id=FACTS.location_id,
            company_id=UUID(int=77),
            form=Form.GUEST,
            minutes_per_week=FACTS.minutes_per_week,
            roster=None,
            starts_on=FACTS.starts_on,
            ends_on=FACTS.ends_on,
            policy_version=8,
        )
    ]


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.CONVERTED])
def test_an_acceptance_is_final(status: Status) -> None:
    settled = in_status(status)
    assert settled.accept(FINE) == (settled, [])


def test_a_party_that_consented_may_still_decline_until_all_answered() -> None:
    half, _ = proposal().consent(Party.COMPANY, NOON)
    declined, told = half.decline(Party.COMPANY, "employer", LATER)
    assert (declined.status, declined.declined_by, declined.reason, declined.ended_at) == (
        Status.DECLINED,
        Party.COMPANY,
        "employer",
        LATER,
    )
    assert told == [ProposalDeclined(**ABOUT, party=Party.COMPANY, reason="employer")]
    assert declined.decline(Party.COMPANY, "employer", LATER) == (declined, [])
    with pytest.raises(NotPossible):
        declined.decline(Party.SCHOOL, "schedule", LATER)


def test_a_reminder_goes_to_who_has_not_answered() -> None:
    half, _ = proposal().consent(Party.SCHOOL, NOON)
    reminded, told = half.remind()
    assert reminded.reminders == 1
    assert told == [ProposalReminded(**ABOUT, left=[Party.TRAINER, Party.COMPANY], answer_before=half.answer_before)]
    with pytest.raises(NotPossible, match="reminded"):
        replace(half, status=Status.EXPIRED).remind()


def test_an_expired_proposal_names_the_parties_that_did_not_answer() -> None:
    half, _ = proposal().consent(Party.SCHOOL, NOON)
    expired, told = half.expire(LATER)
    assert told == [ProposalExpired(**ABOUT, left=[Party.TRAINER, Party.COMPANY])]
    assert (expired.ended_at, expired.reason) == (LATER, None)


def test_a_proposal_about_to_be_withdrawn_is_held_until_it_is_over() -> None:
    held = replace(proposal(), reason="trainer_left")
    assert (proposal().held, held.held) == (None, "trainer_left")
    assert held.withdraw("trainer_left", LATER)[0].held is None


def test_a_withdrawal_and_a_lapse_have_a_reason() -> None:
    withdrawn, told = proposal().withdraw("vacancy_changed", LATER)
    assert told == [ProposalWithdrawn(rules=[], **ABOUT, reason="vacancy_changed")]
    assert withdrawn.reason == "vacancy_changed"
    lapsed, told = agreed(proposal()).lapse("last_place_gone", LATER, FINE)
    assert told == [ProposalLapsed(**ABOUT, reason="last_place_gone")]
    assert (lapsed.findings, lapsed.reason) == (FINE.reasons, "last_place_gone")


def test_a_lapse_without_a_verdict_keeps_what_was_found_before() -> None:
    accepted, _ = agreed(proposal()).accept(FINE)
    lapsed, _ = accepted.lapse("no_draft_in_time", LATER)
    assert lapsed.findings == FINE.reasons


def test_a_contract_converts_it_once() -> None:
    accepted, _ = agreed(proposal()).accept(FINE)
    converted, told = accepted.convert(CONTRACT)
    assert told == [ProposalConverted(**ABOUT, contract_id=CONTRACT)]
    assert converted.convert(CONTRACT) == (converted, [])
    with pytest.raises(NotPossible):
        converted.convert(UUID(int=9))
