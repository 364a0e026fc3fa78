"""A step shows codes and links ids; nothing personal is in either."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from events.catalogue import contracts, registry
from events.registry import TrainerApplied
from hto.documents.event_schemas import sample_of
from operations.case.model.links import ids_in
from operations.case.model.summary import summary_of


def test_every_id_in_an_event_is_a_link() -> None:
    trainer, company = uuid4(), uuid4()
    applied = TrainerApplied(trainer_id=trainer, company_id=company, region="AM28", was_trainer_before=False)
    assert ids_in(applied) == {"trainer_id": trainer, "company_id": company}


def test_an_id_that_is_not_there_is_no_link() -> None:
    trainer = uuid4()
    applied = TrainerApplied(trainer_id=trainer, company_id=None, region=None, was_trainer_before=False)
    assert ids_in(applied) == {"trainer_id": trainer}


def test_a_summary_has_codes_and_days_but_no_ids() -> None:
    signed = contracts.ContractSigned.model_validate(sample_of(contracts.ContractSigned), strict=False)
    shown = summary_of(signed.model_copy(update={"starts_on": date(2026, 9, 7)}))
    assert shown == {"startsOn": "2026-09-07"}


def test_a_withdrawal_shows_its_reason() -> None:
    withdrawn = registry.VacancyWithdrawn(vacancy_id=uuid4(), reason="budget")
    assert summary_of(withdrawn) == {"reason": "budget"}
