"""A contract goes where its table says, tells each step once, and binds only when everybody signed the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.decision import Outcome, Reason, Verdict
from common.errors import Conflict
from contracts.contract.model.contract import (
    ACTIVE,
    CANCELLED,
    DRAFT,
    ENDED,
    LIFE_CYCLE,
    REFUSED,
    REVIEW,
    SIGNED,
    SIGNING,
    SUSPENDED,
    UNSIGNED,
    Change,
    Contract,
    NoLaterEnd,
    NothingToReview,
    NotPossible,
    NotYet,
    Status,
)
from contracts.contract.model.decision import Ruling
from contracts.contract.model.signing import AnotherDocument, NotASignatory, SigningClosed
from events import Event
from events.contracts import (
    ActivationHeld,
    ContractActivated,
    ContractAmended,
    ContractCancelled,
    ContractEnded,
    ContractExtended,
    ContractExtensionOffered,
    ContractExtensionRefused,
    ContractHeldForReview,
    ContractOffered,
    ContractRefused,
    ContractReturned,
    ContractSigned,
    SignatureGiven,
)
from events.words import Form, Party
from tests.unit.contracts.contract_examples import (
    ALL_THREE,
    ENDS_ON,
    NOON,
    SECONDED,
    STARTS_ON,
    TERMS,
    WARNING,
    contract,
    decision,
    extension,
    signing,
)
from tests.unit.contracts.life_cycles import BAD, CONTRACT, GOOD, LATER, OTHER_TERMS


def test_a_conflict_names_the_state_that_it_is_in() -> None:
    with pytest.raises(NotPossible, match=r"A contract that is ended cannot become suspended\."):
        contract(ENDED).suspend("absence", STARTS_ON)


MOVES = [*(move for moves in CONTRACT.into.values() for move in moves), *CONTRACT.others]


@given(st.lists(st.sampled_from(MOVES), max_size=40))
def test_wherever_it_stands_a_lapsed_proposal_ends_what_is_unsigned_and_nothing_else(
    moves: list[Callable[[Contract], Change]],
) -> None:
    one = contract()
    for move in moves:
        with suppress(Conflict):
            one, _ = move(one)
    after, events = one.cancel_for_lapsed_proposal()
    if one.status in UNSIGNED:
        assert (after.status, after.reason) == (CANCELLED, "proposal_lapsed")
        assert [event.reason for event in events if isinstance(event, ContractCancelled)] == ["proposal_lapsed"]
        assert LIFE_CYCLE.next[after.status] == frozenset(), "nothing can bring it back"
    else:
        assert (after, events) == (one, [])
    assert after.cancel_for_lapsed_proposal() == (after, [])


@given(st.permutations([*ALL_THREE[0].mandatory, Party.COMPANY]), st.data())
def test_signatures_in_any_order_bind_with_the_last_one_and_once(order: list[Party], data: st.DataObject) -> None:
    one = contract(SIGNING, signing=signing(ALL_THREE))
    document = signing().hash
    told: list[Event] = []
    for party in order:
        assert one.status is SIGNING
        one, events = one.sign(party, document, NOON)
        told += events
        for again in data.draw(st.lists(st.sampled_from([p for p in Party if one.signing and one.signing.has(p)]))):
            assert one.sign(again, document, NOON) == (one, [])
    assert one.status is SIGNED
    assert [type(event) for event in told] == [SignatureGiven] * 3 + [ContractSigned]
    assert one.signing is not None
    assert one.signing.complete_at == NOON


def test_one_signature_binds_nobody() -> None:
    one, events = contract(SIGNING).sign(Party.SCHOOL, signing().hash, NOON)
    assert one.status is SIGNING
    assert one.signing is not None
    assert one.signing.complete_at is None
    assert [event.left for event in events if isinstance(event, SignatureGiven)] == [[Party.TRAINER]]


def test_only_this_very_document_is_signed_by_those_who_are_asked_while_there_is_time() -> None:
    one = contract(SIGNING)
    with pytest.raises(AnotherDocument):
        one.sign(Party.SCHOOL, "0" * 64, NOON)
    with pytest.raises(NotASignatory, match="does not ask the company"):
        one.sign(Party.COMPANY, signing().hash, NOON)
    with pytest.raises(SigningClosed):
        one.sign(Party.SCHOOL, signing().hash, signing().before)


def test_an_invited_party_may_sign_before_and_after_it_binds() -> None:
    one = contract(SIGNING, form=Form.SECONDMENT, signing=signing(SECONDED))
    one, _ = one.sign(Party.SCHOOL, signing().hash, NOON)
    one, events = one.sign(Party.COMPANY, signing().hash, NOON)
    assert isinstance(events[-1], ContractSigned)
    one, events = one.sign(Party.TRAINER, signing().hash, signing().before + timedelta(days=9))
    assert (one.status, [type(event) for event in events]) == (SIGNED, [SignatureGiven])
    assert one.signing is not None
    assert one.signing.complete_at == NOON


@pytest.mark.parametrize(
    ("ruling", "status", "event"),
    [
        (Ruling.PASSED, SIGNING, ContractOffered),
        (Ruling.HELD, REVIEW, ContractHeldForReview),
        (Ruling.RETURNED, DRAFT, ContractReturned),
        (Ruling.REFUSED, REFUSED, ContractRefused),
    ],
)
def test_a_ruling_has_its_consequence_with_its_reasons(ruling: Ruling, status: Status, event: type[Event]) -> None:
    submitted, _ = contract().submit()
    judged, events = submitted.judge(decision(ruling), signing())
    assert (judged.status, [type(told) for told in events]) == (status, [event])
    assert judged.decision == decision(ruling)
    assert events[0].findings == [WARNING]  # type: ignore[attr-defined]
    assert events[0].policy_version == 7  # type: ignore[attr-defined]


def test_an_offer_shows_its_cost_its_signatories_and_their_last_day() -> None:
    _, events = contract(REVIEW).approve(signing(SECONDED))
    offered = events[0]
    assert isinstance(offered, ContractOffered)
    assert (offered.mandatory, offered.invited) == ([Party.SCHOOL, Party.COMPANY], [Party.TRAINER])
    assert (offered.vat_row, offered.vat_cents_per_year, offered.sign_before) == ("V2", 0, signing().before)


def test_a_change_voids_signatures_and_nothing_changed_voids_nothing() -> None:
    half, _ = contract(SIGNING).sign(Party.SCHOOL, signing().hash, NOON)
    assert half.amend(TERMS) == (half, [])
    changed, events = half.amend(OTHER_TERMS)
    assert (changed.status, changed.signing, changed.decision) == (DRAFT, None, None)
    assert [event.document_version for event in events if isinstance(event, ContractAmended)] == [1]
    again, events = contract().amend(TERMS)  # a draft that was returned may be handed in again as it is
    assert (again.status, len(events)) == (DRAFT, 1)


def test_no_contract_starts_before_its_day() -> None:
    with pytest.raises(NotYet, match="starts on 2027-02-01"):
        contract(SIGNED).activate(GOOD, STARTS_ON - timedelta(days=1))


def test_missing_facts_at_the_start_are_published_once_until_they_change() -> None:
    held, events = contract(SIGNED).activate(BAD, STARTS_ON)
    assert (held.status, [type(event) for event in events]) == (SIGNED, [ActivationHeld])
    assert held.activate(BAD, STARTS_ON) == (held, [])
    other = Verdict(policy_version=7, reasons=(Reason(rule="VOG_AGE", outcome=Outcome.BLOCK),))
    _, events = held.activate(other, STARTS_ON)
    assert [type(event) for event in events] == [ActivationHeld]
    begun, events = held.activate(GOOD, STARTS_ON)
    assert (begun.status, begun.held, begun.active_from) == (ACTIVE, (), STARTS_ON)
    assert [type(event) for event in events] == [ContractActivated]


def test_an_end_before_the_term_is_early() -> None:
    for reason, early in (("term", False), ("schedule", True)):
        _, events = contract(ACTIVE).end(ENDS_ON, reason)  # type: ignore[arg-type]
        assert [event.early for event in events if isinstance(event, ContractEnded)] == [early]


def test_only_work_without_a_later_end_is_extended() -> None:
    with pytest.raises(NotPossible):
        contract(SUSPENDED).must_allow_end(LATER)
    with pytest.raises(NoLaterEnd):
        contract(ACTIVE).must_allow_end(ENDS_ON)
    with pytest.raises(NoLaterEnd):
        contract(ACTIVE, terms=replace(TERMS, ends_on=None)).must_allow_end(LATER)


def test_an_extension_is_signed_beside_the_version_that_binds() -> None:
    one, events = contract(ACTIVE).extend(LATER, decision(), signing(version=2))
    assert [type(event) for event in events] == [ContractExtensionOffered]
    new = signing(version=2).hash
    one, _ = one.sign(Party.SCHOOL, new, NOON)
    assert (one.terms.ends_on, one.signing and one.signing.version) == (ENDS_ON, 1)
    assert one.sign(Party.SCHOOL, new, NOON) == (one, [])
    suspended, _ = one.suspend("absence", STARTS_ON)
    with pytest.raises(NotPossible):
        suspended.sign(Party.TRAINER, new, NOON)
    one, events = one.sign(Party.TRAINER, new, NOON)
    assert isinstance(events[-1], ContractExtended)
    assert (one.terms.ends_on, one.signing and one.signing.version, one.extension) == (LATER, 2, None)


def test_a_held_extension_is_approved_rejected_or_given_up() -> None:
    one, events = contract(ACTIVE).extend(LATER, decision(Ruling.HELD), signing(version=2))
    assert [type(event) for event in events] == [ContractHeldForReview]
    assert one.under_review()[0].ends_on == LATER
    assert one.give_up_extension() == (one, [])  # nobody was asked to sign yet
    _, events = one.approve(signing(version=2))
    assert [type(event) for event in events] == [ContractExtensionOffered]
    rejected, events = one.reject()
    assert (rejected.extension, [type(event) for event in events]) == (None, [ContractExtensionRefused])
    refused, events = contract(ACTIVE).extend(LATER, decision(Ruling.REFUSED), signing(version=2))
    assert (refused.status, refused.extension, [type(event) for event in events]) == (
        ACTIVE,
        None,
        [ContractExtensionRefused],
    )
    with pytest.raises(NothingToReview):
        contract(ACTIVE, extension=extension()).approve(signing(version=2))
    ended, _ = one.end(ENDS_ON, "term")
    assert ended.extension is None


def test_a_contract_is_drafted_with_terms_that_can_be() -> None:
    known = {field.name: getattr(contract(), field.name) for field in fields(Contract)}
    del known["version"], known["status"]
    drafted, events = Contract.draft(**known)
    assert (drafted.status, drafted.case, len(events)) == (DRAFT, drafted.vacancy_id, 1)
