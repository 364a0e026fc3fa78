"""A plan is published in waves: each pair is looked at anew, a wave is made whole or not at all, and never twice."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from events.matching import ProposalMade, VacancyRanked, VacancyWaiting, WaitlistPromoted
from events.registry import ProfileState, VacancyPosted, VacancyWithdrawn
from matching.plan.store import plans
from matching.plan.usecases import publishing
from matching.vacancy.usecases import ASK
from tests.integration.matching.matching_at_work import Matching
from tests.integration.matching.plan.plans_at_work import (
    DESK,
    HERE,
    assignments,
    candidate_id,
    get,
    planned,
    post,
    requested,
    solve_here,
    waiting,
)
from tests.support.asking import TUESDAY, profile, vacancy


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HERE, solve_here)


async def publish(matching: Matching, plan: dict[str, Any], status: int = 200, **body: Any) -> Any:
    return await post(matching, f"/plans/{plan['id']}/_publish", body, status)


async def three(matching: Matching) -> dict[str, Any]:
    """A plan with three pairs, at three boards."""
    await waiting(matching, *(profile() for _ in range(3)), vacancies=3)
    plan = await planned(matching)
    assert plan["result"]["chosen"] == 3
    return plan


async def test_a_wave_makes_proposals_and_the_vacancies_wait_no_longer(matching: Matching) -> None:
    trainer = profile()
    [asked] = await waiting(matching, trainer)
    plan = await planned(matching)
    wave = await publish(matching, plan)
    assert (wave["wave"], wave["proposed"], wave["skipped"], wave["left"]) == (1, 1, 0, 0)
    [made] = await matching.proposals_for(asked.vacancy_id)
    assert (made.trainer_id, made.by, made.open) == (trainer.trainer_id, "matching", True)
    occasion = made.grounds.occasion
    assert occasion is not None
    assert (occasion.kind, str(occasion.plan_id), occasion.wave, occasion.free) == ("plan", plan["id"], 1, 1)
    [pair] = wave["pairs"]
    assert pair["candidateId"] == await candidate_id(matching, asked.vacancy_id, trainer.trainer_id)
    assert (pair["proposalId"], pair["skipped"]) == (str(made.id), None)
    assert len(await matching.told(ProposalMade)) == len(await matching.told(WaitlistPromoted)) == 1
    shown = await get(matching, f"/plans/{plan['id']}")
    assert (shown["status"], shown["waves"]) == ("published", 1)
    [chosen] = await assignments(matching, plan)
    assert (chosen["proposalId"], chosen["wave"]) == (str(made.id), 1)
    await matching.settle()
    assert len(await matching.proposals_for(asked.vacancy_id)) == 1


async def test_waves_follow_each_other_until_nothing_is_left(matching: Matching) -> None:
    plan = await three(matching)
    first = await publish(matching, plan, size=2)
    assert (first["wave"], first["proposed"], first["left"]) == (1, 2, 1)
    second = await publish(matching, plan, size=2)
    assert (second["wave"], second["proposed"], second["left"]) == (2, 1, 0)
    refused = await publish(matching, plan, 409)
    assert refused["type"].endswith("nothing-left")
    assert len(await matching.told(ProposalMade)) == 3


async def test_a_wave_is_as_large_as_policy_says(matching: Matching) -> None:
    await matching.new_policy("matching.plan", waveSize=1)
    plan = await three(matching)
    assert (await publish(matching, plan))["proposed"] == 1


async def test_a_wave_that_is_requested_twice_is_one_wave(matching: Matching) -> None:
    plan = await three(matching)
    headers, path = matching.headers(write=True, **DESK), f"/plans/{plan['id']}/_publish"
    answers = [await matching.client.post(path, headers=headers, json={"size": 1}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await matching.told(ProposalMade)) == 1


async def test_a_second_wave_at_the_same_moment_is_a_conflict(matching: Matching) -> None:
    plan = await three(matching)
    async with matching.database.begin(actor="test") as tx:
        assert await plans.take_the_turn(tx)
        refused = await publish(matching, plan, 409)
    assert refused["type"].endswith("wave-under-way")
    assert (await publish(matching, plan))["proposed"] == 3


async def test_a_worker_that_dies_in_a_wave_leaves_nothing_of_it(
    matching: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await three(matching)
    whole, tried = publishing._try, list[UUID]()

    async def dies_at_the_third(*args: Any) -> Any:
        tried.append(args[3])
        if len(tried) == 3:
            raise asyncio.CancelledError
        return await whole(*args)

    monkeypatch.setattr(publishing, "_try", dies_at_the_third)
    with pytest.raises(asyncio.CancelledError):
        async with matching.database.begin(actor="test") as tx:
            await publishing.publish(tx, UUID(plan["id"]))
    assert len(tried) == 3
    assert await matching.told(ProposalMade) == []
    assert (await get(matching, f"/plans/{plan['id']}"))["waves"] == 0
    monkeypatch.setattr(publishing, "_try", whole)
    assert (await publish(matching, plan))["proposed"] == 3


async def test_a_plan_without_a_result_has_nothing_to_publish(matching: Matching) -> None:
    id_ = await requested(matching)
    refused = await publish(matching, {"id": id_}, 409)
    assert "requested" in refused["detail"]


async def test_a_pair_that_no_longer_fits_is_skipped_and_reported(matching: Matching) -> None:
    trainer = profile()
    await waiting(matching, trainer)
    plan = await planned(matching)
    await matching.hear(trainer.model_copy(update={"languages": ["fr"]}))
    wave = await publish(matching, plan)
    assert (wave["proposed"], wave["pairs"][0]["skipped"], wave["left"]) == (0, "does_not_fit", 0)
    assert (await assignments(matching, plan))[0]["skipped"] == "does_not_fit"
    await publish(matching, plan, 409)


async def test_a_trainer_who_pauses_is_skipped(matching: Matching) -> None:
    trainer = profile()
    await waiting(matching, trainer)
    plan = await planned(matching)
    await matching.hear(trainer.model_copy(update={"status": "intake"}))
    assert (await publish(matching, plan))["pairs"][0]["skipped"] == "does_not_fit"


async def test_a_vacancy_that_was_withdrawn_is_skipped(matching: Matching) -> None:
    [asked] = await waiting(matching)
    plan = await planned(matching)
    gone = {name: getattr(asked, name) for name in VacancyWithdrawn.model_fields if hasattr(asked, name)}
    await matching.hear(VacancyWithdrawn(**{**gone, "reason": "filled_elsewhere"}))
    assert (await publish(matching, plan))["pairs"][0]["skipped"] == "vacancy_closed"


async def test_a_trainer_who_was_asked_meanwhile_is_not_asked_again(matching: Matching) -> None:
    [asked] = await waiting(matching)
    plan = await planned(matching)
    await matching.settle()
    assert len(await matching.proposals_for(asked.vacancy_id)) == 1
    assert (await publish(matching, plan))["pairs"][0]["skipped"] == "asked_already"
    assert len(await matching.proposals_for(asked.vacancy_id)) == 1


async def test_a_trainer_who_declined_meanwhile_is_not_asked_again(matching: Matching) -> None:
    trainer = profile()
    [asked] = await waiting(matching, trainer)
    plan = await planned(matching)
    await matching.settle()
    [made] = await matching.proposals_for(asked.vacancy_id)
    own: dict[str, Any] = {"role": "trainer", "trainer": str(trainer.trainer_id)}
    await post(matching, f"/proposals/{made.id}/_decline", {"party": "trainer", "reason": "distance"}, **own)
    assert (await publish(matching, plan))["pairs"][0]["skipped"] == "had_a_turn"


async def test_no_more_are_asked_than_policy_allows_for_a_place(matching: Matching) -> None:
    """Of two who fit, the search asked one since; the plan wants the other one."""
    first = profile()
    [asked] = await waiting(matching, first)
    plan = await planned(matching)
    other = profile(trades=["electrical", "pie"], experience_years=9)
    await matching.hear(first.model_copy(update={"languages": ["fr"]}), other)
    await matching.settle()
    assert [each.trainer_id for each in await matching.proposals_for(asked.vacancy_id)] == [other.trainer_id]
    await matching.hear(first)
    wave = await publish(matching, plan)
    assert (wave["pairs"][0]["skipped"], wave["left"]) == ("enough_asked", 1)


@pytest.mark.parametrize(("surplus", "asked_then"), [(100, "enough_asked"), (5_000, None)])
async def test_a_wave_lets_down_no_more_people_than_the_search_would(
    matching: Matching, surplus: int, asked_then: str | None
) -> None:
    """One is asked for the place already: with a second one, 0.14 people would be expected to agree for nothing."""
    first = profile()
    [asked] = await waiting(matching, first)
    plan = await planned(matching)
    await matching.hear(first.model_copy(update={"languages": ["fr"]}), profile(trades=["pie"]))
    await matching.settle()
    assert len(await matching.proposals_for(asked.vacancy_id)) == 1
    await matching.hear(first)
    await matching.new_policy("matching.asking", mostPerPlace=3, surplusPerPlace=surplus)
    wave = await publish(matching, plan)
    assert (wave["pairs"][0]["skipped"], wave["proposed"]) == (asked_then, int(asked_then is None))


async def test_one_board_asks_a_trainer_for_one_vacancy_at_a_time(matching: Matching) -> None:
    wednesday = TUESDAY.model_copy(update={"day": 3})
    short = {"minutes_per_week": 90, "preparation_minutes_per_week": 30}
    await matching.hear(vacancy(**short), vacancy(**short, roster=[wednesday]))
    await matching.hear(profile(availability=[TUESDAY, wednesday], desired_minutes_per_week=420))
    plan = await planned(matching)
    assert plan["result"]["chosen"] == 2
    wave = await publish(matching, plan)
    assert (wave["proposed"], wave["skipped"], wave["left"]) == (1, 1, 1)
    assert [each["skipped"] for each in wave["pairs"] if each["skipped"]] == ["not_now"]
    again = await publish(matching, plan)
    assert (again["wave"], again["proposed"], again["left"]) == (2, 0, 1)


async def test_a_search_and_a_wave_at_the_same_moment_ask_a_trainer_once(matching: Matching) -> None:
    [asked] = await waiting(matching, profile(), profile())
    plan = await planned(matching)
    await asyncio.gather(publish(matching, plan), matching.settle())
    made = await matching.proposals_for(asked.vacancy_id)
    assert len({each.trainer_id for each in made}) == len(made) == 1


async def test_the_ids_of_a_waves_proposals_share_the_day_and_nothing_finer(matching: Matching) -> None:
    await publish(matching, await three(matching))
    made = [each.proposal_id for each in await matching.told(ProposalMade)]
    assert len({each.int >> 80 for each in made}) == 1


async def left(matching: Matching, *trainers: ProfileState, **other: Any) -> VacancyPosted:
    """Return a vacancy that is posted while there is a plan of each day."""
    await matching.new_policy("matching.plan", daily=True)
    await matching.hear(*trainers)
    asked = vacancy(**other)
    await matching.hear(asked)
    return asked


async def test_a_vacancy_that_can_wait_is_ranked_and_left_to_the_plan_before_the_search_asks(
    matching: Matching,
) -> None:
    asked = await left(matching, profile(), profile())
    [ranked] = await matching.told(VacancyRanked)
    assert (ranked.vacancy_id, ranked.fitting) == (asked.vacancy_id, 2)
    await matching.pass_time(days=2)
    assert await matching.told(ProposalMade) == []
    await matching.pass_time(days=1)
    assert {each.vacancy_id for each in await matching.told(ProposalMade)} == {asked.vacancy_id}
    assert ASK not in await matching.deadlines_of(asked.vacancy_id)


async def test_a_wave_asks_for_a_vacancy_that_was_left_to_it(matching: Matching) -> None:
    asked = await left(matching, trainer := profile())
    wave = await publish(matching, await planned(matching))
    assert (wave["proposed"], wave["skipped"]) == (1, 0)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    assert proposal.trainer_id == trainer.trainer_id
    await matching.pass_time(days=3)
    assert [each.id for each in await matching.proposals_for(asked.vacancy_id)] == [proposal.id]


async def test_a_vacancy_that_begins_soon_is_asked_for_at_once(matching: Matching) -> None:
    asked = await left(matching, profile(), starts_on=date(2026, 12, 7))
    [made] = await matching.told(ProposalMade)
    assert made.vacancy_id == asked.vacancy_id


async def test_a_vacancy_that_too_few_fit_waits_at_once(matching: Matching) -> None:
    asked = await left(matching, profile(), places=2)
    assert [each.free_places for each in await matching.told(VacancyWaiting)] == [1]
    assert len(await matching.proposals_for(asked.vacancy_id)) == 1


async def test_a_vacancy_that_is_withdrawn_is_left_to_nobody(matching: Matching) -> None:
    asked = await left(matching, profile())
    assert ASK in await matching.deadlines_of(asked.vacancy_id)
    await matching.hear(VacancyWithdrawn(vacancy_id=asked.vacancy_id, reason="other"))
    assert await matching.deadlines_of(asked.vacancy_id) == {}
