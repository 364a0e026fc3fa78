"""What happens next in a case, and who owes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from events import CATALOGUE, Event
from events.catalogue import contracts, matching, registry
from events.words import Party
from hto.documents.event_schemas import sample_of
from operations.model.next_steps import TEXTS, OpenStep, knows, next_step, soonest

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def sample(event: type[Event], **changes: object) -> Event:
    return event.model_validate(sample_of(event), strict=False).model_copy(update=changes)


def test_a_proposal_waits_for_whoever_was_asked_until_its_term_ends() -> None:
    made = sample(matching.ProposalMade, asked=[Party.TRAINER, Party.SCHOOL], answer_before=NOON)
    assert next_step(made) == OpenStep(what="answer_proposal", owners=("trainer", "school"), due_at=NOON)


def test_after_one_consent_the_others_still_owe_theirs_by_the_same_term() -> None:
    consented = sample(matching.ProposalConsented, left=[Party.COMPANY])
    assert next_step(consented) == OpenStep(what="answer_proposal", owners=("company",), keeps_due=True)


def test_after_the_last_consent_nobody_has_to_answer() -> None:
    step = next_step(sample(matching.ProposalConsented, left=[]))
    assert step is not None
    assert step.what == "accept_proposal"


@pytest.mark.parametrize(
    "event",
    [
        matching.ProposalDeclined,
        matching.ProposalLapsed,
        contracts.ContractRefused,
        contracts.ContractExpired,
        contracts.ContractEnded,
        registry.VacancyWithdrawn,
        registry.TrainerLeft,
    ],
)
def test_what_is_over_owes_nothing(event: type[Event]) -> None:
    assert next_step(sample(event)) is None


def test_a_signed_contract_starts_at_midnight_in_amsterdam() -> None:
    step = next_step(sample(contracts.ContractSigned, starts_on=date(2026, 9, 7)))
    assert step is not None
    assert step.due_at == datetime(2026, 9, 6, 22, tzinfo=UTC)


def test_a_vacancy_that_waits_too_long_is_the_desks() -> None:
    waiting = sample(matching.VacancyWaiting, escalated=True)
    assert next_step(waiting) == OpenStep(what="help_waiting_vacancy", owners=("desk",))


@pytest.mark.parametrize(
    "event", [event for event in CATALOGUE.values() if knows(sample(event))], ids=lambda e: e.__name__
)
def test_every_step_has_words_in_both_languages(event: type[Event]) -> None:
    step = next_step(sample(event))
    if step is not None:
        assert all(TEXTS[step.what])


def _steps(*steps: OpenStep) -> dict[UUID, OpenStep]:
    return {uuid4(): step for step in steps}


def test_a_case_shows_the_step_that_ends_first() -> None:
    early = OpenStep(what="sign_contract", owners=("school",), due_at=NOON)
    late = OpenStep(what="answer_proposal", owners=("school",), due_at=NOON + timedelta(days=1))
    endless = OpenStep(what="approve_hours", owners=("school",))
    assert soonest(_steps(late, endless, early)) is early


def test_a_step_that_merely_waits_is_shown_only_when_it_is_alone() -> None:
    waits = OpenStep(what="find_candidate", owners=("programme",), waits=True)
    work = OpenStep(what="approve_hours", owners=("school",))
    assert soonest(_steps(waits, work)) is work
    assert soonest(_steps(waits)) is waits
    assert soonest({}) is None
