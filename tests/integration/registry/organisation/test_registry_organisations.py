"""Organisations over HTTP: who may register whom, what others see, and how a change travels."""

from __future__ import annotations

import json

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from registry.identifiers import identity
from tests.integration.registry.registry_cast import COMPANY, CONTACT, desk_of
from tests.integration.registry.registry_site import Site

BOARD = {"kind": "board", "name": "Bestuur Negen", "boardNumber": "00099"}


async def test_a_company_registers_and_its_postcode_says_where_it_is(site: Site) -> None:
    company_id = uuid7()
    company = site.as_(CallerRole.COMPANY, org=[company_id])
    answer = await company.send("PUT", f"/organisations/{company_id}", COMPANY)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    shown = answer.json()
    assert (shown["region"], shown["municipality"], shown["postcode"]) == ("AM01", "Groningen", "9712XX")
    assert shown["contact"] == CONTACT
    assert shown["status"] == "pending"
    again = await company("PUT", f"/organisations/{company_id}", COMPANY)
    assert again["version"] == 1
    (asked,) = await site.registry.told()
    assert asked == ("organisation.applied.v1", json.dumps(json.loads(str(asked[1])), separators=(",", ":")))
    assert json.loads(str(asked[1])) == {"organisationId": str(company_id), "kind": "company", "region": "AM01"}
    await site.registry.forget_what_was_told()
    confirmed = await desk_of(site)("POST", f"/organisations/{company_id}/_confirm")
    assert (confirmed["status"], confirmed["version"]) == ("confirmed", 2)
    (fact, payload), (state, contact) = await site.registry.told()
    assert (fact, state) == ("organisation.registered.v2", "contact.stated.v1")
    assert CONTACT["name"] not in str(payload)
    assert json.loads(str(contact))["email"] == CONTACT["email"]
    assert (await desk_of(site)("POST", f"/organisations/{company_id}/_confirm"))["version"] == 2
    assert len(await site.registry.told()) == 2


async def test_each_role_may_register_its_own_organisations(site: Site) -> None:
    board_id = uuid7()
    school = {
        "kind": "school",
        "name": "De Tandwielen",
        "brin": "90ZX",
        "schoolTypes": ["vo"],
        "boardId": str(board_id),
    }
    await site.as_(CallerRole.SCHOOL, org=[uuid7()])("PUT", f"/organisations/{board_id}", BOARD, status=403)
    await site.as_(CallerRole.SCHOOL, org=[board_id])("PUT", f"/organisations/{board_id}", BOARD)
    await site.as_(CallerRole.PORTAL)("POST", "/organisations", school, status=403)
    registered = await site.as_(CallerRole.SCHOOL, org=[board_id])("POST", "/organisations", school, status=201)
    assert (registered["boardId"], registered["status"]) == (str(board_id), "pending")
    answer = await site.as_(CallerRole.PORTAL).send("POST", "/organisations", COMPANY)
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/organisations/{answer.json()['id']}")
    await site.as_(CallerRole.DESK, regions=["AM28"])(
        "POST", "/organisations", {**COMPANY, "kvk": "00000902"}, status=403
    )
    await site.as_(CallerRole.DESK, regions=["AM01"])(
        "POST", "/organisations", {**COMPANY, "kvk": "00000902"}, status=201
    )
    programme = site.as_(CallerRole.PROGRAMME)
    problem = await programme("POST", "/organisations", {**school, "brin": "90ZY"}, status=422)
    assert problem["type"].endswith("/confirm-parent-first")
    await programme("POST", f"/organisations/{registered['id']}/_confirm", status=422)
    await programme("POST", f"/organisations/{board_id}/_confirm")
    made = await programme("POST", "/organisations", {**school, "brin": "90ZY"}, status=201)
    assert made["status"] == "confirmed"


async def test_every_fault_is_named_at_once_and_no_row_is_left(site: Site) -> None:
    bad = {"kind": "company", "name": "Zomaar", "brin": "90AC", "postcode": "1111 ZZ", "boardId": str(uuid7())}
    problem = await site.as_(CallerRole.PORTAL)("POST", "/organisations", bad, status=400)
    assert {param["name"] for param in problem["invalidParams"]} == {
        "brin",
        "boardId",
        "kvk",
        "lendingStatus",
        "postcode",
    }
    assert await site.registry.told() == []
    wrong = {**COMPANY, "kvk": "123", "name": "Meneer 111222333", "contact": {**CONTACT, "email": "otis"}, "more": 1}
    problem = await site.as_(CallerRole.PORTAL)("POST", "/organisations", wrong, status=400)
    assert {param["name"] for param in problem["invalidParams"]} == {"kvk", "name", "contact.email", "more"}
    reasons = {param["name"]: param["reason"] for param in problem["invalidParams"]}
    assert reasons["kvk"] == "A KvK number is eight digits."
    assert "111222333" not in json.dumps(problem)


async def test_a_number_belongs_to_one_that_is_confirmed_and_a_conflict_names_nobody(site: Site) -> None:
    """Seen red: whoever had the scope was told the id of the company with a public number."""
    first, second = [await site.as_(CallerRole.PORTAL)("POST", "/organisations", COMPANY, status=201) for _ in range(2)]
    desk = desk_of(site)
    await desk("POST", f"/organisations/{first['id']}/_confirm")
    for problem in (
        await desk("POST", f"/organisations/{second['id']}/_confirm", status=409),
        await desk("POST", "/organisations", COMPANY, status=409),
    ):
        assert problem["detail"] == "Another organisation has one of these numbers already."
        assert first["id"] not in json.dumps(problem)
        assert not problem.get("facts")
    for stranger in (site.as_(CallerRole.COMPANY, org=[uuid7()]), site.as_(CallerRole.TRAINER), site.as_()):
        await stranger("POST", "/organisations", COMPANY, status=403)
    assert (await site.as_(CallerRole.PORTAL)("POST", "/organisations", COMPANY, status=201))["status"] == "pending"
    path = f"/organisations/{identity('company', 'x')}"
    problem = await site.as_(CallerRole.PORTAL)("PUT", path, {**COMPANY, "kvk": "00000903"}, status=400)
    assert [param["code"] for param in problem["invalidParams"]] == ["not-a-uuid7"]


async def test_schools_are_open_data_and_who_answers_there_is_not(site: Site) -> None:
    school_id, company_id = identity("school", "90AC"), identity("company", "00000100")
    own, foreign = site.as_(CallerRole.SCHOOL, org=[school_id]), site.as_(CallerRole.COMPANY, org=[uuid7()])
    assert (await own("GET", f"/organisations/{school_id}"))["contact"]["name"] == "Aagje Moersleutel"
    assert (await foreign("GET", f"/organisations/{school_id}"))["contact"] is None
    await foreign("GET", f"/organisations/{company_id}", status=404)
    await foreign("PUT", f"/organisations/{company_id}", COMPANY, status=404)
    kinds = {one["kind"] for one in (await foreign("GET", "/organisations?limit=500"))["items"]}
    assert kinds == {"board", "school", "location"}
    companies = (await site.as_(CallerRole.COMPANY, org=[company_id])("GET", "/organisations?kind=company"))["items"]
    assert [one["id"] for one in companies] == [str(company_id)]
    log = await site.registry.rows(
        "SELECT data_subject_id, data_subject_id_type FROM processing_log ORDER BY start_time"
    )
    assert [row.data_subject_id for row in log] == [str(school_id), str(company_id)]


async def test_found_page_by_page_and_by_code(site: Site) -> None:
    everybody = site.as_(CallerRole.PROGRAMME)
    page = await everybody("GET", "/organisations?kind=location&limit=20")
    found = [one["id"] for one in page["items"]]
    while page["nextCursor"]:
        page = await everybody("GET", f"/organisations?kind=location&limit=20&cursor={page['nextCursor']}")
        found += [one["id"] for one in page["items"]]
    assert (
        len(found)
        == len(set(found))
        == len(await site.registry.rows("SELECT 1 FROM organisations WHERE kind='location'"))
    )
    by_code = await everybody("GET", "/organisations?locationCode=90AC00")
    assert [one["locationCode"] for one in by_code["items"]] == ["90AC00"]


async def test_desks_are_made_by_the_programme(site: Site) -> None:
    """Seen red: a partner registered a desk for any region, and its letters went there too."""
    desk = {"kind": "desk", "name": "Loket Groningen", "postcode": "9712 XX"}
    own = uuid7()
    for caller in (site.as_(CallerRole.PARTNER, org=[own]), site.as_(CallerRole.PORTAL), desk_of(site)):
        await caller("POST", "/organisations", desk, status=403)
        await caller("PUT", f"/organisations/{own}", desk, status=403)
    made = await site.as_(CallerRole.PROGRAMME)("POST", "/organisations", desk, status=201)
    assert made["status"] == "confirmed"


async def test_only_the_desk_of_the_region_and_the_programme_confirm(site: Site) -> None:
    company_id = uuid7()
    company, path = site.as_(CallerRole.COMPANY, org=[company_id]), f"/organisations/{company_id}/_confirm"
    await company("PUT", f"/organisations/{company_id}", COMPANY)
    for role in (
        CallerRole.COMPANY,
        CallerRole.SCHOOL,
        CallerRole.PORTAL,
        CallerRole.PARTNER,
        CallerRole.TRAINER,
        CallerRole.OPERATOR,
    ):
        await site.as_(role, org=[company_id])("POST", path, status=403)
    await desk_of(site, "AM28")("POST", path, status=404)
    await desk_of(site)("POST", f"/organisations/{uuid7()}/_confirm", status=404)
    waiting = (await desk_of(site)("GET", "/organisations?status=pending"))["items"]
    assert [one["id"] for one in waiting] == [str(company_id)]
    assert (await site.as_(CallerRole.PROGRAMME)("POST", path))["status"] == "confirmed"
    assert (await desk_of(site)("GET", "/organisations?status=pending"))["items"] == []


async def test_a_pending_organisation_is_seen_by_its_own_side_and_by_those_who_confirm_it(site: Site) -> None:
    board_id = uuid7()
    board, path = site.as_(CallerRole.SCHOOL, org=[board_id]), f"/organisations/{board_id}"
    await board("PUT", path, BOARD)
    stranger = site.as_(CallerRole.SCHOOL, org=[uuid7()])
    await stranger("GET", path, status=404)
    assert str(board_id) not in json.dumps(await stranger("GET", "/organisations?kind=board&limit=500"))
    assert (await board("GET", path))["status"] == "pending"
    assert (await site.as_(CallerRole.PROGRAMME)("GET", path))["status"] == "pending"
    await site.as_(CallerRole.PROGRAMME)("POST", f"{path}/_confirm")
    assert (await stranger("GET", path))["name"] == BOARD["name"]
