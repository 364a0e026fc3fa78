"""The parties of an event: whom a payload names, and what each aggregate says."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from events import CATALOGUE, Event
from events.catalogue import contracts, erasure, flow, matching, notifications
from events.parties import EVERYBODY, Parties
from hto.documents.event_schemas import sample_of


def sample(kind: type[Event], **changes: Any) -> Any:
    return kind.model_validate_json(json.dumps({**sample_of(kind), **changes}))


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.__name__)
def test_an_event_declares_roles_that_there_are(kind: type[Event]) -> None:
    assert kind.taking_part <= EVERYBODY


def test_a_payload_names_its_parties_by_its_own_ids() -> None:
    made = sample(matching.ProposalMade)
    assert Parties.named_in(made) == Parties(
        board=made.board_id,
        school=made.school_id,
        location=made.location_id,
        company=made.company_id,
        trainer=made.trainer_id,
    )
    signed = sample(contracts.ContractSigned)
    assert Parties.named_in(signed) == Parties(trainer=signed.trainer_id)
    endpoint = sample(notifications.EndpointEnabled)
    assert Parties.named_in(endpoint) == Parties(organisation=endpoint.owner_id)
    letter = sample(notifications.MessageSent)
    assert Parties.named_in(letter).ids() == {letter.recipient_id}
    assert Parties.named_in(sample(erasure.ErasureConfirmed)).trainer is not None
    assert not Parties.named_in(sample(flow.EventParked))


def test_parties_are_cut_to_roles() -> None:
    trainer, company = uuid4(), uuid4()
    both = Parties(trainer=trainer, company=company, region="AM01")
    assert both.only("trainer", "region") == Parties(trainer=trainer, region="AM01")
    assert both.ids() == {trainer, company}
    assert both.tokens() == (f"company={company}", f"trainer={trainer}", "region=AM01")
