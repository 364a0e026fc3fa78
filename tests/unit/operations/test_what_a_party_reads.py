"""Which facts of a step a party reads, and which ids it may know."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from events import CATALOGUE, Event, name_of
from events.contracts import ContractSigned
from events.matching import ProposalAccepted, ProposalConsented, ProposalMade
from events.parties import Parties
from events.sides import SHARED, SIDES, TELLING, sides_of
from events.words import Party
from hto.documents.event_schemas import sample_of
from operations.case.model.privacy import facts_for, learned_from, tokens_of
from operations.case.model.summary import summary_of

ID = UUID("0192f0c0-0000-7000-8000-000000000000")
PARTIES = Parties(board=ID, school=ID, location=ID, company=ID, trainer=ID, region="AM28")


def sample(kind: type[Event]) -> Any:
    return kind.model_validate_json(json.dumps(sample_of(kind)))


def test_board_school_and_location_are_one_side_and_a_region_is_none() -> None:
    assert sides_of(tokens_of(PARTIES)) == {"school", "company", "trainer"}
    assert sides_of([]) == frozenset()


@pytest.mark.parametrize("kind", [ProposalMade, ProposalAccepted, ContractSigned])
def test_a_school_knows_the_candidate_and_the_employer_once_everybody_agreed(kind: type[Event]) -> None:
    school = f"school={ID}"
    known = {name for (name, _), tokens in learned_from(sample(kind), tokens_of(PARTIES)).items() if school in tokens}
    assert ({"trainer_id"} <= known) is (kind is not ProposalMade)
    assert ({"company_id"} <= known) is (kind is ProposalAccepted)
    assert {"vacancy_id", "proposal_id"} <= known
    everything = {name for name, _ in learned_from(sample(kind), tokens_of(PARTIES))}
    found = learned_from(sample(kind), tokens_of(PARTIES))
    for other, hidden in (
        (f"company={ID}", {"trainer_id"} if kind is ProposalMade else set()),
        (f"trainer={ID}", set()),
    ):
        assert {name for (name, _), tokens in found.items() if other in tokens} == everything - hidden


@pytest.mark.parametrize("party", ["trainer", "school", "company"])
def test_an_employer_knows_whose_proposal_it_is_once_the_trainer_consented(party: str) -> None:
    consented = sample(ProposalConsented).model_copy(update={"party": Party(party)})
    found = {name: tokens for (name, _), tokens in learned_from(consented, tokens_of(PARTIES)).items()}
    assert (f"company={ID}" in found["trainer_id"]) is (party == "trainer")
    assert f"school={ID}" not in found["trainer_id"]


@pytest.mark.parametrize("event", SHARED)
def test_each_shared_fact_belongs_to_an_existing_event(event: str) -> None:
    (kind,) = (kind for type_, kind in CATALOGUE.items() if name_of(type_) == event)
    assert SHARED[event].keys() <= sample(kind).model_dump(by_alias=True).keys()


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("side", SIDES)
def test_no_reason_or_finding_is_shown_that_was_not_meant_to_be(kind: type[Event], side: str) -> None:
    """A new event's reason, finding or count is nobody's but staff's before somebody says whose it is."""
    event = name_of(kind.type)
    shown = facts_for(event, summary_of(sample(kind)), {side})
    for name in TELLING & shown.keys():
        assert event == "proposal.declined" or side in SHARED[event][name]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("reason", ["vog_not_shown", "trainer_left"])
def test_a_reason_that_is_about_the_person_is_the_persons(side: str, reason: str) -> None:
    shown = facts_for("contract.dissolved", {"reason": reason, "early": True}, {side})
    assert shown == ({"reason": reason, "early": True} if side == "trainer" else {"early": True})


def test_the_decliner_and_the_reason_are_known_to_the_decliner_only() -> None:
    facts = {"party": "school", "reason": "expertise", "form": "guest"}
    assert facts_for("proposal.declined", facts, {"school"}) == facts
    assert facts_for("proposal.declined", facts, {"trainer", "company"}) == {"form": "guest"}
