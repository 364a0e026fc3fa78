"""Capacity: what everything that is open and agreed leaves of a person for one more vacancy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from common.decision import Outcome
from common.errors import Invalid
from matching.profile.model.engagement import Engagement, engagements_of
from matching.profile.model.pool import Pool
from matching.profile.model.profile import Profile
from matching.profile.model.week import Week
from matching.proposal.model.still_lawful import still_lawful
from matching.ranking.model.capacity import Capacity, usable_minutes
from matching.ranking.model.screening import HardRule
from matching.vacancy.model.opening import Opening
from rules.forms import Form, TeachingRole
from tests.unit.matching.ranking.ranking_examples import (
    AMERSFOORT,
    COMPANY,
    FRIDAY_MORNING,
    OPENING,
    OPENINGS,
    POLICIES,
    POOLS,
    TODAY,
    TUESDAY_MORNING,
    UTRECHT,
    WHOLE_YEAR,
    criteria,
    opening,
    ranked,
    taken,
    trainer,
)

TWO_MORNINGS: Final = Week((*TUESDAY_MORNING.slots, *FRIDAY_MORNING.slots))
WHOLE_DAYS: Final = Week.of([(day, 480, 1080) for day in range(1, 6)])
OTHER_BOARD: Final = UUID(int=1102)


def engagement(number: int = 1, /, **other: Any) -> Engagement:
    """Tuesday mornings at another vacancy of the same board and place, agreed."""
    facts: dict[str, Any] = {
        "proposal_id": UUID(int=3000 + number),
        "agreed": True,
        "minutes_per_week": 210,
        "slots": TUESDAY_MORNING,
        "vacancy_id": UUID(int=4000 + number),
        "board_id": OPENING.board_id,
        "school_id": OPENING.school_id,
        "place": UTRECHT,
        "role": TeachingRole.GUEST_LECTURER,
        "form": Form.GUEST,
        "first_day": date(2027, 2, 1),
        "last_day": date(2027, 7, 9),
    }
    return Engagement(**{**facts, **other})


def all_year(**other: Any) -> Engagement:
    """200 minutes a week in every teaching week of a year."""
    first, last = WHOLE_YEAR["starts_on"], WHOLE_YEAR["ends_on"]
    return engagement(**{"minutes_per_week": 200, "first_day": first, "last_day": last, **other})


def minutes(person: Profile, place: Opening | None = None, **other: Any) -> int:
    """The usable minutes, the same from the columns as of one person."""
    at = place or opening()
    judged = criteria(at, **other)
    alone = Capacity(at, judged).minutes(person)
    assert usable_minutes(at, Pool([person]).columns, 1, judged).minutes.tolist() == [alone]
    return alone


def room(person: Profile, **other: Any) -> int:
    return Capacity(opening(), criteria(opening(), **other)).room(person)


def wide(*engagements: Engagement, **other: Any) -> Profile:
    return trainer(**{"availability": WHOLE_DAYS, "minutes_per_week": None, "engagements": engagements, **other})


@given(OPENINGS, POOLS, st.booleans())
def test_the_columns_leave_what_one_person_at_a_time_has(place: Opening, people: list[Profile], also: bool) -> None:  # noqa: FBT001 - drawn
    judged = criteria(place, open_counts=also)
    usable = usable_minutes(place, Pool(people).columns, len(people), judged)
    capacity = Capacity(place, judged)
    assert usable.minutes.tolist() == [capacity.minutes(person) for person in people]
    assert usable.taken.tolist() == [capacity.taken(person) for person in people]


@given(POOLS, st.lists(st.integers(0, 6)), OPENINGS)
def test_columns_that_were_changed_hold_what_new_ones_would(
    people: list[Profile], changes: list[int], place: Opening
) -> None:
    """Red where an entry of a row that is gone is left behind."""
    pool, judged = Pool(people), criteria(place)
    for number in changes:
        if number < len(people):
            person = people[number]
            if person.trainer_id in pool:
                pool.remove(person.trainer_id)
            else:
                pool.put(replace(person, engagements=(*person.engagements, engagement(9))))
    usable = usable_minutes(place, pool.columns, len(pool), judged)
    assert usable.minutes.tolist() == [Capacity(place, judged).minutes(person) for person in pool]


def test_a_large_pool_holds_the_engagements_of_everybody() -> None:
    """More than the first columns have room for."""
    people = [replace(wide(engagement()), trainer_id=UUID(int=number)) for number in range(1, 151)]
    pool = Pool(people)
    pool.put(replace(people[7], engagements=()))
    usable = usable_minutes(opening(), pool.columns, len(pool), criteria(opening()))
    assert usable.minutes.tolist() == [210 if row == 7 else 0 for row in range(150)]


def test_a_week_without_another_keeps_what_is_before_between_and_after() -> None:
    day = Week.of([(2, 480, 1080), (3, 480, 600)])
    other = Week.of([(1, 0, 1440), (2, 400, 500), (2, 600, 660), (2, 1000, 1200), (4, 480, 600)])
    assert day.without(other) == Week.of([(2, 500, 600), (2, 660, 1000), (3, 480, 600)])
    assert day.without(day) == Week()


def test_lessons_that_are_agreed_are_no_hours_for_another_vacancy() -> None:
    busy = wide(engagement())
    found = ranked(opening(), busy).explain(busy.trainer_id)
    assert {reason.rule for reason in found.verdict.reasons if reason.outcome is Outcome.BLOCK} >= {"ROSTER_OVERLAP"}
    assert minutes(busy, opening(roster=FRIDAY_MORNING)) == 210


def test_half_of_a_morning_that_is_taken_leaves_the_other_half() -> None:
    assert minutes(wide(engagement(slots=Week.of([(2, 510, 600)])))) == 120
    both = wide(engagement(1, slots=Week.of([(2, 510, 600)])), engagement(2, slots=Week.of([(2, 570, 630)])))
    assert minutes(both) == 90


@pytest.mark.parametrize(
    ("period", "left"),
    [
        ({"last_day": date(2027, 1, 31)}, 210),
        ({"last_day": date(2027, 2, 1)}, 0),
        ({"first_day": date(2027, 7, 9)}, 0),
        ({"first_day": date(2027, 7, 10), "last_day": None}, 210),
        ({"first_day": None, "last_day": None}, 0),
    ],
)
def test_only_what_runs_in_the_period_of_the_vacancy_takes_hours(period: dict[str, Any], left: int) -> None:
    early = {"first_day": date(2026, 9, 1)}
    assert minutes(wide(engagement(**{**early, **period}))) == left


def test_an_open_question_counts_where_the_search_looks_and_nowhere_else() -> None:
    asked = wide(engagement(agreed=False))
    assert minutes(asked) == 0
    assert minutes(asked, open_counts=False) == 210
    assert minutes(wide(engagement(agreed=True)), open_counts=False) == 0


def test_the_question_of_the_vacancy_itself_takes_nothing_from_it() -> None:
    assert minutes(wide(engagement(agreed=False, vacancy_id=OPENING.vacancy_id))) == 210
    assert minutes(wide(engagement(agreed=True, vacancy_id=OPENING.vacancy_id))) == 0


def test_the_minutes_wanted_in_all_are_a_limit() -> None:
    """X2: 720 minutes wanted, 600 of them asked or agreed."""
    friday = {"slots": FRIDAY_MORNING, "minutes_per_week": 300, "board_id": OTHER_BOARD}
    busy = wide(engagement(1, **friday), engagement(2, **friday, agreed=False), minutes_per_week=720)
    assert (minutes(busy), room(busy), room(busy, open_counts=False)) == (210, 120, 210)
    assert HardRule(int(ranked(opening(), busy).failed[0])) == HardRule.OWN_MINUTES
    assert not ranked(opening(), replace(busy, minutes_per_week=None)).failed[0]


def test_work_without_hours_takes_minutes_of_the_availability() -> None:
    known = trainer(availability=TWO_MORNINGS, minutes_per_week=None, engagements=(engagement(slots=Week()),))
    assert minutes(known) == 210
    assert minutes(replace(known, engagements=taken(300))) == 120
    assert minutes(replace(known, engagements=(*taken(100), engagement(2)))) == 0


@pytest.mark.parametrize(("starts", "left"), [(720, 170), (759, 209), (760, 210), (1000, 210)])
def test_the_way_from_another_school_is_no_time_to_teach(starts: int, left: int) -> None:
    """Utrecht to Amersfoort is 20 km: 30 minutes on the road and 10 out and in."""
    later = engagement(place=AMERSFOORT, slots=Week.of([(2, starts, starts + 60)]))
    assert minutes(wide(later)) == left
    assert minutes(wide(replace(later, place=UTRECHT))) == 210


def test_the_way_is_not_longer_than_the_day() -> None:
    night = opening(roster=Week.of([(3, 0, 210)]))
    evening = engagement(place=AMERSFOORT, slots=Week.of([(2, 1400, 1440)]))
    free = Week.of([(2, 0, 1440), (3, 0, 1440)])
    assert minutes(wide(evening, availability=free), night) == 210


def test_lessons_by_agreement_keep_clear_of_those_that_are_fixed() -> None:
    place = opening(roster=None, minutes_per_week=400)
    person = trainer(availability=TWO_MORNINGS, minutes_per_week=None, engagements=(engagement(),))
    assert minutes(person, place) == 210
    assert Capacity(place, criteria(place)).lessons(person) == FRIDAY_MORNING.slots
    taking = Capacity(place, criteria(place)).engagement(person, UUID(int=5), Form.GUEST, agreed=False)
    assert (taking.slots, taking.minutes_per_week) == (Week(), 400)


def test_an_engagement_is_what_would_be_taught() -> None:
    place = opening(minutes_per_week=100)
    person = wide(engagement(slots=Week.of([(2, 510, 600)])))
    found = Capacity(place, criteria(place)).engagement(person, UUID(int=5), Form.GUEST, agreed=True)
    assert found.slots == Week.of([(2, 600, 700)])
    assert (found.first_day, found.last_day) == (place.starts_on, place.ends_on)
    assert (found.vacancy_id, found.board_id, found.place) == (place.vacancy_id, place.board_id, place.place)


@pytest.mark.parametrize("agreed", [True, False])
def test_the_guest_cap_sees_everything_at_that_board(agreed: bool) -> None:  # noqa: FBT001 - a table
    place = opening(roster=FRIDAY_MORNING, **WHOLE_YEAR)
    at_this_board = wide(all_year(agreed=agreed))
    assert HardRule(int(ranked(place, at_this_board).failed[0])) == HardRule.ELIGIBILITY
    for other in ({"board_id": OTHER_BOARD}, {"role": TeachingRole.SUPPORT}, {"minutes_per_week": 150}):
        assert not ranked(place, wide(all_year(**other))).failed[0]


def test_work_of_a_part_of_the_year_counts_with_its_weeks() -> None:
    """By law the cap is an average over the year: 43 weeks of work in two parts, none above the yearly figure."""
    place = opening(roster=FRIDAY_MORNING)
    assert not ranked(place, wide(engagement(minutes_per_week=200))).failed[0]
    assert HardRule(int(ranked(place, wide(engagement(minutes_per_week=450))).failed[0])) == HardRule.ELIGIBILITY


def test_one_whose_cap_is_full_takes_no_other_out_of_the_ranking() -> None:
    """Both have the same proofs; only one has taught enough already."""
    place = opening(roster=FRIDAY_MORNING, **WHOLE_YEAR)
    full, fresh = wide(all_year()), replace(wide(), trainer_id=UUID(int=2))
    assert [each.trainer_id for each in ranked(place, full, fresh).shortlist] == [fresh.trainer_id]


def test_working_time_sees_the_lessons_themselves() -> None:
    """Twelve hours on one day are too long beside each other, and not on two days."""
    place = opening(roster=Week.of([(2, 900, 1110)]), forms=(Form.DUAL_EMPLOYMENT,), role=TeachingRole.SUPPORT)
    morning = {"slots": Week.of([(2, 360, 880)]), "form": Form.DUAL_EMPLOYMENT, "role": TeachingRole.SUPPORT}
    person = wide(company_id=COMPANY, availability=Week.of([(2, 0, 1440), (4, 0, 1440)]))
    same_day = replace(person, engagements=(engagement(minutes_per_week=520, **morning),))
    assert HardRule(int(ranked(place, same_day).failed[0])) == HardRule.WORKING_TIME
    elsewhere = {**morning, "slots": Week.of([(4, 360, 880)])}
    another_day = replace(person, engagements=(engagement(minutes_per_week=520, **elsewhere),))
    assert not ranked(place, another_day).failed[0]


def test_the_last_check_lets_the_first_to_agree_have_the_hours() -> None:
    def blocked(*engagements: Engagement, proposed: int = 210) -> list[str]:
        verdict = still_lawful(opening(), wide(*engagements), Form.GUEST, POLICIES, TODAY, proposed=proposed)
        return [reason.rule for reason in verdict.reasons if reason.outcome is Outcome.BLOCK]

    mine = engagement(agreed=False, vacancy_id=OPENING.vacancy_id)
    assert blocked(mine) == []
    assert blocked(mine, engagement(2, agreed=False)) == [], "an open question elsewhere stops nothing"
    assert "ROSTER_OVERLAP" in blocked(mine, engagement(2))
    half = engagement(2, slots=Week.of([(2, 510, 615)]), minutes_per_week=105)
    assert "ROSTER_OVERLAP" in blocked(mine, half)
    assert blocked(mine, half, proposed=105) == []


def test_an_engagement_survives_its_storage() -> None:
    for each in (engagement(), engagement(slots=Week(), place=None, last_day=None, agreed=False), taken(60)[0]):
        assert Engagement.of_json(each.to_json()) == each


def test_a_profile_of_earlier_has_minutes_alone() -> None:
    assert engagements_of(None, 0) == ()
    (known,) = engagements_of(None, 90)
    assert (known.agreed, known.minutes_per_week, known.slots) == (True, 90, Week())
    assert engagements_of([], 90) == ()


@pytest.mark.parametrize("wrong", [-1, 10_081])
def test_an_engagement_with_impossible_minutes_is_refused(wrong: int) -> None:
    with pytest.raises(Invalid) as refused:
        engagement(minutes_per_week=wrong)
    assert [each.name for each in refused.value.params] == ["minutesTaken"]


# -- any sequence of proposals, answers and ends ----------------------------------------------------------------------


_HALF_DAYS = st.sampled_from([(day, start, start + 210) for day in (1, 2, 3) for start in (480, 600, 720, 900)])
_OFFERS = st.builds(
    opening,
    roster=st.lists(_HALF_DAYS, min_size=1, max_size=2).map(Week.of),
    minutes_per_week=st.sampled_from([120, 210, 300]),
    place=st.sampled_from([UTRECHT, AMERSFOORT]),
    starts_on=st.sampled_from([date(2027, 2, 1), date(2027, 4, 1)]),
)


class OneTrainer(RuleBasedStateMachine):
    """The search proposes what fits whole, a school chooses beside it, and answers come in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.by_search: set[UUID] = set()
        self.openings: dict[UUID, Opening] = {}

    @initialize(wants=st.sampled_from([210, 420, 720]))
    def begin(self, wants: int) -> None:
        availability = Week.of([(day, 480, 1080) for day in (1, 2, 3)])
        self.person = trainer(availability=availability, minutes_per_week=wants)

    @rule(place=_OFFERS, chosen=st.booleans())
    def propose(self, place: Opening, chosen: bool) -> None:  # noqa: FBT001 - drawn
        self.number += 1
        place = replace(place, vacancy_id=UUID(int=self.number))
        capacity = Capacity(place, criteria(place, open_counts=not chosen))
        if capacity.room(self.person) >= place.minutes_per_week:
            made = capacity.engagement(self.person, UUID(int=self.number), Form.GUEST, agreed=False)
            self.openings[made.proposal_id] = place
            if not chosen:
                self.by_search.add(made.proposal_id)
            self._set(made)

    @precondition(lambda self: self.openings)
    @rule(data=st.data())
    def agree(self, data: st.DataObject) -> None:
        proposal_id = data.draw(st.sampled_from(sorted(self.openings)))
        place = self.openings.pop(proposal_id)
        verdict = still_lawful(place, self.person, Form.GUEST, POLICIES, TODAY, proposed=place.minutes_needed)
        if verdict.ok:
            capacity = Capacity(place, criteria(place, open_counts=False))
            self._set(capacity.engagement(self.person, proposal_id, Form.GUEST, agreed=True))
            # The first to agree has the hours, also those of a question that is still open.
            self.by_search -= self.openings.keys()
        else:
            self._drop(proposal_id)

    @precondition(lambda self: self.person.engagements)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from([each.proposal_id for each in self.person.engagements]))
        self.openings.pop(gone, None)
        self._drop(gone)

    def _drop(self, proposal_id: UUID) -> None:
        left = tuple(each for each in self.person.engagements if each.proposal_id != proposal_id)
        self.person = replace(self.person, engagements=left)

    def _set(self, engagement: Engagement) -> None:
        self._drop(engagement.proposal_id)
        self.person = replace(self.person, engagements=(*self.person.engagements, engagement))

    def _groups(self) -> list[list[Engagement]]:
        """What is agreed; and, where no school chose for itself, what is asked and agreed."""
        mine = list(self.person.engagements)
        agreed = [each for each in mine if each.agreed]
        return [agreed] if {each.proposal_id for each in mine} - self.by_search else [agreed, mine]

    @invariant()
    def no_more_than_wanted_on_any_day(self) -> None:
        for group in self._groups() if hasattr(self, "person") else ():
            for day in (date(2027, 2, 1), date(2027, 4, 1), date(2027, 7, 9)):
                running = [each for each in group if each.runs_within(day, day)]
                assert sum(each.minutes_per_week for each in running) <= (self.person.minutes_per_week or 0)
                assert (
                    sum(each.slots.minutes for each in running)
                    == Week(tuple(slot for each in running for slot in each.slots.slots)).minutes
                ), "two lessons at once"
                assert all(each.slots.overlap(self.person.availability) == each.minutes_per_week for each in running)

    @invariant()
    def the_way_fits_between_two_lessons(self) -> None:
        for group in self._groups() if hasattr(self, "person") else ():
            for one, other in combinations(group, 2):
                if one.place != other.place and one.runs_within(date(2027, 4, 1), date(2027, 7, 9)):
                    assert not one.slots.widened(40).overlap(other.slots)


TestOneTrainer = OneTrainer.TestCase
