"""Each party of a case sees the steps that are theirs, keeps the case, and learns nothing of another side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from events.contracts import ActivationHeld, ContractDissolved, ContractDrafted, ContractOffered, ContractSigned
from events.matching import (
    ProposalAccepted,
    ProposalConsented,
    ProposalDeclined,
    ProposalLapsed,
    ProposalMade,
    ProposalWithdrawn,
    VacancyRanked,
    VacancyWaiting,
)
from events.notifications import MessageSent
from events.parties import Parties
from events.registry import QualificationClaimed, TrainerAvailable, TrainerLeft, VacancyChanged, VacancyPosted
from events.words import Party
from operations.app import service
from tests.integration.operations.cases_at_work import START, Candidate, Opening, follow, received
from tests.integration.operations.cases_at_work import made as event_made
from tests.support.postgres import FreshDatabase
from tests.support.serving import Serving, serving

ALL = [Party.TRAINER, Party.SCHOOL, Party.COMPANY]


@pytest.fixture
async def operations(fresh_database: FreshDatabase) -> AsyncIterator[Serving]:
    async with serving(service, await fresh_database()) as at_work:
        yield at_work


@pytest.fixture
async def opening(operations: Serving) -> Opening:
    found = Opening(operations)
    await found.happens(VacancyPosted, places=2)
    return found


async def propose(opening: Opening) -> Candidate:
    candidate = Candidate()
    due = START + timedelta(days=14)
    await opening.happens(ProposalMade, candidate, asked=ALL, answer_before=due, rank=1)
    return candidate


async def decline(opening: Opening, candidate: Candidate) -> None:
    await opening.happens(ProposalDeclined, candidate, party=Party.COMPANY, reason="employer")


async def test_a_candidate_sees_no_step_of_the_one_before(opening: Opening) -> None:
    first = await propose(opening)
    await decline(opening, first)
    second = await propose(opening)
    for looking in (opening.as_trainer(second), opening.as_company(second)):
        assert await opening.events(looking) == ["proposal.made"]


async def test_a_candidate_keeps_the_case_whoever_comes_after(opening: Opening) -> None:
    first = await propose(opening)
    await decline(opening, first)
    before = await opening.shown(opening.as_trainer(first))
    await propose(opening)
    for looking in (opening.as_trainer(first), opening.as_company(first)):
        assert await opening.events(looking) == ["proposal.made", "proposal.declined"]
        assert await opening.listed(looking) == [str(opening.vacancy)]
    assert await opening.shown(opening.as_trainer(first)) == before


async def test_two_candidates_for_two_places_each_keep_their_own_case(opening: Opening) -> None:
    both = [await propose(opening), await propose(opening)]
    for candidate in both:
        await opening.happens(ProposalAccepted, candidate)
        await opening.happens(ContractDrafted, candidate)
    await opening.happens(ContractDissolved, both[0], reason="vog_not_shown")
    assert (await opening.events(opening.as_trainer(both[0])))[-1] == "contract.dissolved"
    for looking in (opening.as_trainer(both[1]), opening.as_company(both[1])):
        assert await opening.events(looking) == ["proposal.made", "proposal.accepted", "contract.drafted"]
        assert (await opening.shown(looking))["nextStep"]["what"] == "check_contract"


async def test_a_school_sees_the_vacancys_steps_and_those_of_its_candidates(opening: Opening) -> None:
    first = await propose(opening)
    await decline(opening, first)
    await propose(opening)
    seen = ["vacancy.posted", "proposal.made", "proposal.declined", "proposal.made"]
    assert await opening.events(opening.as_school()) == seen


async def test_a_letter_is_a_step_of_its_recipient_alone(opening: Opening) -> None:
    candidate = await propose(opening)
    to = Parties(trainer=candidate.trainer, region=opening.region)
    await opening.happens(MessageSent, recipient_id=candidate.trainer, parties=to)
    assert "message.sent" in await opening.events(opening.as_trainer(candidate))
    for looking in (opening.as_school(), opening.as_company(candidate)):
        assert "message.sent" not in await opening.events(looking)


@pytest.mark.parametrize(
    ("side", "knows"),
    [("company", {"party": "company", "reason": "employer"}), ("trainer", {}), ("school", {})],
)
async def test_why_a_party_declined_is_that_partys_alone(opening: Opening, side: str, knows: dict[str, Any]) -> None:
    candidate = await propose(opening)
    await decline(opening, candidate)
    assert (await opening.steps(_as(opening, side, candidate)))[-1]["facts"] == knows


@pytest.mark.parametrize(
    ("kind", "facts", "sides"),
    [
        (ContractDissolved, {"reason": "vog_not_shown"}, {"trainer"}),
        (ContractDissolved, {"reason": "mutual"}, {"trainer", "school", "company"}),
        (ProposalWithdrawn, {"reason": "trainer_left"}, {"trainer"}),
        (ProposalWithdrawn, {"reason": "vacancy_filled"}, {"trainer", "school", "company"}),
    ],
)
async def test_a_reason_about_the_person_is_shown_to_the_person_only(
    opening: Opening, kind: Any, facts: dict[str, str], sides: set[str]
) -> None:
    candidate = await propose(opening)
    await opening.happens(kind, candidate, **facts)
    for side in ("trainer", "school", "company"):
        shown = (await opening.steps(_as(opening, side, candidate)))[-1]["facts"]
        assert shown == (facts if side in sides else {})


async def test_missing_facts_for_a_start_are_shown_to_trainer_and_school_only(opening: Opening) -> None:
    candidate = await propose(opening)
    await opening.happens(ActivationHeld, candidate)
    for side, knows in (("trainer", True), ("school", True), ("company", False)):
        assert ("findings" in (await opening.steps(_as(opening, side, candidate)))[-1]["facts"]) is knows


async def test_how_many_trainers_there_are_is_no_schools_to_know(opening: Opening) -> None:
    await opening.happens(VacancyRanked, candidates=41)
    await opening.happens(VacancyWaiting, candidates=41, escalated=False)
    assert all("candidates" not in step["facts"] for step in await opening.steps(opening.as_school()))
    assert (await opening.steps(opening.as_programme()))[-1]["facts"]["candidates"] == 41


async def test_next_and_latest_step_of_a_case_are_each_partys_own(opening: Opening) -> None:
    first, second = await propose(opening), await propose(opening)
    await opening.happens(ProposalConsented, second, party=Party.TRAINER, left=[Party.SCHOOL, Party.COMPANY])
    await decline(opening, first)
    shown = await opening.shown(opening.as_trainer(first))
    assert (shown["latest"], shown["nextStep"], shown["owed"], shown["open"]) == (
        "proposal.declined.v1",
        None,
        [],
        False,
    )
    shown = await opening.shown(opening.as_trainer(second))
    assert (shown["latest"], shown["open"]) == ("proposal.consented.v1", True)
    assert [owed["owners"] for owed in shown["owed"]] == [["school", "company"]]
    owed = (await opening.shown(opening.as_school()))["owed"]
    assert sorted(step["what"] for step in owed) == ["answer_proposal", "find_candidate"]


async def test_a_step_of_another_candidate_moves_nothing_in_a_list(operations: Serving) -> None:
    """Neither the order nor what is open or late tells a candidate of another."""
    older, newer, first = Opening(operations), Opening(operations, minutes=10), Candidate()
    for one in (older, newer):
        await one.happens(VacancyPosted)
        await one.happens(ProposalMade, first, asked=ALL, answer_before=START)
    await older.happens(ProposalDeclined, first, party=Party.TRAINER, reason="distance")
    listed = [str(newer.vacancy), str(older.vacancy)]
    looking = older.as_trainer(first)
    assert await older.listed(looking) == listed
    older.minutes = 60
    await propose(older)
    assert await older.listed(looking) == listed
    assert await older.listed(looking, "isOpen=true") == [str(newer.vacancy)]
    assert await older.listed(looking, "overdue=true") == [str(newer.vacancy)]
    assert await older.listed(older.as_programme()) == listed[::-1]


async def test_a_filter_finds_a_case_only_by_what_its_caller_may_know_of_it(opening: Opening) -> None:
    """Seen red: a school that asked for the true employer was shown its own case, for any other none."""
    candidate, stranger = await propose(opening), Candidate()
    school = opening.as_school()
    for id_ in (candidate.company, candidate.trainer, stranger.company, stranger.trainer):
        assert await opening.listed(school, f"involving={id_}") == []
    for id_ in (candidate.proposal, opening.vacancy, opening.location):
        assert await opening.listed(school, f"involving={id_}") == [str(opening.vacancy)]
    for looking in (opening.as_trainer(candidate), opening.as_programme()):
        for id_ in (candidate.company, candidate.trainer, candidate.proposal):
            assert await opening.listed(looking, f"involving={id_}") == [str(opening.vacancy)]


async def test_an_employer_finds_a_case_by_the_trainer_once_the_trainer_consented(opening: Opening) -> None:
    """Seen red: from the proposal on an employer could ask which of its people was a candidate, and where."""
    candidate = await propose(opening)
    employer, by_trainer = opening.as_company(candidate), f"involving={candidate.trainer}"
    for known in (candidate.company, candidate.proposal):
        assert await opening.listed(employer, f"involving={known}") == [str(opening.vacancy)]
    await opening.happens(ProposalConsented, candidate, party=Party.COMPANY, left=[Party.TRAINER])
    assert await opening.listed(employer, by_trainer) == []
    await opening.happens(ProposalConsented, candidate, party=Party.TRAINER, left=[Party.SCHOOL])
    assert await opening.listed(employer, by_trainer) == [str(opening.vacancy)]
    assert await opening.listed(opening.as_school(), by_trainer) == []


async def test_another_company_finds_no_case_by_a_candidate(opening: Opening) -> None:
    candidate, other = await propose(opening), await propose(opening)
    await opening.happens(ProposalConsented, candidate, party=Party.TRAINER, left=[Party.SCHOOL])
    await opening.happens(ProposalAccepted, candidate)
    for hidden in (candidate.trainer, candidate.company, candidate.proposal):
        assert await opening.listed(opening.as_company(other), f"involving={hidden}") == []


async def test_once_everybody_agreed_a_school_finds_its_case_by_whom_it_knows_then(opening: Opening) -> None:
    agreed, other = await propose(opening), await propose(opening)
    await opening.happens(ProposalAccepted, agreed)
    for known in (agreed.company, agreed.trainer):
        assert await opening.listed(opening.as_school(), f"involving={known}") == [str(opening.vacancy)]
    for hidden in (other.company, other.trainer):
        assert await opening.listed(opening.as_school(), f"involving={hidden}") == []


async def test_a_proposal_that_lapsed_before_it_was_accepted_names_nobody_to_the_school(opening: Opening) -> None:
    """Seen red: everybody had consented, the place was gone, and the school confirmed who it would have been."""
    candidate = await propose(opening)
    for party in ALL:
        await opening.happens(ProposalConsented, candidate, party=party)
    await opening.happens(ProposalLapsed, candidate, reason="last_place_gone")
    for hidden in (candidate.company, candidate.trainer):
        assert await opening.listed(opening.as_school(), f"involving={hidden}") == []
    assert await opening.listed(opening.as_company(candidate), f"involving={candidate.trainer}") == [
        str(opening.vacancy)
    ]


async def test_a_candidate_finds_no_case_by_another_candidate(opening: Opening) -> None:
    first, second = await propose(opening), await propose(opening)
    await opening.happens(ProposalAccepted, first)
    for hidden in (first.company, first.trainer, first.proposal):
        assert await opening.listed(opening.as_trainer(second), f"involving={hidden}") == []


async def test_no_answer_to_a_school_names_the_candidate_before_all_agreed(opening: Opening) -> None:
    candidate = await propose(opening)
    trainers_own = Parties(trainer=candidate.trainer, company=candidate.company, region="AM01")
    await follow(
        opening.at_work,
        received(
            event_made(TrainerAvailable, trainer_id=candidate.trainer, company_id=candidate.company),
            candidate.trainer,
            trainers_own,
            source="registry",
            at=START,
        ),
    )
    await opening.happens(
        MessageSent, recipient_id=candidate.company, parties=Parties(company=candidate.company, region=opening.region)
    )
    await opening.happens(ProposalConsented, candidate, party=Party.COMPANY, left=[Party.SCHOOL])
    await decline(opening, candidate)
    for path in (f"/cases/{opening.vacancy}", f"/cases/{opening.vacancy}/steps", "/cases", "/cases?kind=trainer"):
        answer = await opening.at_work.get(path, opening.as_school())
        said = f"{answer.text}{dict(answer.headers)}"
        assert str(candidate.trainer) not in said
        assert str(candidate.company) not in said
    assert (await opening.at_work.get(f"/cases/{candidate.trainer}", opening.as_school())).status_code == 404


async def test_the_cause_of_a_step_is_not_shown_to_parties(opening: Opening) -> None:
    """One cause may end proposals of one person for several vacancies, and would say that they are the same person."""
    candidate = await propose(opening)
    await opening.happens(ProposalWithdrawn, candidate, reason="trainer_left")
    assert {step["cause"] for step in await opening.steps(opening.as_school())} == {None}
    assert None not in {step["cause"] for step in await opening.steps(opening.as_programme())}


async def test_an_employer_sees_the_persons_case_and_not_what_the_person_keeps_private(operations: Serving) -> None:
    opening, candidate = Opening(operations), Candidate()
    both = Parties(trainer=candidate.trainer, company=candidate.company, region="AM01")
    happened = [
        (event_made(TrainerAvailable, trainer_id=candidate.trainer), both),
        (event_made(QualificationClaimed, trainer_id=candidate.trainer), Parties(trainer=candidate.trainer)),
        (event_made(TrainerLeft, trainer_id=candidate.trainer, reason="own_wish"), both),
    ]
    await follow(
        operations,
        *(received(event, candidate.trainer, whose, source="registry", at=START) for event, whose in happened),
    )
    opening.vacancy = candidate.trainer
    steps = await opening.steps(opening.as_company(candidate))
    assert [(step["event"], step["facts"]) for step in steps] == [("trainer.available", {}), ("trainer.left", {})]
    own = await opening.steps(opening.as_trainer(candidate))
    assert [step["event"] for step in own] == ["trainer.available", "qualification.claimed", "trainer.left"]
    assert own[-1]["facts"] == {"reason": "own_wish"}


async def test_a_company_is_shown_the_cases_of_its_people_beside_a_vacancys(opening: Opening) -> None:
    candidate, stranger = await propose(opening), await propose(opening)
    for one in (candidate, stranger):
        parties = Parties(trainer=one.trainer, company=one.company, region="AM01")
        event = event_made(TrainerAvailable, trainer_id=one.trainer)
        await follow(opening.at_work, received(event, one.trainer, parties, source="registry", at=START))
    employer = opening.as_company(candidate)
    assert (await opening.shown(employer))["related"] == [], "the trainer has not consented to it yet"
    await opening.happens(ProposalConsented, candidate, party=Party.TRAINER, left=[Party.SCHOOL])
    related = (await opening.shown(employer))["related"]
    assert related == [{"id": str(candidate.trainer), "kind": "trainer"}]
    assert (await opening.shown(opening.as_school()))["related"] == []
    assert len((await opening.shown(opening.as_programme()))["related"]) == 2


async def test_programme_and_the_regions_desk_see_a_case_whole_and_every_look_is_recorded(opening: Opening) -> None:
    first, second = await propose(opening), await propose(opening)
    await decline(opening, first)
    for looking in (opening.as_programme(), opening.as_desk()):
        assert len(await opening.events(looking)) == 4
        assert (await opening.steps(looking))[-1]["facts"]["reason"] == "employer"
    assert (await opening.at_work.get(f"/cases/{opening.vacancy}", opening.as_desk("AM01"))).status_code == 404
    recorded = await _recorded(opening)
    assert {actor for actor, _ in recorded} == {"programme", "desk"}
    for actor in ("programme", "desk"):
        for subject in (opening.vacancy, first.trainer, second.trainer):
            assert recorded.count((actor, str(subject))) == 2  # two looks each


async def test_a_look_of_a_party_at_its_own_case_is_not_recorded_as_staffs(opening: Opening) -> None:
    candidate = await propose(opening)
    await opening.steps(opening.as_school())
    await opening.steps(opening.as_trainer(candidate))
    assert await _recorded(opening) == []


async def test_a_desk_that_is_a_party_as_well_sees_its_regions_cases_and_its_own(opening: Opening) -> None:
    candidate = await propose(opening)
    headers = opening.at_work.headers(
        "desk", "cases:read", roles=["desk", "trainer"], regions=["AM01"], trainer=str(candidate.trainer)
    )
    elsewhere = Opening(opening.at_work, region="AM01")
    await elsewhere.happens(VacancyPosted)
    assert set(await opening.listed(headers)) == {str(opening.vacancy), str(elsewhere.vacancy)}
    assert await opening.events(headers) == ["proposal.made"]
    assert await elsewhere.events(headers) == ["vacancy.posted"]


async def test_a_list_is_read_page_by_page_in_each_partys_own_order(operations: Serving) -> None:
    candidate = Candidate()
    found: list[str] = []
    for number in range(5):
        one = Opening(operations, minutes=number * 10)
        await one.happens(VacancyPosted)
        await one.happens(ProposalMade, candidate, asked=ALL)
        found.insert(0, str(one.vacancy))
    path, pages = "/cases?limit=2", []
    while path:
        answer = (await operations.get(path, one.as_company(candidate))).json()
        pages += [case["id"] for case in answer["items"]]
        path = f"/cases?limit=2&cursor={answer['nextCursor']}" if answer.get("nextCursor") else ""
    assert pages == found


async def test_events_of_before_stay_with_the_school_and_the_person_whom_they_name(opening: Opening) -> None:
    """An event written before envelopes named parties says what its payload says, and its case is a school's."""
    candidate = await propose(opening)
    old = opening.event(ContractSigned, candidate)
    await follow(opening.at_work, replace(old, envelope=replace(old.envelope, parties=None)))
    for looking in (opening.as_school(), opening.as_trainer(candidate)):
        assert (await opening.events(looking))[-1] == "contract.signed"
    offered = opening.event(ContractOffered, candidate)
    stranger = Opening(opening.at_work)
    assert offered.parties.location != stranger.location
    answer = await opening.at_work.get(f"/cases/{opening.vacancy}", stranger.as_school())
    assert answer.status_code == 404


async def test_a_case_follows_its_vacancy_to_another_region(opening: Opening) -> None:
    """Where a postcode comes to lie in another region, its desk can go on with the case."""
    opening.region = "AM05"
    await opening.happens(VacancyChanged)
    assert await opening.listed(opening.as_desk("AM05")) == [str(opening.vacancy)]
    assert await opening.listed(opening.as_desk("AM28")) == []
    assert await opening.events(opening.as_desk("AM05")) == ["vacancy.posted", "vacancy.changed"]


def _as(opening: Opening, side: str, candidate: Candidate) -> dict[str, str]:
    return {
        "trainer": opening.as_trainer(candidate),
        "school": opening.as_school(),
        "company": opening.as_company(candidate),
    }[side]


async def _recorded(opening: Opening) -> list[tuple[str, str]]:
    async with opening.at_work.database.begin(actor="test") as tx:
        rows = await tx.execute(text("SELECT actor, data_subject_id FROM processing_log"))
        return [(row.actor, row.data_subject_id) for row in rows]
