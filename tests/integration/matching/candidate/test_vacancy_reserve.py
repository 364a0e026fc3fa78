"""The reserve of a vacancy: whom the search asks next when a proposal ends, in its order and under candidate ids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import pytest

from events.registry import ProfileState, VacancyPosted, VacancyWithdrawn
from events.words import Party
from matching.proposal.model.proposal import Proposal
from matching.proposal.model.status import Status
from matching.proposal.usecases import answers
from matching.ranking.store import blind
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import COMPANY, SCHOOL, profile, vacancy

DESK: Final[dict[str, Any]] = {"role": "desk", "regions": ["AM13"]}
PROGRAMME: Final[dict[str, Any]] = {"role": "programme"}
CROWD: Final = 4
End = Callable[[Matching, Proposal, dict[UUID, ProfileState]], Awaitable[None]]


async def read(matching: Matching, vacancy_id: UUID, status: int = 200, **token: Any) -> Any:
    path = f"/vacancies/{vacancy_id}/reserve"
    response = await matching.client.get(path, headers=matching.headers(**(token or DESK)))
    assert response.status_code == status, response.text
    return response.json()


async def in_reserve(matching: Matching, asked: VacancyPosted, people: dict[UUID, ProfileState]) -> list[UUID]:
    """Who stands in the reserve as the desk reads it; the test knows whom the candidate ids are of."""
    async with matching.database.begin(actor="test") as tx:
        names = await blind.pseudonyms(tx)
    known = {str(names.of(asked.vacancy_id, 1, ("desk", "AM13"), trainer)): trainer for trainer in people}
    listed = (await read(matching, asked.vacancy_id))["reserve"]
    assert [each["place"] for each in listed] == list(range(1, len(listed) + 1))
    return [known[each["candidateId"]] for each in listed]


async def posted(matching: Matching, **terms: Any) -> tuple[VacancyPosted, dict[UUID, ProfileState]]:
    """A vacancy, and trainers of whom each wants some hours less than the one before."""
    crowd = [profile(desired_minutes_per_week=210 - 10 * number) for number in range(CROWD)]
    asked = vacancy(**terms)
    await matching.hear(*crowd, asked)
    return asked, {each.trainer_id: each for each in crowd}


async def declines(matching: Matching, proposal: Proposal, _: dict[UUID, ProfileState]) -> None:
    async with matching.database.begin(actor="test") as tx:
        await answers.decline(tx, proposal.id, Party.SCHOOL, "other_choice")


async def expires(matching: Matching, _: Proposal, __: dict[UUID, ProfileState]) -> None:
    await matching.pass_time(days=15)


async def pauses(matching: Matching, proposal: Proposal, people: dict[UUID, ProfileState]) -> None:
    offers = people[proposal.trainer_id].desired_minutes_per_week
    await matching.hear(profile(trainer_id=proposal.trainer_id, desired_minutes_per_week=offers, status="paused"))


@pytest.mark.parametrize("end", [declines, expires, pauses], ids=lambda end: end.__name__)
async def test_the_first_of_the_reserve_is_asked_when_a_proposal_ends(matching: Matching, end: End) -> None:
    asked, people = await posted(matching)
    for left in range(CROWD - 1, 0, -1):
        waiting = await in_reserve(matching, asked, people)
        assert len(waiting) == left
        before = await matching.proposals_for(asked.vacancy_id)
        await end(matching, before[-1], people)
        new = (await matching.proposals_for(asked.vacancy_id))[len(before) :]
        assert [(each.trainer_id, each.status) for each in new] == [(waiting[0], Status.PROPOSED)]
    assert await in_reserve(matching, asked, people) == []


async def test_the_reserve_has_the_chance_and_the_points_of_each(matching: Matching) -> None:
    """Guests from near by consent in four of ten cases by the assumption of the policy."""
    asked, _ = await posted(matching)
    shown = await read(matching, asked.vacancy_id)
    assert (shown["freePlaces"], shown["asked"]) == (1, 1)
    assert [(each["form"], each["chancePercent"]) for each in shown["reserve"]] == [("guest", 40)] * (CROWD - 1)
    points = [each["points"] for each in shown["reserve"]]
    assert points == sorted(points, reverse=True)
    assert len(set(points)) > 1


async def test_the_reserve_leaves_out_a_trainer_whom_the_board_asks_elsewhere(matching: Matching) -> None:
    asked, people = await posted(matching)
    waiting = await in_reserve(matching, asked, people)
    second = vacancy()
    await matching.hear(second)
    [elsewhere] = await matching.proposals_for(second.vacancy_id)
    assert elsewhere.trainer_id == waiting[0]
    assert await in_reserve(matching, asked, people) == waiting[1:]


async def test_reading_the_reserve_stores_nothing_and_asks_no_trainer(matching: Matching) -> None:
    asked, people = await posted(matching)
    before = (len(await matching.told()), await matching.count("rankings"))
    assert await in_reserve(matching, asked, people)
    assert (len(await matching.told()), await matching.count("rankings")) == before


async def test_a_search_that_is_over_has_no_reserve(matching: Matching) -> None:
    asked, _ = await posted(matching)
    await matching.hear(VacancyWithdrawn(vacancy_id=asked.vacancy_id, reason="other"))
    assert (await read(matching, asked.vacancy_id))["reserve"] == []
    nowhere = vacancy(latitude=None, longitude=None)
    await matching.hear(nowhere)
    assert (await read(matching, nowhere.vacancy_id))["reserve"] == []


async def test_the_parties_of_a_vacancy_do_not_read_its_reserve(matching: Matching) -> None:
    """An order says over several vacancies who is who."""
    asked, people = await posted(matching)
    for token in (
        {"org": SCHOOL},
        {"org": COMPANY, "role": "company"},
        {"role": "trainer", "trainer": str(next(iter(people)))},
    ):
        await read(matching, asked.vacancy_id, 403, **token)
    await read(matching, asked.vacancy_id, 404, role="desk", regions=["AM01"])
    by_desk, by_programme = [(await read(matching, asked.vacancy_id, **who))["reserve"] for who in (DESK, PROGRAMME)]
    ids = [{each["candidateId"] for each in listed} for listed in (by_desk, by_programme)]
    assert ids[0].isdisjoint(ids[1])
    assert not {str(each) for each in people} & (ids[0] | ids[1])
