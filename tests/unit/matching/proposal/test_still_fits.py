"""An open proposal ends as soon as a hard rule keeps the pair apart, and not because another would fit better."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final, get_args
from uuid import UUID

import pytest

from common.decision import Outcome, Reason
from common.policy import Policies
from events import modernise
from events.matching import BrokenRule
from events.words import Party
from matching.profile.model.engagement import Engagement
from matching.profile.model.week import Week
from matching.proposal.model.counter import Counter, Offer
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.model.still_fits import broken
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.opening import Opening
from rules.forms import Form, TeachingRole
from tests.unit.matching.proposal.proposal_examples import GROUNDS, LATER, NOON, proposal
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    COMPANY,
    FRIDAY_MORNING,
    GRONINGEN,
    OPENING,
    POLICIES,
    TODAY,
    TUESDAY_MORNING,
    WHOLE_YEAR,
    opening,
    trainer,
)

LOWER_CAP: Final = POLICIES.with_value("qualification.ground.guest", maxMinutesPerSchoolYear=60)
AGREED: Final = {Party.TRAINER: NOON}
SAME_HOURS: Final = Engagement(
    proposal_id=UUID(int=2002), agreed=True, minutes_per_week=210, slots=TUESDAY_MORNING, form=Form.GUEST
)


def rules(
    asked: Proposal,
    place: Opening = OPENING,
    *,
    policies: Policies = POLICIES,
    **other: Any,
) -> list[str]:
    found = broken(asked, place, trainer(1, **other), policies, TODAY)
    return [] if found is None else list(found.rules)


def recorded(*codes: str) -> Proposal:
    """A proposal that a desk made in spite of these rules."""
    reasons = tuple(Reason(rule=code, outcome=Outcome.BLOCK) for code in codes)
    return proposal(employed=False, by="desk", grounds=replace(GROUNDS, reasons=reasons))


@pytest.mark.parametrize(
    ("place", "person", "expected"),
    [
        (opening(), {}, []),
        (opening(), {"consented": False}, ["CONSENT"]),
        (opening(), {"subjects": frozenset({"ict"})}, ["SUBJECT"]),
        (opening(), {"roles": frozenset({TeachingRole.TEACHER})}, ["ROLE"]),
        (opening(), {"forms": (Form.SELF_EMPLOYED,)}, ["COMMON_FORM"]),
        (opening(), {"languages": frozenset({"de"})}, ["LANGUAGE"]),
        (opening(), {"availability": FRIDAY_MORNING, "minutes_per_week": 60}, ["ROSTER_OVERLAP", "OWN_MINUTES"]),
        (opening(), {"company_id": COMPANY, "employer_minutes": 60}, ["EMPLOYER_LIMIT"]),
        (opening(place=GRONINGEN), {}, ["DISTANCE"]),
        (opening(), {"engagements": (SAME_HOURS,)}, ["ROSTER_OVERLAP"]),
    ],
)
def test_a_proposal_ends_by_the_rules_that_no_longer_hold(
    place: Opening, person: dict[str, Any], expected: list[str]
) -> None:
    found = broken(proposal(employed=False), place, trainer(1, **person), POLICIES, TODAY)
    assert (list(found.rules) if found else []) == expected
    if found:
        blocking = {each.rule for each in found.verdict.reasons if each.outcome is Outcome.BLOCK}
        assert set(expected) <= blocking


@pytest.mark.parametrize(
    ("place", "person"),
    [
        (opening(place=AMERSFOORT), {}),  # farther away
        (opening(), {"subjects": frozenset({"pie"})}),  # a related subject only
        (opening(), {"minutes_per_week": 168, "availability": Week.of([(2, 510, 680)])}),  # enough, not all
        (opening(), {"months": 1, "quiet": True}),
        (opening(), {"engagements": (replace(SAME_HOURS, agreed=False),)}),  # only asked elsewhere
    ],
)
def test_a_trainer_who_only_fits_less_well_goes_on_being_asked(place: Opening, person: dict[str, Any]) -> None:
    assert rules(proposal(employed=False), place, **person) == []


def test_a_rule_of_policy_that_changes_ends_it() -> None:
    stricter = POLICIES.with_value("matching.limits", defaultRadiusKm=10)
    assert rules(proposal(employed=False), opening(place=AMERSFOORT), policies=stricter) == ["DISTANCE"]
    assert rules(proposal(employed=False), opening(**WHOLE_YEAR), policies=LOWER_CAP) == ["ELIGIBILITY"]


def test_a_choice_by_hand_keeps_the_wishes_that_it_was_recorded_with() -> None:
    assert rules(recorded("DISTANCE"), opening(place=GRONINGEN)) == []
    assert rules(recorded("DISTANCE"), opening(place=GRONINGEN), subjects=frozenset({"ict"})) == ["SUBJECT"]


def test_no_choice_by_hand_sets_the_law_aside() -> None:
    assert rules(recorded("ELIGIBILITY"), opening(**WHOLE_YEAR), policies=LOWER_CAP) == ["ELIGIBILITY"]


def test_hours_that_are_agreed_elsewhere_end_it_whatever_was_set_aside() -> None:
    assert rules(recorded("ROSTER_OVERLAP"), availability=Week.of([(2, 510, 600)]), engagements=()) == []
    assert rules(recorded("ROSTER_OVERLAP"), engagements=(SAME_HOURS,)) == ["ROSTER_OVERLAP"]
    assert rules(proposal(employed=False, consents=AGREED), engagements=(SAME_HOURS,)) == ["ROSTER_OVERLAP"]


def test_a_wish_against_which_a_trainer_has_agreed_does_not_end_it() -> None:
    """The trainer can still say no; what the law says is no wish."""
    agreed = proposal(employed=False, consents=AGREED)
    assert rules(agreed, opening(place=GRONINGEN), subjects=frozenset({"ict"})) == []
    assert rules(agreed, opening(place=GRONINGEN), consented=False) == ["CONSENT"]


@pytest.mark.parametrize(("by", "expected"), [(Party.TRAINER, []), (Party.SCHOOL, ["ROSTER_OVERLAP"])])
def test_other_terms_that_the_trainer_offers_keep_it_open(by: Party, expected: list[str]) -> None:
    """Shorter lessons fit the hours that are left; a school's offer is none that the trainer took."""
    shorter = Offer(form=Form.GUEST, minutes_per_week=60, roster=None)
    counter = Counter(number=1, by=by, offer=shorter, asks_employer=False, made_at=NOON)
    asked = proposal(employed=False, countered=counter)
    short: dict[str, Any] = {"availability": Week.of([(2, 510, 540)])}
    assert rules(asked, **short) == expected
    assert rules(asked, **short, consented=False) == ["CONSENT", "ROSTER_OVERLAP"]


def test_accepted_terms_are_those_that_are_judged() -> None:
    terms = {"minutes_per_week": 60, "terms": 2}
    assert rules(proposal(employed=False, **terms), availability=Week.of([(2, 510, 570)])) == []


def test_the_rules_stand_in_the_event_and_what_was_found_with_the_proposal() -> None:
    asked = proposal(employed=False)
    found = broken(asked, opening(place=GRONINGEN), trainer(1), POLICIES, TODAY)
    withdrawn, [event] = asked.withdraw("no_longer_fits", LATER, found)
    assert (withdrawn.status, withdrawn.reason) == (Status.WITHDRAWN, "no_longer_fits")
    assert found is not None
    assert withdrawn.findings == found.verdict.reasons
    assert event.model_dump()["rules"] == ["DISTANCE"]
    assert asked.withdraw("vacancy_changed", LATER)[1][0].model_dump()["rules"] == []


def test_a_withdrawal_of_before_names_no_rule() -> None:
    [event] = proposal().withdraw("trainer_left", LATER)[1]
    old = {name: value for name, value in event.model_dump(mode="json", by_alias=True).items() if name != "rules"}
    assert modernise(event.type.replace(".v2", ".v1"), json.dumps(old).encode()) == event


def test_every_rule_that_can_break_has_a_code_in_the_event() -> None:
    assert {rule.code for rule in HardRule} - {"QUIET_WEEK"} == set(get_args(BrokenRule))
