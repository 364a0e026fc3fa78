"""An end before the last day: by all parties of the agreement, by notice, or at once; else the contract goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pytest

from common.clock import end_of
from common.errors import Invalid
from contracts.contract.model.contract import (
    ACTIVE,
    ENDED_EARLY,
    SIGNED,
    SIGNING,
    SUSPENDED,
    Contract,
    NotPossible,
    Status,
)
from contracts.contract.model.document import parties_of
from contracts.contract.model.ending import Ending, EndingOpen, NothingMissing
from contracts.ending.model import steps
from contracts.ending.model.outlook import (
    Follow,
    NoNotice,
    last_day_of_notice,
    must_allow_day,
    must_hold_permit,
    outlook,
)
from contracts.ending.model.steps import NoEndingOpen
from events.contracts import (
    ContractEnded,
    EndedForCause,
    EndingAgreed,
    EndingConsented,
    EndingDropped,
    EndingProposed,
    NoticeGiven,
)
from events.words import Form, Party
from rules.ending import Endings, Obstacle, Way
from tests.unit.contracts.contract_examples import (
    ALL_THREE,
    ENDS_ON,
    POLICIES,
    SECONDED,
    STARTS_ON,
    TERMS,
    WARNING,
    contract,
    extension,
    signing,
)

TRAINER, SCHOOL, COMPANY = Party.TRAINER, Party.SCHOOL, Party.COMPANY
TODAY: Final = date(2027, 3, 10)
LAST: Final = date(2027, 4, 30)
UNTIL: Final = end_of(date(2027, 3, 24))


def at_work(status: Status = ACTIVE, form: Form = Form.GUEST, **other: Any) -> Contract:
    return contract(status, form=form, **other)


def proposal(*left: Party, by: Party = SCHOOL, reflects: Party | None = TRAINER) -> Ending:
    return Ending(
        way=Way.AGREEMENT,
        by=by,
        last_day=LAST,
        reason="schedule",
        left=left or (TRAINER,),
        answer_before=UNTIL,
        reflects=reflects,
    )


def rules(form: Form) -> Endings:
    return Endings.of(form, POLICIES, TODAY)


def test_a_proposed_end_is_certain_with_the_last_consent_and_not_before() -> None:
    proposed, events = steps.propose(at_work(), proposal(TRAINER, COMPANY))
    [event] = events
    assert isinstance(event, EndingProposed)
    assert (event.asked, event.ends_on, event.standing) == ([TRAINER, COMPANY], LAST, "active")
    assert proposed.last_day == ENDS_ON
    once, [event] = steps.agree(proposed, TRAINER, UNTIL)
    assert isinstance(event, EndingConsented)
    assert (event.by, event.left, event.answer_before, once.last_day) == (TRAINER, [COMPANY], UNTIL, ENDS_ON)
    with pytest.raises(NoEndingOpen, match="waits for the trainer"):
        steps.agree(once, TRAINER, UNTIL)
    agreed, events = steps.agree(once, COMPANY, UNTIL)
    [event] = events
    assert isinstance(event, EndingAgreed)
    assert (event.ends_on, event.reconsider_before, agreed.last_day) == (LAST, UNTIL, LAST)


def test_an_agreement_between_companies_is_not_reconsidered() -> None:
    proposed, _ = steps.propose(at_work(), proposal(COMPANY, reflects=None))
    agreed, [event] = steps.agree(proposed, COMPANY, UNTIL)
    assert isinstance(event, EndingAgreed)
    assert event.reconsider_before is None
    with pytest.raises(NoEndingOpen):
        steps.withdraw(agreed, SCHOOL, UNTIL - timedelta(days=1))


@pytest.mark.parametrize(
    ("act", "how", "by"),
    [
        (lambda it: steps.decline(it, TRAINER), "declined", TRAINER),
        (lambda it: steps.withdraw(it, SCHOOL, UNTIL), "withdrawn", SCHOOL),
        (steps.give_up, "unanswered", None),
        (
            lambda it: steps.withdraw(steps.agree(it, TRAINER, UNTIL)[0], TRAINER, UNTIL - timedelta(seconds=1)),
            "reconsidered",
            TRAINER,
        ),
    ],
)
def test_a_contract_goes_on_where_a_party_does_not_want_it_to_end(act: Any, how: str, by: Party | None) -> None:
    proposed, _ = steps.propose(at_work(), proposal())
    after, [event] = act(proposed)
    assert isinstance(event, EndingDropped)
    assert (event.how, event.by, after.ending, after.last_day, after.status) == (how, by, None, ENDS_ON, ACTIVE)


def test_a_party_takes_back_its_own_words_alone_and_within_the_days_to_reconsider() -> None:
    proposed, _ = steps.propose(at_work(), proposal())
    with pytest.raises(NoEndingOpen):
        steps.withdraw(proposed, TRAINER, UNTIL)
    with pytest.raises(NoEndingOpen):
        steps.decline(proposed, SCHOOL)
    agreed, _ = steps.agree(proposed, TRAINER, UNTIL)
    with pytest.raises(NoEndingOpen):
        steps.withdraw(agreed, TRAINER, UNTIL)
    with pytest.raises(NoEndingOpen):
        steps.withdraw(at_work(), SCHOOL, UNTIL)
    assert steps.give_up(agreed) == (agreed, [])
    assert steps.give_up(at_work())[1] == []


def test_one_end_at_a_time_is_proposed_and_an_extension_waits_for_none() -> None:
    proposed, _ = steps.propose(at_work(), proposal())
    with pytest.raises(EndingOpen, match="2027-04-30"):
        steps.propose(proposed, proposal())
    with pytest.raises(EndingOpen, match="2027-04-30"):
        proposed.must_allow_end(date(2027, 12, 17))
    extended = at_work(extension=extension())
    agreed, _ = steps.agree(steps.propose(extended, proposal())[0], TRAINER, UNTIL)
    assert agreed.extension is None


@pytest.mark.parametrize("status", [SIGNING, ENDED_EARLY])
def test_a_contract_that_does_not_bind_has_no_early_end(status: Status) -> None:
    one = contract(status)
    with pytest.raises(NotPossible):
        steps.propose(one, proposal())
    with pytest.raises(NotPossible):
        steps.give_notice(one, proposal())
    with pytest.raises(NotPossible):
        steps.end_for_cause(one, SCHOOL, TODAY, "other")


def test_notice_is_certain_at_once_and_takes_the_place_of_a_proposal() -> None:
    notice = Ending(way=Way.NOTICE, by=TRAINER, last_day=LAST, reason="time")
    given, [event] = steps.give_notice(steps.propose(at_work(SUSPENDED), proposal())[0], notice)
    assert isinstance(event, NoticeGiven)
    assert (event.by, event.ends_on, event.standing, given.last_day) == (TRAINER, LAST, "suspended", LAST)
    with pytest.raises(EndingOpen):
        steps.give_notice(given, notice)


def test_an_end_for_cause_is_today() -> None:
    ended, events = steps.end_for_cause(at_work(), TRAINER, TODAY, "other")
    assert [type(each) for each in events] == [EndedForCause, ContractEnded]
    assert (ended.status, ended.ended_on, ended.last_day) == (ENDED_EARLY, TODAY, TODAY)


def test_only_what_lacks_something_is_dissolved_for_it() -> None:
    with pytest.raises(NothingMissing):
        contract(SIGNED).must_lack_something()
    contract(SIGNED, held=(WARNING,)).must_lack_something()
    contract(ACTIVE).must_lack_something()


# -- who may do what, and from when on ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "signed", "parties"),
    [
        (Form.DUAL_EMPLOYMENT, signing(ALL_THREE), (TRAINER, SCHOOL)),
        (Form.SECONDMENT, signing(SECONDED), (SCHOOL, COMPANY)),
        (Form.DUAL_EMPLOYMENT, None, (TRAINER, SCHOOL)),
        (Form.GUEST, signing(()), ()),
    ],
)
def test_only_the_parties_of_the_lessons_agreement_run_it(form: Form, signed: Any, parties: tuple[Party, ...]) -> None:
    assert parties_of(at_work(form=form, signing=signed), POLICIES, TODAY) == parties


def test_a_proposed_day_leaves_time_to_think_and_is_an_earlier_one() -> None:
    must_allow_day(at_work(), LAST, LAST)
    must_allow_day(at_work(terms=replace(TERMS, ends_on=None)), date(2028, 1, 1), LAST)
    for day, code in ((TODAY, "too-early"), (ENDS_ON, "not-earlier")):
        with pytest.raises(Invalid) as refused:
            must_allow_day(at_work(), day, LAST)
        assert [(each.name, each.code) for each in refused.value.params] == [("lastDay", code)]


def test_notice_ends_when_its_term_is_over_or_on_a_later_day_with_which_it_may_end() -> None:
    one = at_work(form=Form.DUAL_EMPLOYMENT, terms=replace(TERMS, notice_months=1))
    dual = rules(Form.DUAL_EMPLOYMENT)
    assert last_day_of_notice(one, dual, TRAINER, TODAY, None) == LAST
    assert last_day_of_notice(one, dual, TRAINER, TODAY, date(2027, 5, 31)) == date(2027, 5, 31)
    for wanted, code in ((date(2027, 5, 30), "not-at-the-end"), (date(2027, 3, 31), "too-early")):
        with pytest.raises(Invalid) as refused:
            last_day_of_notice(one, dual, TRAINER, TODAY, wanted)
        assert [each.code for each in refused.value.params] == [code]


def test_a_party_without_a_right_to_notice_reads_what_stands_in_the_way() -> None:
    one, dual = at_work(form=Form.DUAL_EMPLOYMENT), rules(Form.DUAL_EMPLOYMENT)
    with pytest.raises(NoNotice, match="no_clause"):
        last_day_of_notice(one, dual, TRAINER, TODAY, None)
    with pytest.raises(NoNotice, match="no_clause"):
        last_day_of_notice(one, dual, COMPANY, TODAY, None)
    with pytest.raises(NoNotice, match="permit"):
        must_hold_permit(dual, SCHOOL, permit=False)
    must_hold_permit(dual, SCHOOL, permit=True)
    must_hold_permit(dual, TRAINER, permit=False)
    must_hold_permit(dual, COMPANY, permit=False)


def test_the_outlook_names_for_each_party_each_way_and_what_follows() -> None:
    one = at_work(form=Form.DUAL_EMPLOYMENT, signing=signing(ALL_THREE), terms=replace(TERMS, notice_months=1))
    found = outlook(one, rules(Form.DUAL_EMPLOYMENT), (TRAINER, SCHOOL), TODAY, open_hours=3)
    ways = {(each.by, each.way): (each.obstacles, each.first_day) for each in found.possibilities}
    assert ways == {
        (TRAINER, Way.AGREEMENT): ((), date(2027, 3, 24)),
        (TRAINER, Way.NOTICE): ((), LAST),
        (TRAINER, Way.CAUSE): ((), TODAY),
        (SCHOOL, Way.AGREEMENT): ((), date(2027, 3, 24)),
        (SCHOOL, Way.NOTICE): ((Obstacle.PERMIT,), LAST),
        (SCHOOL, Way.CAUSE): ((), TODAY),
    }
    assert found.follows == {Follow.OPEN_HOURS: 3, Follow.OTHER_AGREEMENTS: 1, Follow.PLACE: 1, Follow.DATA: 1}


def test_before_it_begins_only_an_agreement_ends_it_and_what_is_certain_has_no_other_way() -> None:
    early = outlook(at_work(SIGNED), rules(Form.GUEST), (TRAINER, SCHOOL), date(2027, 1, 4), open_hours=0)
    assert {each.way for each in early.possibilities if not each.obstacles} == {Way.AGREEMENT}
    assert Follow.OPEN_HOURS not in early.follows
    late = outlook(at_work(), rules(Form.GUEST), (TRAINER, SCHOOL), ENDS_ON - timedelta(days=1), open_hours=0)
    agreement = next(each for each in late.possibilities if each.way is Way.AGREEMENT)
    assert (agreement.obstacles, agreement.first_day) == ((Obstacle.NOT_EARLIER,), None)
    agreed, _ = steps.agree(steps.propose(at_work(), proposal())[0], TRAINER, UNTIL)
    for over in (agreed, at_work(ENDED_EARLY), at_work(SIGNING, signing=None)):
        found = outlook(over, rules(Form.GUEST), (TRAINER, SCHOOL), TODAY, open_hours=1)
        assert (found.possibilities, found.follows) == ((), {})
    seconded = outlook(at_work(form=Form.SECONDMENT), rules(Form.SECONDMENT), (TRAINER,), STARTS_ON, open_hours=0)
    assert [each.way for each in seconded.possibilities] == [Way.AGREEMENT]
