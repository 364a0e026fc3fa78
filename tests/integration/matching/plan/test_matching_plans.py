"""A desk requests a plan, looks at it, changes it by hand, compares it, and cancels one: on a real database."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from sqlalchemy import text

from common.persistence.transaction import uuid7
from events.matching import PlanComputed, ProposalMade
from events.registry import TrainerAnonymised
from matching.plan.store import plans
from matching.plan.usecases import planning
from matching.plan.usecases.planning import PlanQueue
from matching.proposal.tables import asking_outcomes
from tests.integration.matching.matching_at_work import Matching
from tests.integration.matching.plan.plans_at_work import (
    DESK,
    HERE,
    OTHER_DESK,
    PROGRAMME,
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


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HERE, solve_here)


async def test_a_plan_is_requested_computed_apart_and_shown_with_its_bound(matching: Matching) -> None:
    first, second = profile(), profile(trades=["pie"])
    [asked] = await waiting(matching, first, second)
    id_ = await requested(matching)
    shown = await get(matching, f"/plans/{id_}")
    assert (shown["status"], shown["by"], shown["regions"], shown["result"]) == ("requested", "desk", ["AM13"], None)
    await PlanQueue(matching.database).run_due()
    plan = await get(matching, f"/plans/{id_}")
    assert (plan["status"], plan["snapshotOn"], plan["progress"]) == ("computed", "2026-11-02", None)
    result = plan["result"]
    assert result["value"] == result["bound"] > 0
    assert (result["gapPerMillion"], result["chosen"], result["openings"], result["people"]) == (0, 1, 1, 2)
    assert (result["empty"], result["cut"], result["priceOfWishes"]) == (None, False, None)
    regions = [each for each in result["groups"] if each["kind"] == "region"]
    assert [(each["code"], each["places"], each["filled"]) for each in regions] == [("AM13", 1, 1)]
    chosen, reserve = await assignments(matching, plan)
    assert chosen["candidateId"] == await candidate_id(matching, asked.vacancy_id, first.trainer_id)
    assert reserve["candidateId"] == await candidate_id(matching, asked.vacancy_id, second.trainer_id)
    assert (chosen["place"], chosen["cost"], reserve["place"]) == (0, None, 1)
    assert reserve["cost"] >= 0
    assert 0 < chosen["chance"] < 1
    assert reserve["score"] < chosen["score"]


async def test_a_computed_plan_is_published_as_figures_and_proposes_nothing(matching: Matching, here: None) -> None:
    await waiting(matching)
    plan = await planned(matching)
    [event] = await matching.told(PlanComputed)
    assert (str(event.plan_id), event.value, event.chosen) == (plan["id"], plan["result"]["value"], 1)
    assert await matching.told(ProposalMade) == []
    [envelope] = [each for each in await matching.envelopes() if each["ce_type"] == PlanComputed.type]
    assert "ce_parties" not in envelope or not envelope["ce_parties"]


async def test_the_vacancies_of_a_plan_are_shown_the_scarcest_first(matching: Matching, here: None) -> None:
    wanted, easy = await waiting(matching, profile(), profile(trades=["pie"]), vacancies=2)
    [nobody] = await waiting(matching, profile(), subject="maritime")
    plan = await planned(matching)
    found = (await get(matching, f"/plans/{plan['id']}/openings"))["items"]
    assert {each["vacancyId"] for each in found} == {str(each.vacancy_id) for each in (wanted, easy, nobody)}
    assert [each["price"] for each in found] == sorted((each["price"] for each in found), reverse=True)
    [empty] = [each for each in found if each["vacancyId"] == str(nobody.vacancy_id)]
    assert (empty["places"], empty["filled"], empty["candidates"], empty["price"]) == (1, 0, 0, 0)
    first = await get(matching, f"/plans/{plan['id']}/openings?limit=1")
    rest = await get(matching, f"/plans/{plan['id']}/openings?limit=5&cursor={first['nextCursor']}")
    assert [*first["items"], *rest["items"]] == found
    await get(matching, f"/plans/{plan['id']}/openings", 404, **OTHER_DESK)


async def test_the_document_of_a_plan_proves_its_bound(matching: Matching, here: None) -> None:
    await waiting(matching)
    plan = await planned(matching)
    async with matching.database.begin(actor="test") as tx:
        document = await plans.document_of(tx, UUID(plan["id"]))
    found = json.loads(document or b"{}")
    assert (found["value"], found["bound"]) == (plan["result"]["value"], plan["result"]["bound"])
    assert {"places", "people", "figures", "reserves"} <= found.keys()


@pytest.mark.parametrize("crowd", [0, 1])
async def test_a_plan_without_vacancies_says_so(matching: Matching, here: None, crowd: int) -> None:
    await matching.hear(*(profile() for _ in range(crowd)))
    plan = await planned(matching)
    assert (plan["status"], plan["result"]["empty"], plan["result"]["chosen"]) == ("computed", "no_openings", 0)
    assert await assignments(matching, plan) == []


async def test_a_plan_without_trainers_says_so(matching: Matching, here: None) -> None:
    await matching.hear(vacancy())
    assert (await planned(matching))["result"]["empty"] == "nobody_available"


async def test_a_plan_of_a_market_in_which_nobody_fits_says_so(matching: Matching, here: None) -> None:
    await waiting(matching, profile(languages=["fr"]))
    plan = await planned(matching)
    assert (plan["result"]["empty"], plan["result"]["available"]) == ("nobody_fits", 1)


async def test_a_second_request_for_the_same_regions_is_a_conflict_while_one_is_open(
    matching: Matching, here: None
) -> None:
    first = await requested(matching)
    refused = await post(matching, "/plans", {"regions": ["AM13"]}, 409)
    assert first in refused["detail"]
    assert await requested(matching, {"regions": ["AM28"]}, **OTHER_DESK) != first
    await PlanQueue(matching.database).run_due()
    assert await requested(matching) != first


async def test_a_request_that_is_repeated_is_one_plan(matching: Matching) -> None:
    headers = matching.headers(write=True, **DESK)
    answers = [await matching.client.post("/plans", headers=headers, json={"regions": ["AM13"]}) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["location"].endswith(f"/plans/{answers[0].json()['id']}")
    assert await matching.count("plans") == 1


async def test_a_desk_plans_and_sees_its_own_region_and_the_programme_all(matching: Matching, here: None) -> None:
    mine = await requested(matching)
    assert [each["id"] for each in (await get(matching, "/plans"))["items"]] == [mine]
    assert (await get(matching, "/plans", **OTHER_DESK))["items"] == []
    for path in ("", "/assignments", f"/difference?with={mine}"):
        await get(matching, f"/plans/{mine}{path}", 404, **OTHER_DESK)
    await post(matching, f"/plans/{mine}/_cancel", None, 404, **OTHER_DESK)
    await post(matching, f"/plans/{mine}/_publish", {}, 404, **OTHER_DESK)
    await post(matching, "/plans", {"regions": ["AM13"]}, 403, **OTHER_DESK)
    await post(matching, "/plans", {}, 403, **DESK)
    everywhere = (await post(matching, "/plans", {}, 201, **PROGRAMME))["id"]
    assert [each["id"] for each in (await get(matching, "/plans", **PROGRAMME))["items"]] == [everywhere, mine]
    await get(matching, f"/plans/{everywhere}", 404)
    for role in ("school", "company", "trainer"):
        await get(matching, "/plans", 403, role=role)


async def test_a_comparison_names_the_other_plan(matching: Matching, here: None) -> None:
    plan = await planned(matching)
    refused = await get(matching, f"/plans/{plan['id']}/difference", 400)
    assert [each["name"] for each in refused["invalidParams"]] == ["with"]
    open_one = await requested(matching)
    await get(matching, f"/plans/{plan['id']}/difference?with={open_one}", 409)


async def test_a_plan_has_the_vacancies_of_its_regions_only(matching: Matching, here: None) -> None:
    await waiting(matching, profile())
    await waiting(matching, profile(), region="AM28")
    assert (await planned(matching))["result"]["openings"] == 1
    assert (await planned(matching, {"regions": []}, **PROGRAMME))["result"]["openings"] == 2
    assert (await planned(matching, {"regions": ["AM13", "AM28"]}, **PROGRAMME))["regions"] == ["AM13", "AM28"]


async def test_a_plan_that_is_cancelled_is_not_computed(matching: Matching, here: None) -> None:
    id_ = await requested(matching)
    assert (await post(matching, f"/plans/{id_}/_cancel"))["status"] == "cancelled"
    assert (await post(matching, f"/plans/{id_}/_cancel"))["status"] == "cancelled"
    assert await PlanQueue(matching.database).run_due() == 0
    await post(matching, f"/plans/{id_}/_publish", {}, 409)
    assert await matching.told(PlanComputed) == []


async def test_a_plan_that_is_computed_cannot_be_cancelled(matching: Matching, here: None) -> None:
    plan = await planned(matching)
    refused = await post(matching, f"/plans/{plan['id']}/_cancel", None, 409)
    assert "computed" in refused["detail"]


async def test_a_pin_is_in_the_plan_and_its_price_is_shown(matching: Matching, here: None) -> None:
    better, worse = profile(), profile(trades=["pie"])
    [asked] = await waiting(matching, better, worse)
    free = await planned(matching)
    wish = {
        "vacancyId": str(asked.vacancy_id),
        "candidateId": await candidate_id(matching, asked.vacancy_id, worse.trainer_id),
    }
    pinned = await planned(matching, {"pins": [wish]})
    assert pinned["result"]["priceOfWishes"] == free["result"]["value"] - pinned["result"]["value"] > 0
    assert (pinned["pins"], pinned["result"]["priceCut"]) == (1, False)
    [chosen] = [each for each in await assignments(matching, pinned) if each["place"] == 0]
    assert chosen["candidateId"] == wish["candidateId"]
    difference = await get(matching, f"/plans/{free['id']}/difference?with={pinned['id']}")
    assert (difference["added"], difference["dropped"], difference["kept"]) == (1, 1, 0)
    assert (difference["price"], difference["sameSnapshot"]) == (pinned["result"]["priceOfWishes"], True)
    assert {each["change"]: each["candidateId"] for each in difference["changes"]} == {
        "added": wish["candidateId"],
        "dropped": await candidate_id(matching, asked.vacancy_id, better.trainer_id),
    }


async def test_an_exclusion_is_not_in_the_plan(matching: Matching, here: None) -> None:
    better, worse = profile(), profile(trades=["pie"])
    [asked] = await waiting(matching, better, worse)
    wish = {
        "vacancyId": str(asked.vacancy_id),
        "candidateId": await candidate_id(matching, asked.vacancy_id, better.trainer_id),
    }
    plan = await planned(matching, {"exclusions": [wish]})
    assert plan["result"]["priceOfWishes"] > 0
    [chosen, *_] = await assignments(matching, plan)
    assert chosen["candidateId"] == await candidate_id(matching, asked.vacancy_id, worse.trainer_id)


async def test_pins_that_do_not_fit_end_a_plan_with_that_reason(matching: Matching, here: None) -> None:
    one, other = profile(), profile()
    [asked] = await waiting(matching, one, other)
    pins = [
        {
            "vacancyId": str(asked.vacancy_id),
            "candidateId": await candidate_id(matching, asked.vacancy_id, each.trainer_id),
        }
        for each in (one, other)
    ]
    plan = await planned(matching, {"pins": pins})
    assert (plan["status"], plan["reason"], plan["result"]) == ("failed", "pins_do_not_fit", None)
    assert await assignments(matching, plan) == []


async def test_a_wish_names_a_candidate_of_a_vacancy_of_these_regions(matching: Matching) -> None:
    trainer = profile()
    [asked] = await waiting(matching, trainer)
    named = await candidate_id(matching, asked.vacancy_id, trainer.trainer_id)
    wish = {"vacancyId": str(asked.vacancy_id), "candidateId": named}
    unknown = [{**wish, "vacancyId": str(uuid7())}, {**wish, "candidateId": str(trainer.trainer_id)}]
    refused = await post(matching, "/plans", {"regions": ["AM13"], "pins": unknown}, 400)
    assert [each["name"] for each in refused["invalidParams"]] == ["pins.0.vacancyId", "pins.1.candidateId"]
    both = {"regions": ["AM13"], "pins": [wish], "exclusions": [wish]}
    refused = await post(matching, "/plans", both, 400)
    assert [each["code"] for each in refused["invalidParams"]] == ["contradiction"]
    elsewhere = {"regions": ["AM28"], "pins": [wish]}
    refused = await post(matching, "/plans", elsewhere, 400, **PROGRAMME)
    assert [each["name"] for each in refused["invalidParams"]] == ["pins.0.vacancyId"]


async def test_one_trainer_has_another_id_at_each_vacancy_of_a_plan(matching: Matching, here: None) -> None:
    trainer = profile()
    wednesday = TUESDAY.model_copy(update={"day": 3})
    both = profile(availability=[TUESDAY, wednesday], desired_minutes_per_week=420)
    first, second = vacancy(board_id=uuid7()), vacancy(board_id=uuid7(), roster=[wednesday])
    await matching.hear(first, second)
    await matching.hear(trainer, both)
    plan = await planned(matching)
    shown = await assignments(matching, plan)
    assert len({each["candidateId"] for each in shown}) == len(shown) >= 3
    assert str(both.trainer_id) not in json.dumps([plan, shown])
    ordered = [(each["vacancyId"], each["place"]) for each in shown]
    assert ordered == sorted(ordered)
    only = await get(matching, f"/plans/{plan['id']}/assignments?vacancyId={first.vacancy_id}")
    assert {each["vacancyId"] for each in only["items"]} == {str(first.vacancy_id)}


async def test_a_trainer_who_is_erased_leaves_the_plans(matching: Matching, here: None) -> None:
    trainer = profile()
    await waiting(matching, trainer)
    plan = await planned(matching)
    assert len(await assignments(matching, plan)) == 1
    await matching.hear(TrainerAnonymised(trainer_id=trainer.trainer_id))
    assert await assignments(matching, plan) == []


async def test_plans_past_their_term_are_purged_with_all_that_is_theirs(matching: Matching, here: None) -> None:
    await waiting(matching)
    await planned(matching)
    await matching.pass_time(days=91)
    assert await purge(matching) == 0
    await matching.pass_time(days=2)
    assert await purge(matching) == 1
    assert [await matching.count(each) for each in ("plans", "plan_documents", "plan_assignments")] == [0, 0, 0]


async def purge(matching: Matching) -> int:
    async with matching.database.begin(actor="test") as tx:
        return await planning.PURGE(tx)


async def test_a_plan_whose_workers_die_fails_and_nothing_of_it_is_stored(matching: Matching, here: None) -> None:
    id_ = await requested(matching)
    dead = text("UPDATE plan_runs SET deaths = 3, lease = NULL, leased_until = NULL")
    async with matching.database.begin(actor="test") as tx:
        await tx.execute(dead)
    await PlanQueue(matching.database).run_due()
    plan = await get(matching, f"/plans/{id_}")
    assert (plan["status"], plan["reason"]) == ("failed", "worker_died")
    assert [await matching.count(each) for each in ("plan_runs", "plan_documents", "plan_assignments")] == [0, 0, 0]


async def test_a_run_that_a_dead_worker_had_begun_is_computed_by_another(matching: Matching, here: None) -> None:
    id_ = await requested(matching)
    queue = PlanQueue(matching.database)
    [claimed] = await queue.claim(1, alone=False)
    async with matching.database.begin(actor="test") as tx:
        await queue.prepare(tx, claimed.id)
        await tx.execute(text("UPDATE plan_runs SET leased_until = now() - interval '1 second'"))
    assert (await get(matching, f"/plans/{id_}"))["status"] == "running"
    await PlanQueue(matching.database).run_due()
    assert (await get(matching, f"/plans/{id_}"))["status"] == "computed"


async def test_learnt_chances_count_in_a_plan(matching: Matching, here: None) -> None:
    await waiting(matching)
    [before] = await assignments(matching, await planned(matching))
    async with matching.database.begin(actor="test") as tx:
        ended = {"ended_on": tx.today, "region": "AM13", "form": "guest", "within_km": 10, "consented": True}
        await tx.execute(asking_outcomes.insert(), [ended] * 100)
    [after] = await assignments(matching, await planned(matching))
    assert after["chance"] > before["chance"]


async def test_a_trainer_who_had_a_turn_is_not_planned_there(matching: Matching, here: None) -> None:
    trainer = profile()
    [asked] = await waiting(matching, trainer)
    await matching.settle()
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    [standing] = await assignments(matching, await planned(matching))
    assert standing["candidateId"] == await candidate_id(matching, asked.vacancy_id, trainer.trainer_id)
    await post(
        matching,
        f"/proposals/{proposal.id}/_decline",
        {"party": "trainer", "reason": "distance"},
        role="trainer",
        trainer=str(trainer.trainer_id),
    )
    assert (await planned(matching))["result"]["empty"] == "nobody_fits"


async def test_a_plan_of_each_day_is_made_where_policy_wants_it_and_once(matching: Matching, here: None) -> None:
    assert await planning.plan_the_day(matching.database) is None
    await matching.new_policy("matching.plan", daily=True)
    plan = await planning.plan_the_day(matching.database)
    assert plan is not None
    assert (plan.by, plan.regions) == ("matching", ())
    assert await planning.plan_the_day(matching.database) is None
    await PlanQueue(matching.database).run_due()
    assert await planning.plan_the_day(matching.database) is None
    await matching.pass_time(days=1)
    assert await planning.plan_the_day(matching.database) is not None


async def test_a_day_on_which_the_whole_country_is_being_planned_needs_no_plan_of_its_own(matching: Matching) -> None:
    await matching.new_policy("matching.plan", daily=True)
    await post(matching, "/plans", {}, 201, **PROGRAMME)
    assert await planning.plan_the_day(matching.database) is None


async def test_a_search_lasts_no_longer_than_policy_allows(matching: Matching) -> None:
    asked = await post(matching, "/plans", {"regions": ["AM13"], "seconds": 3600}, 201)
    assert asked["seconds"] == 900


async def test_plans_are_found_by_their_status_a_page_at_a_time(matching: Matching, here: None) -> None:
    made = [(await planned(matching))["id"] for _ in range(3)]
    first = await get(matching, "/plans?status=computed&limit=2")
    rest = await get(matching, f"/plans?status=computed&limit=2&cursor={first['nextCursor']}")
    assert [each["id"] for each in (*first["items"], *rest["items"])] == made[::-1]
    assert (await get(matching, "/plans?status=failed"))["items"] == []
