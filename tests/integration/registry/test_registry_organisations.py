"""Organisations over HTTP: who may register whom, what others see, and how a change travels."""

from __future__ import annotations

import json
from typing import Any

from common.auth import Role
from common.transaction import uuid7
from registry.model.identifiers import identity
from tests.integration.registry.registry_site import Site

CONTACT = {"name": "Otis Zaagblad", "email": "otis@koperdraad.example", "language": "en"}
COMPANY: dict[str, Any] = {
    "kind": "company",
    "name": "Koperdraad Installaties",
    "kvk": "00000901",
    "postcode": "9712 XX",
    "street": "Voorbeeldlaan",
    "houseNumber": "2",
    "lendingStatus": "unknown",
    "contact": CONTACT,
}
BOARD = {"kind": "board", "name": "Bestuur Negen", "boardNumber": "00099"}


async def test_a_company_registers_and_its_postcode_says_where_it_is(site: Site) -> None:
    company_id = uuid7()
    company = site.as_(Role.COMPANY, org=[company_id])
    answer = await company.send("PUT", f"/organisations/{company_id}", COMPANY)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    shown = answer.json()
    assert (shown["region"], shown["municipality"], shown["postcode"]) == ("AM01", "Groningen", "9712XX")
    assert shown["contact"] == CONTACT
    (fact, payload), (state, contact) = await site.registry.told()
    assert (fact, state) == ("organisation.registered.v1", "contact.stated.v1")
    assert CONTACT["name"] not in str(payload)
    assert json.loads(str(contact))["email"] == CONTACT["email"]
    again = await company("PUT", f"/organisations/{company_id}", COMPANY)
    assert again["version"] == 1
    assert len(await site.registry.told()) == 2


async def test_a_change_says_which_version_it_means(site: Site) -> None:
    company_id = uuid7()
    company = site.as_(Role.COMPANY, org=[company_id])
    await company("PUT", f"/organisations/{company_id}", COMPANY)
    other = {**COMPANY, "lendingStatus": "registered"}
    path = f"/organisations/{company_id}"
    assert (await company("PUT", path, other, status=428))["type"].endswith("/version-required")
    await company("PUT", path, other, status=412, headers={"If-Match": '"7"'})
    assert (await company("GET", path))["lendingStatus"] == "unknown", "what was refused left nothing behind"
    assert (await company("PUT", path, other, headers={"If-Match": '"1"'}))["version"] == 2
    assert (await company("PUT", path, COMPANY, headers={"If-Match": "*"}))["version"] == 3
    problem = await company("PUT", path, {**BOARD}, status=422, headers={"If-Match": "*"})
    assert problem["detail"] == "An organisation stays a company."


async def test_who_may_register_whom(site: Site) -> None:
    board_id = uuid7()
    school = {
        "kind": "school",
        "name": "De Tandwielen",
        "brin": "90ZX",
        "schoolTypes": ["vo"],
        "boardId": str(board_id),
    }
    await site.as_(Role.SCHOOL, org=[uuid7()])("PUT", f"/organisations/{board_id}", BOARD, status=403)
    await site.as_(Role.SCHOOL, org=[board_id])("PUT", f"/organisations/{board_id}", BOARD)
    await site.as_(Role.PORTAL)("POST", "/organisations", school, status=403)
    registered = await site.as_(Role.SCHOOL, org=[board_id])("POST", "/organisations", school, status=201)
    assert registered["boardId"] == str(board_id)
    answer = await site.as_(Role.PORTAL).send("POST", "/organisations", COMPANY)
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/organisations/{answer.json()['id']}")
    await site.as_(Role.DESK, regions=["AM28"])("POST", "/organisations", {**COMPANY, "kvk": "00000902"}, status=403)
    await site.as_(Role.DESK, regions=["AM01"])("POST", "/organisations", {**COMPANY, "kvk": "00000902"}, status=201)
    await site.as_(Role.PROGRAMME)("POST", "/organisations", {**school, "brin": "90ZY"}, status=201)


async def test_every_fault_is_told_at_once_and_nothing_is_left(site: Site) -> None:
    bad = {"kind": "company", "name": "Zomaar", "brin": "90AC", "postcode": "1111 ZZ", "boardId": str(uuid7())}
    problem = await site.as_(Role.PORTAL)("POST", "/organisations", bad, status=400)
    assert {param["name"] for param in problem["invalidParams"]} == {
        "brin",
        "boardId",
        "kvk",
        "lendingStatus",
        "postcode",
    }
    assert await site.registry.told() == []
    wrong = {**COMPANY, "kvk": "123", "name": "Meneer 111222333", "contact": {**CONTACT, "email": "otis"}, "more": 1}
    problem = await site.as_(Role.PORTAL)("POST", "/organisations", wrong, status=400)
    assert {param["name"] for param in problem["invalidParams"]} == {"kvk", "name", "contact.email", "more"}
    reasons = {param["name"]: param["reason"] for param in problem["invalidParams"]}
    assert reasons["kvk"] == "A KvK number is eight digits."
    assert "111222333" not in json.dumps(problem)


async def test_a_number_belongs_to_one(site: Site) -> None:
    first = await site.as_(Role.PORTAL)("POST", "/organisations", COMPANY, status=201)
    problem = await site.as_(Role.PORTAL)("POST", "/organisations", COMPANY, status=409)
    assert problem["facts"] == {"id": first["id"]}
    path = f"/organisations/{identity('company', 'x')}"
    problem = await site.as_(Role.PORTAL)("PUT", path, {**COMPANY, "kvk": "00000903"}, status=400)
    assert [param["code"] for param in problem["invalidParams"]] == ["not-a-uuid7"]


async def test_schools_are_open_data_and_who_answers_there_is_not(site: Site) -> None:
    school_id, company_id = identity("school", "90AC"), identity("company", "00000100")
    own, foreign = site.as_(Role.SCHOOL, org=[school_id]), site.as_(Role.COMPANY, org=[uuid7()])
    assert (await own("GET", f"/organisations/{school_id}"))["contact"]["name"] == "Aagje Moersleutel"
    assert (await foreign("GET", f"/organisations/{school_id}"))["contact"] is None
    await foreign("GET", f"/organisations/{company_id}", status=404)
    await foreign("PUT", f"/organisations/{company_id}", COMPANY, status=404)
    kinds = {one["kind"] for one in (await foreign("GET", "/organisations?limit=500"))["items"]}
    assert kinds == {"board", "school", "location"}
    companies = (await site.as_(Role.COMPANY, org=[company_id])("GET", "/organisations?kind=company"))["items"]
    assert [one["id"] for one in companies] == [str(company_id)]
    log = await site.registry.rows(
        "SELECT data_subject_id, data_subject_id_type FROM processing_log ORDER BY start_time"
    )
    assert [row.data_subject_id for row in log] == [str(school_id), str(company_id)]


async def test_found_page_by_page_and_by_code(site: Site) -> None:
    everybody = site.as_(Role.PROGRAMME)
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


async def test_who_is_addressed_through_a_school_hears_of_its_new_contact(site: Site) -> None:
    school_id, location_id = identity("school", "90AC"), identity("location", "90AC00")
    own = site.as_(Role.SCHOOL, org=[school_id])
    known = await own("GET", f"/organisations/{school_id}")
    fields = ("kind", "name", "brin", "boardId", "place", "schoolTypes")
    body = {**{name: known[name] for name in fields}, "contact": CONTACT}
    await own("PUT", f"/organisations/{school_id}", body, headers={"If-Match": f'"{known["version"]}"'})
    states = {
        json.loads(str(payload))["partyId"]: json.loads(str(payload))["email"]
        for name, payload in await site.registry.told()
        if name == "contact.stated.v1"
    }
    assert states == {str(school_id): CONTACT["email"], str(location_id): CONTACT["email"]}


async def test_a_school_takes_its_locations_to_another_board(site: Site) -> None:
    school_id, board_id = identity("school", "90AC"), uuid7()
    programme = site.as_(Role.PROGRAMME, Role.SCHOOL, org=[board_id, school_id])
    await programme("PUT", f"/organisations/{board_id}", BOARD)
    known = await programme("GET", f"/organisations/{school_id}")
    fields = ("kind", "name", "brin", "place", "schoolTypes", "contact")
    body = {**{name: known[name] for name in fields}, "boardId": str(board_id)}
    await programme("PUT", f"/organisations/{school_id}", body, headers={"If-Match": "*"})
    rows = await site.registry.rows("SELECT board_id FROM organisations WHERE school_id = :id", id=school_id)
    assert {row.board_id for row in rows} == {board_id}


async def test_a_location_belongs_to_its_school_s_board_whatever_is_said(site: Site) -> None:
    school_id, board_id = identity("school", "90AC"), identity("board", "00005")
    location = {
        "kind": "location",
        "name": "Bijgebouw",
        "locationCode": "90AC09",
        "rioCode": "101x234",
        "schoolId": str(school_id),
        "boardId": str(identity("board", "00001")),
        "postcode": "9712 XX",
        "schoolTypes": ["po"],
        "levels": ["primary"],
    }
    made = await site.as_(Role.SCHOOL, org=[school_id])("POST", "/organisations", location, status=201)
    assert (made["boardId"], made["rioCode"], made["place"]) == (str(board_id), "101X234", "Groningen")
    state = json.loads(str((await site.registry.told())[1][1]))
    assert state["contactName"] == "Aagje Moersleutel"
    wrong = {**location, "schoolId": str(board_id), "locationCode": "90AC08"}
    problem = await site.as_(Role.SCHOOL, org=[board_id])("POST", "/organisations", wrong, status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["schoolId"]


async def test_a_company_s_new_contact_is_told_once(site: Site) -> None:
    company_id = uuid7()
    company = site.as_(Role.COMPANY, org=[company_id])
    await company("PUT", f"/organisations/{company_id}", COMPANY)
    await site.registry.forget_what_was_told()
    nobody = {name: value for name, value in COMPANY.items() if name != "contact"}
    await company("PUT", f"/organisations/{company_id}", nobody, headers={"If-Match": "*"})
    assert await site.registry.names_told() == ["organisation.changed.v1", "contact.stated.v1"]
    assert await site.as_(Role.PORTAL)("GET", f"/organisations/{uuid7()}", status=404)
