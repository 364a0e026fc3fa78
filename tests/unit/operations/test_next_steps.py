"""What happens next in a case, and who owes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from uuid import UUID, uuid4

import pytest

from events import CATALOGUE, Event
from events.catalogue import contracts, matching, registry
from events.words import Party
from hto.documents.event_schemas import sample_of
from operations.case.model.next_steps import CATALOGUE as STEPS
from operations.case.model.next_steps import next_step, soonest
from operations.case.model.open_step import DONE, UNMOVED, After, Catalogue, Kind, OpenStep, Step, collect
from operations.words import CATALOGUES, LANGUAGES

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
    assert isinstance(step, OpenStep)
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
def test_an_ended_subject_has_no_open_step(event: type[Event]) -> None:
    assert next_step(sample(event)) is None


def test_a_signed_contract_starts_at_midnight_in_amsterdam() -> None:
    step = next_step(sample(contracts.ContractSigned, starts_on=date(2026, 9, 7)))
    assert isinstance(step, OpenStep)
    assert step.due_at == datetime(2026, 9, 6, 22, tzinfo=UTC)


def test_a_vacancy_that_waits_too_long_is_the_desks() -> None:
    waiting = sample(matching.VacancyWaiting, escalated=True)
    assert next_step(waiting) == OpenStep(what="help_waiting_vacancy", owners=("desk",))


EVENTS = [event for event in CATALOGUE.values() if event.__module__.startswith("events.")]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_step_has_an_owner_and_words_in_both_languages(event: type[Event]) -> None:
    step = next_step(sample(event))
    if isinstance(step, OpenStep):
        assert step.owners
        assert all(step.owners)
        for language in LANGUAGES:
            assert getattr(STEPS.steps[step.what], language)
            assert all(CATALOGUES[language]["owners"][owner] for owner in step.owners)


def test_no_words_are_left_of_a_step_that_nobody_owes() -> None:
    steps = [next_step(sample(event)) for event in EVENTS]
    steps += [next_step(sample(matching.ProposalConsented, left=[]))]
    steps += [next_step(sample(matching.VacancyWaiting, escalated=escalated)) for escalated in (True, False)]
    assert {step.what for step in steps if isinstance(step, OpenStep)} == set(STEPS.steps)


def test_a_contract_that_was_returned_is_the_schools_to_complete() -> None:
    assert next_step(sample(contracts.ContractReturned)) == OpenStep(what="complete_contract", owners=("school",))


def test_a_contract_that_was_changed_is_checked_again() -> None:
    assert next_step(sample(contracts.ContractAmended)) == OpenStep(what="check_contract", owners=("programme",))


def test_an_extension_is_signed_within_its_own_term_and_then_the_lessons_go_on() -> None:
    both = [Party.TRAINER, Party.SCHOOL]
    offered = sample(contracts.ContractExtensionOffered, mandatory=both, sign_before=NOON)
    assert next_step(offered) == OpenStep(what="sign_contract", owners=("trainer", "school"), due_at=NOON)
    teach = OpenStep(what="teach", owners=("trainer",), waits=True)
    for over in (
        contracts.ContractExtended,
        contracts.ContractExtensionRefused,
        contracts.ContractExtensionExpired,
    ):
        assert next_step(sample(over)) == teach


def test_a_proposed_end_is_answered_in_time_and_then_the_step_before_it_is_open_again() -> None:
    asked = [Party.TRAINER]
    proposed = sample(contracts.EndingProposed, asked=asked, answer_before=NOON)
    assert next_step(proposed) == OpenStep(what="answer_ending", owners=("trainer",), due_at=NOON)
    consented = sample(contracts.EndingConsented, left=asked, answer_before=NOON)
    assert next_step(consented) == next_step(proposed)
    for over in (contracts.EndingAgreed, contracts.EndingDropped, contracts.NoticeGiven):
        found = {standing: next_step(sample(over, standing=standing)) for standing in ("signed", "active", "suspended")}
        assert {name: step.what for name, step in found.items() if isinstance(step, OpenStep)} == {
            "signed": "start_contract",
            "active": "teach",
            "suspended": "resume_work",
        }
    assert next_step(sample(contracts.EndedForCause)) is UNMOVED


def test_a_signature_that_nobody_waits_for_moves_nothing() -> None:
    given = sample(contracts.SignatureGiven, left=[Party.SCHOOL])
    assert next_step(given) == OpenStep(what="sign_contract", owners=("school",), keeps_due=True)
    assert next_step(sample(contracts.SignatureGiven, left=[])) is UNMOVED


def test_consent_that_ends_is_to_be_renewed_before_its_last_day_is_over() -> None:
    step = next_step(sample(registry.ConsentExpiring, until=date(2026, 9, 30)))
    due_at = datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert step == OpenStep(what="renew_consent", owners=("trainer",), due_at=due_at)
    assert next_step(sample(registry.ConsentGiven)) is None


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


def _capability(**declared: object) -> ModuleType:
    module = ModuleType("a_capability")
    vars(module).update({"after": After(), **declared})
    return module


def _after(*events: type[Event]) -> After:
    after = After()
    after(*events, then=DONE)
    return after


def test_a_capability_without_a_case_of_its_own_says_only_what_follows_its_events() -> None:
    after = _after(registry.VacancyFilled)
    assert collect([_capability(after=after)]) == Catalogue(after.reactions, {}, {}, frozenset())


def test_two_capabilities_that_react_to_one_event_are_not_loaded() -> None:
    two = [_capability(after=_after(registry.VacancyFilled)) for _ in range(2)]
    with pytest.raises(ValueError, match="reacts to VacancyFilled"):
        collect(two)


def test_one_capability_reacts_to_an_event_once() -> None:
    with pytest.raises(ValueError, match="VacancyFilled moves a step twice"):
        _after(registry.VacancyFilled, registry.VacancyClosed, registry.VacancyFilled)


def test_two_steps_with_one_code_are_not_loaded() -> None:
    two = [_capability(STEP=Step("fly", nl="Vliegen", en="Fly")) for _ in range(2)]
    with pytest.raises(ValueError, match="a step fly"):
        collect(two)


def test_two_kinds_of_case_with_one_code_are_not_loaded() -> None:
    two = [_capability(KIND=Kind("flight", named_by=name, nl="vlucht", en="flight")) for name in ("one_id", "two_id")]
    with pytest.raises(ValueError, match="a kind flight"):
        collect(two)


def test_a_step_that_one_capability_uses_of_another_is_one_step() -> None:
    fly = Step("fly", nl="Vliegen", en="Fly")
    assert collect([_capability(FLY=fly), _capability(FLY=fly)]).steps == {"fly": fly}


def test_every_kind_of_case_has_words_in_both_languages_and_an_event_that_names_it() -> None:
    fields = {name for event in EVENTS for name in event.model_fields}
    for kind in STEPS.kinds.values():
        assert kind.nl
        assert kind.en
        assert kind.named_by in fields
