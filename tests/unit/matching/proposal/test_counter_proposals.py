"""A counter-proposal keeps a proposal alive under other terms, to which everybody agrees anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DomainError
from events import Event, modernise
from events.matching import (
    ProposalAccepted,
    ProposalCounterDeclined,
    ProposalCountered,
    ProposalReminded,
    ProposalTermsChanged,
)
from events.words import Form, Party, Slot
from matching.profile.model.engagement import Engagement
from matching.profile.model.week import Week
from matching.proposal.model.counter import (
    CounterOpen,
    CounterRules,
    NoCounter,
    NotToCounter,
    Offer,
    OtherTerms,
    SameTerms,
    TooManyCounters,
)
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import LIFE_CYCLE, NotAsked, NotPossible, Status
from matching.vacancy.model.vacancy import NoPlaceLeft, Vacancy
from tests.unit.matching.life_cycles import FINE
from tests.unit.matching.proposal.proposal_examples import FACTS, LATER, NOON, proposal, vacancy
from tests.unit.matching.ranking.ranking_examples import COMPANY, POLICIES, TODAY, opening, trainer

ABOUT: Final = {"proposal_id": UUID(int=2001), "vacancy_id": FACTS.vacancy_id, "trainer_id": UUID(int=1)}
FRIDAY: Final = Slot(day=5, starts=time(9), ends=time(11))
SHORTER: Final = Offer(form=Form.GUEST, minutes_per_week=120, roster=None)
ANOTHER_DAY: Final = Offer(form=Form.GUEST, minutes_per_week=120, roster=(FRIDAY,))
TERM: Final = timedelta(days=14)
RULES: Final = CounterRules.of(POLICIES, TODAY)


def counter(asked: Proposal, by: Party = Party.TRAINER, offer: Offer = ANOTHER_DAY, **other: Any) -> Any:
    terms = {"most": 3, "asks_employer": False, "at": LATER, "answer_before": asked.answer_before, **other}
    return asked.counter(by, offer, **terms)


def accept(asked: Proposal, by: Party | None = None, number: int = 1, employer_id: UUID | None = None) -> Any:
    """By the side that answers, where no party is named."""
    by = by or (Party.SCHOOL if asked.countered is None else asked.countered.answered_by)
    terms: dict[str, Any] = {
        "employer_id": employer_id,
        "at": LATER,
        "answer_before": asked.answer_before,
        "policy_version": 9,
    }
    return asked.accept_counter(by, number, **terms)


def test_a_trainer_offers_another_day_and_the_school_answers() -> None:
    countered, events = counter(proposal())
    assert events == [
        ProposalCountered(
            **ABOUT,
            party=Party.TRAINER,
            number=1,
            form=Form.GUEST,
            minutes_per_week=120,
            roster=[FRIDAY],
            left=[Party.SCHOOL],
            answer_before=NOON + TERM,
        )
    ]
    assert countered.open
    assert countered.offer == proposal().offer  # as long as it is not accepted, the terms are the old ones


def test_an_accepted_counter_proposal_changes_the_terms_and_asks_the_employer_anew() -> None:
    asked, _ = proposal().consent(Party.COMPANY, NOON)
    changed, events = accept(counter(asked)[0])
    assert changed.offer == ANOTHER_DAY
    assert changed.consents == {Party.TRAINER: LATER, Party.SCHOOL: LATER}
    assert (changed.left, changed.terms, changed.countered) == ((Party.COMPANY,), 2, None)
    assert events == [
        ProposalTermsChanged(
            **ABOUT,
            terms=2,
            asked=[Party.TRAINER, Party.SCHOOL, Party.COMPANY],
            left=[Party.COMPANY],
            form=Form.GUEST,
            minutes_per_week=120,
            roster=[FRIDAY],
            answer_before=NOON + TERM,
            policy_version=9,
        )
    ]


def test_without_an_employer_everybody_agrees_with_the_answer() -> None:
    changed, events = accept(counter(proposal(employed=False), Party.SCHOOL, SHORTER)[0])
    assert changed.left == ()
    assert events[0].left == []
    accepted, events = changed.accept(FINE)
    assert accepted.revealed
    [agreed] = events
    assert isinstance(agreed, ProposalAccepted)
    assert (agreed.minutes_per_week, agreed.roster) == (120, None)


def test_an_acceptance_names_the_hours_that_were_agreed() -> None:
    changed, _ = accept(counter(proposal(employed=False))[0])
    assert changed.accept(FINE)[1][0].roster == [FRIDAY]


def test_an_employer_becomes_a_party_under_terms_that_need_it() -> None:
    changed, events = accept(counter(proposal(employed=False))[0], employer_id=COMPANY)
    assert (changed.company_id, changed.left) == (COMPANY, (Party.COMPANY,))
    assert changed.parties.company == COMPANY
    assert events[0].asked == [Party.TRAINER, Party.SCHOOL, Party.COMPANY]


def test_an_employer_that_was_asked_stays_a_party() -> None:
    assert accept(counter(proposal())[0], employer_id=None)[0].company_id == UUID(int=77)


def test_a_declined_counter_proposal_leaves_the_proposal_as_it_was() -> None:
    asked, _ = proposal().consent(Party.SCHOOL, NOON)
    declined, events = counter(asked)[0].decline_counter(Party.SCHOOL, 1)
    assert events == [
        ProposalCounterDeclined(
            **ABOUT,
            party=Party.SCHOOL,
            number=1,
            left=[Party.TRAINER, Party.COMPANY],
            answer_before=NOON + TERM,
        )
    ]
    assert declined == replace(asked, counters=1)
    assert declined.consent(Party.TRAINER, LATER)[0].left == (Party.COMPANY,)


def test_a_counter_proposal_takes_the_own_consent_back() -> None:
    asked, _ = proposal().consent(Party.TRAINER, NOON)
    asked, _ = asked.consent(Party.SCHOOL, NOON)
    assert counter(asked)[0].consents == {Party.SCHOOL: NOON}


@pytest.mark.parametrize("party", list(Party))
def test_no_party_consents_while_a_counter_proposal_waits(party: Party) -> None:
    with pytest.raises(CounterOpen):
        counter(proposal())[0].consent(party, LATER)


def test_consent_names_the_terms_that_it_is_to() -> None:
    changed, _ = accept(counter(proposal())[0])
    with pytest.raises(OtherTerms, match="goes by terms 2"):
        changed.consent(Party.COMPANY, LATER)
    assert changed.consent(Party.COMPANY, LATER, terms=2)[0].left == ()
    with pytest.raises(OtherTerms):
        proposal().consent(Party.COMPANY, LATER, terms=2)


def test_there_is_one_counter_proposal_at_a_time_and_no_more_than_policy_allows() -> None:
    countered, _ = counter(proposal())
    with pytest.raises(CounterOpen):
        counter(countered, Party.SCHOOL, SHORTER)
    declined, _ = countered.decline_counter(Party.SCHOOL, 1)
    with pytest.raises(TooManyCounters, match="No more than 1"):
        counter(declined, Party.SCHOOL, SHORTER, most=1)
    assert counter(declined, Party.SCHOOL, SHORTER, most=2)[0].countered.number == 2


def test_the_present_terms_are_no_counter_proposal() -> None:
    with pytest.raises(SameTerms):
        counter(proposal(), offer=proposal().offer)


def test_an_employer_makes_no_counter_proposal() -> None:
    with pytest.raises(NotToCounter, match="company answers yes or no"):
        counter(proposal(), Party.COMPANY)
    with pytest.raises(NotAsked):
        counter(proposal(employed=False), Party.COMPANY)


@pytest.mark.parametrize(
    ("party", "number"), [(Party.SCHOOL, 0), (Party.SCHOOL, 2), (Party.TRAINER, 1), (Party.COMPANY, 1)]
)
def test_the_other_side_answers_the_counter_proposal_that_waits(party: Party, number: int) -> None:
    for answer in (accept, Proposal.decline_counter):
        with pytest.raises(NoCounter):
            answer(counter(proposal())[0], party, number)
        with pytest.raises(NoCounter):
            answer(proposal(), Party.SCHOOL, 1)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PROPOSED}))
def test_a_proposal_that_is_over_has_no_counter_proposals(status: Status) -> None:
    over = replace(counter(proposal())[0], status=status)
    with pytest.raises(NotPossible):
        counter(over)
    with pytest.raises(NotPossible):
        accept(over)
    with pytest.raises(NotPossible):
        over.decline_counter(Party.SCHOOL, 1)


def test_only_the_side_that_answers_is_reminded_of_a_counter_proposal() -> None:
    [reminded] = counter(proposal())[0].remind()[1]
    assert isinstance(reminded, ProposalReminded)
    assert reminded.left == [Party.SCHOOL]


def test_a_counter_proposal_can_be_answered_for_some_days_but_prolongs_no_more_than_policy() -> None:
    ends = NOON + TERM
    assert RULES.answer_before(NOON, ends, TERM, NOON) == ends
    assert RULES.answer_before(NOON, ends, TERM, ends - timedelta(days=1)) == ends + timedelta(days=4)
    late = ends + timedelta(days=6)
    assert RULES.answer_before(NOON, late, TERM, late) == ends + timedelta(days=7)
    assert RULES.most == 3


# -- the terms and the law ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offer", "fault"),
    [
        (replace(SHORTER, minutes_per_week=211), ("minutesPerWeek", "out-of-range")),
        (replace(ANOTHER_DAY, minutes_per_week=121), ("roster", "too-short")),
        (replace(ANOTHER_DAY, roster=(FRIDAY, FRIDAY)), ("roster", "overlap")),
    ],
)
def test_terms_that_cannot_be_are_refused(offer: Offer, fault: tuple[str, str]) -> None:
    assert [(each.name, each.code) for each in offer.faults(210)] == [fault]


@pytest.mark.parametrize("offer", [SHORTER, ANOTHER_DAY, replace(SHORTER, minutes_per_week=210)])
def test_terms_that_can_be_have_no_fault(offer: Offer) -> None:
    assert offer.faults(210) == []


def blocked(offer: Offer, person: Any) -> list[str]:
    verdict = offer.verdict(opening(), person, POLICIES, TODAY)
    return [reason.rule for reason in verdict.reasons if reason.outcome == "block"]


def test_hours_that_a_trainer_offers_now_are_hours_that_the_trainer_has() -> None:
    assert blocked(ANOTHER_DAY, trainer(1)) == []
    assert ANOTHER_DAY.known(trainer(1)).availability.overlap(Week.of([(5, 540, 660)])) == 120
    assert SHORTER.known(trainer(1)) == trainer(1)
    assert ANOTHER_DAY.opening(opening()).minutes_needed == 120


def test_hours_that_other_agreed_work_takes_are_refused() -> None:
    elsewhere = Engagement(
        proposal_id=UUID(int=9), agreed=True, minutes_per_week=120, slots=Week.of([(5, 540, 660)]), form=Form.GUEST
    )
    assert "ROSTER_OVERLAP" in blocked(ANOTHER_DAY, trainer(1, engagements=(elsewhere,)))
    assert blocked(ANOTHER_DAY, trainer(1, engagements=(replace(elsewhere, agreed=False),))) == []


def test_a_form_that_needs_an_employer_is_refused_to_a_trainer_without_one() -> None:
    lent = replace(SHORTER, form=Form.SECONDMENT)
    assert blocked(lent, trainer(1)) == ["COMPANY_CONSENT"]
    assert blocked(lent, trainer(1, company_id=COMPANY, company_agreed=True)) == []


def test_an_acceptance_of_before_is_for_the_hours_of_the_vacancy() -> None:
    accepted = proposal(employed=False)
    for party in accepted.asked:
        accepted, _ = accepted.consent(party, NOON)
    [event] = accepted.accept(FINE)[1]
    old = {name: value for name, value in event.model_dump(mode="json", by_alias=True).items() if name != "roster"}
    assert modernise(event.type.replace(".v2", ".v1"), json.dumps(old).encode()) == event


# -- any interleaving ---------------------------------------------------------------------------------------------

PARTIES: Final = st.sampled_from(list(Party))
OFFERS: Final = st.builds(
    Offer,
    form=st.sampled_from([Form.GUEST, Form.SECONDMENT]),
    minutes_per_week=st.sampled_from([120, 210]),
    roster=st.sampled_from([None, (FRIDAY,)]),
)
Step = Callable[[Proposal], tuple[Proposal, list[Event]]]
STEPS: Final[st.SearchStrategy[Step]] = st.one_of(
    st.builds(lambda by, terms: lambda one: one.consent(by, LATER, terms=terms), PARTIES, st.integers(1, 3)),
    st.builds(lambda by, offer: lambda one: counter(one, by, offer), PARTIES, OFFERS),
    st.builds(
        lambda by, number, employer: lambda one: accept(one, by, number, employer),
        PARTIES,
        st.integers(1, 3),
        st.sampled_from([None, COMPANY]),
    ),
    st.builds(lambda by, number: lambda one: one.decline_counter(by, number), PARTIES, st.integers(1, 3)),
    st.builds(lambda by: lambda one: one.decline(by, "other", LATER), PARTIES),
    st.just(lambda one: one.expire(LATER)),
    st.just(lambda one: one.withdraw("trainer_left", LATER)),
    st.just(lambda one: one.lapse("contract_refused", LATER)),
    st.just(lambda one: one.remind()),
)


@given(
    st.integers(1, 2),
    st.lists(st.tuples(st.integers(0, 2), st.booleans(), STEPS), max_size=40),
)
def test_in_any_order_no_place_is_taken_twice_and_all_agree_to_the_same_terms_first(
    places: int, walk: list[tuple[int, bool, Step]]
) -> None:
    """Three proposals for one or two places; each party's consent is compared with the terms that it was given to."""
    offered: Vacancy = vacancy(facts=FACTS.model_copy(update={"places": places}))
    all_ = [proposal(employed=number == 0, id=UUID(int=7000 + number)) for number in range(3)]
    agreed_to: list[dict[Party, Offer]] = [{}, {}, {}]
    for which, settles, step in walk:
        before = all_[which]
        try:
            after, events = step(before)
        except DomainError:
            continue
        for event in events:
            if event.type.endswith("proposal.consented.v1"):
                agreed_to[which][event.party] = before.offer  # type: ignore[attr-defined]
            if isinstance(event, ProposalTermsChanged):
                agreed_to[which] = dict.fromkeys((Party.TRAINER, Party.SCHOOL), after.offer)
        if settles and after.open and not after.left:
            try:
                taken, _ = offered.take_place(after.id)
                after, _ = after.accept(FINE)
                offered = taken
            except NoPlaceLeft:
                after, _ = after.lapse("last_place_gone", LATER)
        elif before.revealed and not after.revealed:
            offered, _ = offered.give_back(after.id)
        all_[which] = after
        assert offered.free >= 0
        assert offered.taken == sum(each.revealed for each in all_) <= places
        assert after.counters <= 3
        if after.revealed:
            assert {party: agreed_to[which].get(party) for party in after.asked} == dict.fromkeys(
                after.asked, after.offer
            )
        assert after.status is before.status or after.status in LIFE_CYCLE.next[before.status]
