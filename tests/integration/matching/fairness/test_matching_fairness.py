"""How people fare is counted where matching asks and they answer: of nobody, gathered, purged, shown to staff only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from common.service.retention import forget_all
from events.registry import ProfileState, TrainerAnonymised
from matching.fairness import usecases
from matching.fairness.tables import fairness_counts
from tests.integration.matching.appeal.test_matching_appeals import DESK, PROGRAMME, as_trainer, get, lodge, post
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import SCHOOL, profile, vacancy

STAGES: Final = ("fits", "asked", "trainer_consents", "school_consents", "placed")
Key = tuple[str, str, str]


async def counts(matching: Matching) -> dict[Key, int]:
    """How often each class came to each stage, all rows together."""
    columns = fairness_counts.c
    query = select(columns.dimension, columns["class"].label("code"), columns.stage, columns.number)
    found: dict[Key, int] = {}
    async with matching.database.begin(actor="test") as tx:
        for row in await tx.execute(query):
            key = (row.dimension, row.code, row.stage)
            found[key] = found.get(key, 0) + row.number
    return found


def crowd(size: int, **other: Any) -> list[ProfileState]:
    return [profile(company_id=None, company_minutes_per_week=0, company_days=[], **other) for _ in range(size)]


async def consent(matching: Matching, proposal: Any, party: str, **token: Any) -> None:
    path = f"/proposals/{proposal.id}/consents/{party}"
    response = await matching.client.put(path, headers=matching.headers(write=True, **token))
    assert response.status_code == 200, response.text


async def test_each_step_of_a_person_whom_matching_asks_is_counted_and_nobody_is_stored(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(*crowd(6, travel_km=10), asked)
    proposals = await matching.proposals_for(asked.vacancy_id)
    first = proposals[0]
    await consent(matching, first, "trainer", **as_trainer(first.trainer_id))
    await consent(matching, first, "trainer", **as_trainer(first.trainer_id))
    await consent(matching, first, "school", org=SCHOOL)
    found = await counts(matching)
    of_limit = [found.get(("distance_limit", "0-15", stage)) for stage in STAGES]
    assert of_limit == [6, len(proposals), 1, 1, 1]
    assert [found.get(("school_type", asked.school_type, stage)) for stage in STAGES] == of_limit
    assert [found.get(("region", "AM13", stage)) for stage in STAGES] == of_limit
    async with matching.database.begin(actor="test") as tx:
        rows = str((await tx.execute(select(fairness_counts))).all())
    assert not any(str(each.trainer_id) in rows or str(each.id) in rows for each in proposals)
    assert str(asked.vacancy_id) not in rows


async def test_a_choice_by_hand_is_not_counted(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(*crowd(2), asked)
    [by_matching] = await matching.proposals_for(asked.vacancy_id)
    before = await counts(matching)
    path, statuses = f"/vacancies/{asked.vacancy_id}", set[int]()
    for each in (await get(matching, f"{path}/ranking", **DESK))["items"]:
        body, headers = {"candidateId": each["candidateId"]}, matching.headers(write=True, **DESK)
        statuses.add((await matching.client.post(f"{path}/proposals", headers=headers, json=body)).status_code)
    assert statuses == {201, 409}, "one is asked already"
    [chosen] = [each for each in await matching.proposals_for(asked.vacancy_id) if each.id != by_matching.id]
    assert chosen.grounds.occasion is not None
    assert (chosen.by, chosen.grounds.occasion.kind, chosen.grounds.occasion.asked) == ("desk", "choice", 1)
    assert await counts(matching) == before


async def test_the_occasion_is_read_by_those_who_decide_on_an_appeal_and_by_no_party(matching: Matching) -> None:
    await matching.new_policy("matching.asking", mostPerPlace=3)
    asked = vacancy()
    await matching.hear(*crowd(5), asked)
    proposals = await matching.proposals_for(asked.vacancy_id)
    path = f"/proposals/{proposals[0].id}"
    occasion = (await get(matching, path, **DESK))["grounds"]["occasion"]
    assert (occasion["kind"], occasion["free"], occasion["asked"]) == ("search", 1, 0)
    assert occasion["together"] == len(proposals) > 1
    assert 0 < occasion["chance"] < 1
    assert (await get(matching, path, **as_trainer(proposals[0].trainer_id)))["grounds"]["occasion"] is None
    assert (await get(matching, path, org=SCHOOL))["grounds"] is None
    answer = {"party": "school", "reason": "other_choice"}
    await post(matching, f"{path}/_decline", answer, org=SCHOOL)
    await lodge(matching, about={"proposalId": proposals[0].id}, **as_trainer(proposals[0].trainer_id))
    assert (await get(matching, path, **DESK))["grounds"]["occasion"] == occasion
    await matching.hear(TrainerAnonymised(trainer_id=proposals[0].trainer_id))
    assert (await get(matching, path, **PROGRAMME))["grounds"]["occasion"] is None


async def test_a_trainer_who_comes_later_is_asked_from_the_waiting_list(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(asked)
    await matching.settle()
    await matching.hear(*crowd(1))
    await matching.settle()
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    assert proposal.grounds.occasion is not None
    assert proposal.grounds.occasion.kind == "waiting_list"
    sheet = f"/proposals/{proposal.id}/information-sheet"
    mine = await get(matching, sheet, **as_trainer(proposal.trainer_id))
    assert mine["asked"]["textNl"].startswith("De vacature wachtte")
    school = await get(matching, sheet, org=SCHOOL)
    assert school["asked"]["textNl"].startswith("Ons systeem heeft de hto'ers vergeleken")


async def test_the_figures_are_for_the_programme_and_the_desk_of_the_region(matching: Matching) -> None:
    await matching.hear(*crowd(14, travel_km=10))
    for _ in range(4):
        await matching.hear(vacancy())
    seen = await get(matching, "/fairness", **PROGRAMME)
    by_class = {(each["dimension"], each["code"]): each for each in seen["classes"]}
    limit = by_class["distance_limit", "0-15"]
    assert limit["proxy"]
    assert not by_class["region", "AM13"]["proxy"]
    assert limit["fits"] % 5 == 0
    assert limit["fits"] > 0
    assert by_class["company_size", "none"]["fits"] == limit["fits"]
    assert (await get(matching, "/fairness", **DESK))["classes"] == seen["classes"]
    assert (await get(matching, "/fairness", role="desk", regions=["AM01"]))["classes"] == []
    await get(matching, "/fairness", 403, org=SCHOOL)
    await get(matching, "/fairness", 403, **as_trainer(SCHOOL))


async def test_many_vacancies_of_few_people_show_nothing(matching: Matching) -> None:
    await matching.hear(*crowd(2))
    for _ in range(6):
        await matching.hear(vacancy())
    seen = await get(matching, "/fairness", **PROGRAMME)
    assert seen["classes"]
    assert {each["fits"] for each in seen["classes"]} == {None}


async def test_counts_are_gathered_without_a_change_and_go_with_their_term(matching: Matching) -> None:
    await matching.hear(*crowd(8))
    for _ in range(3):
        await matching.hear(vacancy())
    before, rows = await counts(matching), await matching.count("fairness_counts")
    seen = await get(matching, "/fairness", **PROGRAMME)
    await forget_all(matching.database, usecases.PURGE)
    assert await counts(matching) == before
    assert await matching.count("fairness_counts") == len(before) < rows
    assert await get(matching, "/fairness", **PROGRAMME) == seen
    matching.database.clock.offset += timedelta(days=731 + 31)
    await forget_all(matching.database, usecases.PURGE)
    assert await matching.count("fairness_counts") == 0
    await matching.new_policy("retention.fairness", forEver=True)
    await forget_all(matching.database, usecases.PURGE)
