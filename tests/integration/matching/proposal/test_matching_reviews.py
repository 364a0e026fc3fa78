"""What is open and no longer fits is withdrawn when its facts change, with the rule for the trainer to know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest

from common.clock import business_day
from events.contracts import ContractExtended
from events.matching import ProposalMade, ProposalWithdrawn
from events.registry import ProfileState, VacancyChanged, VacancyPosted
from events.words import Party
from matching.candidate import usecases as candidates
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.usecases import answers
from tests.integration.matching.matching_at_work import GRONINGEN, Matching, contract_drafted, drafted
from tests.support.asking import ENDS_ON, OTHER_BOARD, SCHOOL, STARTS_ON, TUESDAY, profile, vacancy

FRIDAY: Final = TUESDAY.model_copy(update={"day": 5})
AMERSFOORT: Final = {"latitude": 52.1561, "longitude": 5.3878}
"""Twenty kilometres away."""


async def only(matching: Matching, asked: VacancyPosted) -> Proposal:
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    return proposal


async def agree(matching: Matching, proposal: Proposal) -> Proposal:
    for party in proposal.asked:
        async with matching.database.begin(actor="test") as tx:
            proposal = await answers.consent(tx, proposal.id, party)
    return proposal


async def chosen(matching: Matching, asked: VacancyPosted, comes: ProfileState) -> Proposal:
    async with matching.database.begin(actor="test") as tx:
        return await candidates.shortlist(tx, asked.vacancy_id, comes.trainer_id, "desk")


async def withdrawn(matching: Matching) -> list[tuple[Any, ...]]:
    found = await matching.told(ProposalWithdrawn)
    return [(each.vacancy_id, each.trainer_id, each.reason, each.rules) for each in found]


def changed(asked: VacancyPosted, **other: Any) -> VacancyChanged:
    return VacancyChanged(**{**dict(asked), **other})


async def test_a_changed_profile_withdraws_what_no_longer_fits_and_the_next_is_asked(matching: Matching) -> None:
    """Only the trainer reads why; a change that fits less well withdraws nothing."""
    asked, comes = vacancy(), profile()
    await matching.hear(comes, asked)
    await matching.hear(comes.model_copy(update={"desired_months": 2, "trades": ["electrical", "ict"]}))
    await matching.settle()
    assert await withdrawn(matching) == []
    other = profile(experience_years=3)
    await matching.hear(comes.model_copy(update={"trades": ["ict"]}), other)
    await matching.settle()
    assert await withdrawn(matching) == [(asked.vacancy_id, comes.trainer_id, "no_longer_fits", ["SUBJECT"])]
    assert [each.trainer_id for each in await matching.told(ProposalMade)] == [comes.trainer_id, other.trainer_id]
    first, _ = await matching.proposals_for(asked.vacancy_id)
    path = f"/proposals/{first.id}"
    own = matching.headers(role="trainer", trainer=str(comes.trainer_id))
    shown = (await matching.client.get(path, headers=own)).json()
    assert shown["reason"] == "no_longer_fits"
    assert [each["rule"] for each in shown["grounds"]["findings"] if each["outcome"] == "block"] == ["SUBJECT"]
    answer = await matching.client.get(path, headers=matching.headers(org=SCHOOL))
    assert (answer.json()["status"], answer.json()["reason"], answer.json()["grounds"]) == ("withdrawn", None, None)
    assert "SUBJECT" not in answer.text


async def test_a_vacancy_that_moves_withdraws_whom_it_asks_and_cannot_reach(matching: Matching) -> None:
    """Where the lessons are is no matter of consent, as long as the trainer can get there."""
    asked = vacancy()
    await matching.hear(profile(travel_km=30), asked)
    await matching.hear(changed(asked, **AMERSFOORT))
    await matching.settle()
    assert (await only(matching, asked)).open
    north, east = GRONINGEN
    await matching.hear(changed(asked, latitude=north, longitude=east))
    await matching.settle()
    proposal = await only(matching, asked)
    assert (proposal.status, proposal.reason) == (Status.WITHDRAWN, "vacancy_changed")
    assert [each.rules for each in await matching.told(ProposalWithdrawn)] == [["DISTANCE"]]


async def test_work_that_was_agreed_elsewhere_withdraws_what_it_leaves_no_hours_for_some_time_later(
    matching: Matching,
) -> None:
    """Not at once: the school that knows the trainer by then would see where a candidate goes."""
    comes, first, second = profile(), vacancy(), vacancy(board_id=OTHER_BOARD)
    await matching.hear(comes, first)
    await matching.hear(second)
    await chosen(matching, second, comes)
    await agree(matching, await only(matching, first))
    due = (await matching.deadlines_of(comes.trainer_id))["trainer.reviews"]
    assert due > matching.database.clock.now()
    assert await withdrawn(matching) == []
    await matching.pass_time(days=2)
    expected = (second.vacancy_id, comes.trainer_id, "no_longer_fits", ["ROSTER_OVERLAP", "OWN_MINUTES"])
    assert await withdrawn(matching) == [expected]


async def test_a_contract_that_is_extended_withdraws_what_it_runs_into(matching: Matching) -> None:
    comes, first = profile(), vacancy()
    later = vacancy(board_id=OTHER_BOARD, starts_on=ENDS_ON + timedelta(days=30), ends_on=ENDS_ON + timedelta(days=200))
    await matching.hear(comes, first, later)
    agreed = await agree(matching, await only(matching, first))
    contract = drafted(agreed)
    await matching.hear(contract_drafted(agreed, contract))
    await matching.pass_time(days=2)
    assert await withdrawn(matching) == []
    until = ENDS_ON + timedelta(days=100)
    extended = ContractExtended(**contract, document_version=2, document_hash="y", ends_on=until)
    await matching.hear(extended)
    await matching.pass_time(days=2)
    assert [(each.vacancy_id, each.reason) for each in await matching.told(ProposalWithdrawn)] == [
        (later.vacancy_id, "no_longer_fits")
    ]


async def test_a_rule_that_changes_withdraws_what_breaks_it_but_for_a_choice_that_broke_it_before(
    matching: Matching,
) -> None:
    """Roads are counted as longer than they were: a desk's choice from too far away stays."""
    near, far = vacancy(**AMERSFOORT), vacancy(board_id=OTHER_BOARD, latitude=GRONINGEN[0], longitude=GRONINGEN[1])
    comes, picked = profile(travel_km=30), profile()
    await matching.hear(comes, near)
    await matching.hear(picked, far)
    await chosen(matching, far, picked)
    day = business_day(matching.database.clock.now()) + timedelta(days=1)
    assert day < STARTS_ON
    await matching.publish_policy("matching.road", day, perMille=3000)
    await matching.settle()
    assert await withdrawn(matching) == []
    await matching.pass_time(days=1)
    assert await withdrawn(matching) == [(near.vacancy_id, comes.trainer_id, "rules_changed", ["DISTANCE"])]
    kept = await only(matching, far)
    assert (kept.open, kept.by) == (True, "desk")


@pytest.mark.parametrize("agrees", [False, True])
async def test_of_two_proposals_at_one_board_the_second_is_withdrawn_later_with_its_rule(
    matching: Matching, *, agrees: bool
) -> None:
    """A wish against which the trainer agreed does not end it; the law and other work do."""
    comes, first, second = profile(), vacancy(), vacancy()
    await matching.hear(comes, first)
    await matching.hear(second)
    proposal = await chosen(matching, second, comes)
    if agrees:
        async with matching.database.begin(actor="test") as tx:
            await answers.consent(tx, proposal.id, Party.TRAINER)
    await matching.hear(comes.model_copy(update={"languages": ["de"], "trades": ["ict"]}))
    await matching.settle()
    rules = [each.rules for each in await matching.told(ProposalWithdrawn)]
    assert len(rules) == 1
    await matching.pass_time(days=2)
    rules = [each.rules for each in await matching.told(ProposalWithdrawn)]
    assert sorted(rules) == sorted([["LANGUAGE", "SUBJECT"], ["LANGUAGE"] if agrees else ["LANGUAGE", "SUBJECT"]])
