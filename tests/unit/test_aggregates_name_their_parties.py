"""Each aggregate names who takes part in it: the ids that its events carry in their envelope."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from events.parties import Parties
from events.words import OrganisationKind
from notifications.endpoint.model.endpoint import Endpoint
from registry.organisation.model import Organisation
from registry.trainer.model import trainer as trainer_model
from registry.trainer.model.qualification import Qualification
from registry.vacancy.model.vacancy import Vacancy
from rules.eligibility import Credential
from tests.unit.contracts.contract_examples import assignment, contract, line
from tests.unit.matching.proposal.proposal_examples import proposal
from tests.unit.matching.proposal.proposal_examples import vacancy as opening
from tests.unit.registry.registry_examples import COMPANY, SITE, TERMS, TRAINER, VACANCY, trainer

ID, BOARD, SCHOOL = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize("status", [trainer_model.APPLIED, trainer_model.EXPIRED])
def test_an_employer_takes_no_part_in_an_application_that_nobody_confirmed(status: trainer_model.Status) -> None:
    applied = trainer(status, company_id=COMPANY)
    assert applied.parties == Parties(trainer=TRAINER, region=applied.region)


def test_an_employer_takes_part_once_the_trainer_confirmed() -> None:
    confirmed = trainer(trainer_model.CONFIRMED, company_id=COMPANY)
    assert confirmed.parties == Parties(trainer=TRAINER, company=COMPANY, region=confirmed.region)


def test_a_qualification_is_the_trainers_own() -> None:
    assert Qualification(id=ID, trainer_id=TRAINER, code=next(iter(Credential))).parties == Parties(trainer=TRAINER)


def test_a_vacancy_is_its_schools() -> None:
    vacancy, _ = Vacancy.draft(VACANCY, SITE, TERMS)
    school = Parties(board=SITE.board_id, school=SITE.school_id, location=SITE.location_id, region=SITE.region)
    assert vacancy.parties == school
    search = opening()
    assert search.parties.by_role().keys() == {"board", "school", "location", "region"}
    assert search.parties.location == search.facts.location_id


@pytest.mark.parametrize(
    ("kind", "parties"),
    [
        (OrganisationKind.BOARD, Parties(board=ID, region="AM01")),
        (OrganisationKind.SCHOOL, Parties(board=BOARD, school=ID, region="AM01")),
        (OrganisationKind.LOCATION, Parties(board=BOARD, school=SCHOOL, location=ID, region="AM01")),
        (OrganisationKind.COMPANY, Parties(company=ID, region="AM01")),
        (OrganisationKind.DESK, Parties(organisation=ID, region="AM01")),
    ],
)
def test_an_organisation_takes_part_in_the_role_of_its_kind(kind: OrganisationKind, parties: Parties) -> None:
    above: dict[str, UUID] = {}
    if kind in {OrganisationKind.SCHOOL, OrganisationKind.LOCATION}:
        above["board_id"] = BOARD
    if kind is OrganisationKind.LOCATION:
        above["school_id"] = SCHOOL
    assert Organisation(id=ID, kind=kind, name="x", region="AM01", **above).parties == parties  # type: ignore[arg-type]


def test_from_the_proposal_on_trainer_school_and_employer_take_part() -> None:
    for one in (proposal(), contract(), assignment(), line()):
        everybody = {"board", "school", "location", "company", "trainer"}
        named = {role: getattr(one, f"{role}_id") for role in everybody}
        assert one.parties == Parties(**named, region=one.region)


def test_an_endpoint_is_its_owners() -> None:
    made, _ = Endpoint.register(
        endpoint_id=uuid4(), owner_id=ID, url="https://x", event_types=(), secret="", now=datetime.now(UTC)
    )
    assert made.parties == Parties(organisation=ID)
