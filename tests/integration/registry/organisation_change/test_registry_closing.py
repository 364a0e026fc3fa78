"""Schools and locations that close or go up in another one by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from common.caller import CallerRole
from registry.identifiers import identity
from tests.integration.registry.registry_cast import LOCATION_ID, SCHOOL_ID, Asked
from tests.integration.registry.registry_site import Client, Site

OTHER_SCHOOL = identity("school", "90BH")


@pytest.fixture
def programme(site: Site) -> Client:
    return site.as_(CallerRole.PROGRAMME)


def in_days(asked: Asked, days: int) -> str:
    return (asked.today + timedelta(days=days)).isoformat()


async def close(client: Client, id_: UUID, on: str, successor: UUID | None = None, status: int = 200) -> Any:
    body = {"closedOn": on, "successorId": str(successor) if successor else None}
    return await client("POST", f"/organisations/{id_}/_close", body, status=status)


async def test_no_vacancy_begins_at_a_location_from_the_day_on_which_it_closes(asked: Asked, programme: Client) -> None:
    late, soon = await asked.post(), await asked.post(startsOn=in_days(asked, 5))
    draft = await asked.school("POST", "/vacancies", asked.body(publish=False), status=201)
    closed = await close(programme, LOCATION_ID, in_days(asked, 20))
    assert closed["closedOn"] == in_days(asked, 20)
    states = {row.id: row.status for row in await asked.site.registry.rows("SELECT id, status FROM vacancies")}
    assert states == {UUID(late["id"]): "withdrawn", UUID(soon["id"]): "open", UUID(draft["id"]): "withdrawn"}
    assert (await asked.site.registry.names_told()).count("organisation.closed.v1") == 1
    problem = await asked.school("POST", "/vacancies", asked.body(), status=400)
    assert [(one["name"], one["code"]) for one in problem["invalidParams"]] == [("startsOn", "closed")]
    await asked.post(startsOn=in_days(asked, 19))


async def test_a_school_that_closes_closes_its_locations_for_what_is_new(asked: Asked, programme: Client) -> None:
    await close(programme, SCHOOL_ID, in_days(asked, 20))
    await asked.school("POST", "/vacancies", asked.body(), status=400)


async def test_a_draft_is_not_published_at_a_location_that_has_closed_by_then(asked: Asked) -> None:
    draft = await asked.school("POST", "/vacancies", asked.body(publish=False), status=201)
    await asked.site.registry.rows(
        "UPDATE organisations SET closed_on = :day WHERE id = :id RETURNING id", day=asked.today, id=LOCATION_ID
    )
    problem = await asked.school("POST", f"/vacancies/{draft['id']}/_publish", status=422)
    assert problem["type"].endswith("location-closes")


async def test_a_school_goes_up_in_another_one_which_is_found_under_its_brin(
    asked: Asked, programme: Client, site: Site
) -> None:
    vacancy = await asked.post()
    await close(programme, SCHOOL_ID, in_days(asked, 100), OTHER_SCHOOL)
    other = await programme("GET", f"/organisations/{OTHER_SCHOOL}")
    assert "90AC" in other["aliases"]
    location = await programme("GET", f"/organisations/{LOCATION_ID}")
    assert (location["schoolId"], location["boardId"]) == (str(OTHER_SCHOOL), other["boardId"])
    moved = await site.as_(CallerRole.SCHOOL, org=[OTHER_SCHOOL])("GET", f"/vacancies/{vacancy['id']}")
    assert (moved["status"], moved["schoolId"]) == ("open", str(OTHER_SCHOOL))


async def test_a_closing_can_be_taken_back(asked: Asked, programme: Client) -> None:
    await close(programme, LOCATION_ID, in_days(asked, 20))
    for _ in range(2):
        opened = await programme("POST", f"/organisations/{LOCATION_ID}/_reopen")
        assert opened["closedOn"] is None
    await asked.post()


async def test_only_those_who_keep_the_list_close_an_organisation(asked: Asked, site: Site, programme: Client) -> None:
    day = in_days(asked, 20)
    await close(asked.school, LOCATION_ID, day, status=403)
    await close(site.as_(CallerRole.DESK, regions=["AM05"]), LOCATION_ID, day, status=404)
    await close(programme, LOCATION_ID, day, identity("school", "99ZZ"), status=400)
    problem = await close(programme, LOCATION_ID, day, OTHER_SCHOOL, status=422)
    assert problem["type"].endswith("cannot-succeed")
    await close(programme, SCHOOL_ID, day, SCHOOL_ID, status=422)


async def test_no_location_merges_into_a_school_that_is_not_confirmed(
    asked: Asked, site: Site, programme: Client
) -> None:
    """Seen red: the locations went below a school that had registered itself."""
    claims = {"kind": "school", "name": "Zelf Verzonnen", "schoolTypes": ["po"], "postcode": "9712 XX"}
    pending = await site.as_(CallerRole.PORTAL)("POST", "/organisations", claims, status=201)
    assert pending["status"] == "pending"
    problem = await close(programme, SCHOOL_ID, in_days(asked, 20), UUID(pending["id"]), status=422)
    assert problem["type"].endswith("/cannot-succeed")
    assert (await programme("GET", f"/organisations/{LOCATION_ID}"))["schoolId"] == str(SCHOOL_ID)
