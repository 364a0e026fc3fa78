"""The information sheet over HTTP: to each party its own, and its evidence stays as long as an appeal is possible."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from common.clock import beginning_of, business_day
from common.service.retention import forget_all
from events.words import Form
from matching.proposal.usecases import retention
from tests.integration.matching.appeal.test_matching_appeals import (
    DESK,
    PROGRAMME,
    as_trainer,
    declined,
    get,
    grounds,
    lodge,
)
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import COMPANY, SCHOOL, profile, vacancy


async def test_each_party_reads_its_own_sheet_and_a_stranger_none(matching: Matching) -> None:
    asked = vacancy(forms=[Form.SECONDMENT])
    await matching.hear(profile(company_id=COMPANY, forms=[Form.SECONDMENT]), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    path = f"/proposals/{proposal.id}/information-sheet"
    mine = await get(matching, path, **as_trainer(proposal.trainer_id))
    school = await get(matching, path, org=SCHOOL)
    assert (mine["party"], school["party"]) == ("trainer", "school")
    assert {"DISTANCE", "SUBJECT", "WORKING_TIME_FORM"} <= {each["rule"] for each in mine["reasons"]}
    assert mine["factors"][0]["points"] is not None
    assert (school["reasons"], school["findings"], school["factors"][0]["points"]) == (None, None, None)
    assert school["bands"] == (await get(matching, f"/proposals/{proposal.id}", org=SCHOOL))["bands"]
    for token in (DESK, PROGRAMME):
        assert await get(matching, path, **token) == mine
    await get(matching, path, 404, **as_trainer(UUID(int=7)))
    await get(matching, path, 404, org=UUID(int=7))
    company = await get(matching, path, org=COMPANY, role="company")
    assert (company["party"], company["appeal"]["path"], company["reasons"]) == ("company", None, None)


async def test_the_sheet_is_a_page_as_well(matching: Matching) -> None:
    asked = vacancy()
    await matching.hear(profile(), asked)
    [proposal] = await matching.proposals_for(asked.vacancy_id)
    page = await _page(matching, f"/proposals/{proposal.id}/information-sheet/page", org=SCHOOL)
    assert page.headers["content-type"].startswith("text/html")
    assert '<html lang="nl">' in page.text
    assert str(proposal.trainer_id) not in page.text
    stranger = await _page(matching, f"/proposals/{proposal.id}/information-sheet/page", 404, org=UUID(int=7))
    assert stranger.headers["content-type"] == "application/problem+json"


async def _page(matching: Matching, path: str, status: int = 200, **token: Any) -> Any:
    response = await matching.client.get(path, headers=matching.headers(**token))
    assert response.status_code == status, response.text
    return response


async def test_the_reasons_stay_to_the_end_of_the_last_day_on_which_an_appeal_is_possible(matching: Matching) -> None:
    _, proposal = await declined(matching)
    [ended] = await matching.proposals_for(proposal.vacancy_id)
    assert ended.ended_at is not None
    last = business_day(ended.ended_at) + timedelta(days=28)
    clock = matching.database.clock
    # A quarter of an hour before midnight: the four weeks of the term are over since hours, the last day is not.
    clock.offset += beginning_of(last + timedelta(days=1)) - timedelta(minutes=15) - clock.now()
    await forget_all(matching.database, retention.PURGE)
    me = as_trainer(proposal.trainer_id)
    assert await grounds(matching, proposal)
    sheet = await get(matching, f"/proposals/{proposal.id}/information-sheet", **me)
    assert (sheet["purged"], sheet["appeal"]["lastDay"]) == (False, str(last))
    clock.offset += timedelta(hours=1)
    await lodge(matching, 409, about={"proposalId": proposal.id}, **me)
    await forget_all(matching.database, retention.PURGE)
    assert await grounds(matching, proposal) == {}
    assert (await get(matching, f"/proposals/{proposal.id}/information-sheet", **me))["purged"]
