"""What becomes of an accepted proposal when its contract is drafted, falls away or ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from common.persistence.transaction import uuid7
from events import Event
from events.contracts import (
    ContractCancelled,
    ContractDissolved,
    ContractEnded,
    ContractExpired,
    ContractRefused,
)
from events.matching import (
    ProposalConverted,
    ProposalLapsed,
    ProposalMade,
    VacancyPlaceFreed,
)
from events.registry import VacancyFilled, VacancyPosted, VacancyReopened
from matching.profile.tables import commitments
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.usecases import answers
from matching.proposal.usecases.proposing import MATCH_NEW_TRAINER
from tests.integration.matching.matching_at_work import Matching, contract_drafted, drafted
from tests.support.asking import profile, vacancy


async def accepted(matching: Matching) -> tuple[VacancyPosted, Proposal]:
    asked = vacancy()
    await matching.hear(profile(), profile(trades=["pie"]), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    for party in proposal.asked:
        async with matching.database.begin(actor="test") as tx:
            proposal = await answers.consent(tx, proposal.id, party)
    return asked, proposal


async def again(matching: Matching, proposal: Proposal) -> Proposal:
    return (await matching.proposals_for(proposal.vacancy_id))[0]


async def test_a_draft_keeps_it_from_lapsing(matching: Matching) -> None:
    _, proposal = await accepted(matching)
    contract = drafted(proposal)
    await matching.hear(contract_drafted(proposal, contract), contract_drafted(proposal, contract))
    [converted] = await matching.told(ProposalConverted)
    assert converted.contract_id == contract["contract_id"]
    assert await matching.deadlines_of(proposal.id) == {}
    await matching.pass_time(days=31)
    assert (await again(matching, proposal)).status is Status.CONVERTED


async def test_without_a_draft_it_lapses_and_the_next_is_asked(matching: Matching) -> None:
    asked, _ = await accepted(matching)
    await matching.pass_time(days=29)
    assert await matching.told(ProposalLapsed) == []
    await matching.pass_time(days=2)
    assert [each.reason for each in await matching.told(ProposalLapsed)] == ["no_draft_in_time"]
    assert [each.taken for each in await matching.told(VacancyPlaceFreed)] == [0]
    first, second = await matching.proposals_for(asked.vacancy_id)
    assert second.trainer_id != first.trainer_id


async def test_a_draft_that_comes_too_late_changes_nothing(matching: Matching) -> None:
    _, proposal = await accepted(matching)
    await matching.pass_time(days=31)
    await matching.hear(contract_drafted(proposal, drafted(proposal)))
    assert (await again(matching, proposal)).status is Status.LAPSED
    assert await matching.told(ProposalConverted) == []


async def test_that_a_late_draft_is_cancelled_is_the_end_of_it(matching: Matching) -> None:
    """Contracts cancels it because the proposal lapsed: told in answer to that, nothing lapses a second time."""
    asked, proposal = await accepted(matching)
    await matching.pass_time(days=31)
    contract, asked_before = drafted(proposal), len(await matching.told(ProposalMade))
    cancelled = ContractCancelled(**contract, reason="proposal_lapsed")
    await matching.hear(contract_drafted(proposal, contract), cancelled, cancelled)
    assert [each.reason for each in await matching.told(ProposalLapsed)] == ["no_draft_in_time"]
    assert len(await matching.told(ProposalMade)) == asked_before
    assert (await matching.vacancy(asked.vacancy_id)).taken == 0


ENDINGS: dict[str, Callable[[dict[str, Any]], Event]] = {
    "contract_refused": lambda about: ContractRefused(**about, findings=[], policy_version=1),
    "contract_cancelled": lambda about: ContractCancelled(**about, reason="party_refused"),
    "contract_expired": lambda about: ContractExpired(**about, left=[]),
    "contract_dissolved": lambda about: ContractDissolved(**about, reason="mutual"),
    "contract_ended_early": lambda about: ContractEnded(
        **about, ended_on=date(2027, 3, 1), early=True, reason="schedule"
    ),
}


@pytest.mark.parametrize("reason", ENDINGS)
async def test_when_its_contract_falls_away_the_place_is_free_and_the_next_is_asked(
    matching: Matching, reason: str
) -> None:
    asked, proposal = await accepted(matching)
    contract = drafted(proposal)
    falls_away = ENDINGS[reason](contract)
    await matching.hear(contract_drafted(proposal, contract), falls_away)
    [lapsed] = await matching.told(ProposalLapsed)
    assert (lapsed.proposal_id, lapsed.reason) == (proposal.id, reason)
    assert (await again(matching, proposal)).status is Status.LAPSED
    assert len(await matching.told(VacancyPlaceFreed)) == 1
    assert len(await matching.told(ProposalMade)) == 2
    async with matching.database.begin(actor="test") as tx:
        taken = [row.proposal_id for row in await tx.execute(select(commitments))]
    following = (await matching.proposals_for(asked.vacancy_id))[1]
    assert taken == [following.id], "only what is asked now"
    assert (await matching.vacancy(asked.vacancy_id)).taken == 0


async def test_a_filled_vacancy_asks_again_only_when_it_is_opened_again(matching: Matching) -> None:
    asked, proposal = await accepted(matching)
    contract = drafted(proposal)
    await matching.hear(contract_drafted(proposal, contract), VacancyFilled(vacancy_id=asked.vacancy_id))
    await matching.hear(ContractDissolved(**contract, reason="mutual"))
    assert len(await matching.told(ProposalMade)) == 1
    await matching.hear(VacancyReopened(vacancy_id=asked.vacancy_id))
    assert len(await matching.told(ProposalMade)) == 2


async def test_it_makes_no_difference_which_of_the_two_comes_first(matching: Matching) -> None:
    asked, proposal = await accepted(matching)
    contract = drafted(proposal)
    await matching.hear(contract_drafted(proposal, contract), VacancyFilled(vacancy_id=asked.vacancy_id))
    await matching.hear(VacancyReopened(vacancy_id=asked.vacancy_id))
    assert len(await matching.told(ProposalMade)) == 1
    await matching.hear(ContractDissolved(**contract, reason="mutual"))
    assert len(await matching.told(ProposalMade)) == 2


async def test_a_trainer_who_is_free_again_is_compared_with_waiting_vacancies(matching: Matching) -> None:
    """At its term a contract gives back the trainer's minutes, and never the place."""
    asked, waits = vacancy(), vacancy()
    comes = profile()
    await matching.hear(comes, asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    for party in proposal.asked:
        async with matching.database.begin(actor="test") as tx:
            proposal = await answers.consent(tx, proposal.id, party)
    contract = drafted(proposal)
    await matching.hear(contract_drafted(proposal, contract), waits)
    await matching.settle()
    assert await matching.proposals_for(waits.vacancy_id) == []
    over = ContractEnded(**contract, ended_on=date(2027, 7, 9), early=False, reason="term")
    await matching.hear(over)
    planned = await matching.deadlines_of(comes.trainer_id)
    assert set(planned) == {MATCH_NEW_TRAINER}
    assert planned[MATCH_NEW_TRAINER] <= matching.database.clock.now() + timedelta(days=1)
    await matching.pass_time(days=1)
    [second] = await matching.proposals_for(waits.vacancy_id)
    assert second.trainer_id == comes.trainer_id
    assert (await matching.vacancy(asked.vacancy_id)).taken == 1
    await matching.hear(
        ContractEnded(**{**contract, "contract_id": uuid7()}, ended_on=date(2027, 7, 9), early=False, reason="term")
    )
    assert (await again(matching, proposal)).status is Status.CONVERTED
