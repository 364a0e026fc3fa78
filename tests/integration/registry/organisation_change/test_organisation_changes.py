"""Changes of an organisation over HTTP: who may make them, and how they travel to what is below it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from registry.identifiers import identity
from tests.integration.registry.registry_cast import COMPANY, CONTACT, desk_of
from tests.integration.registry.registry_site import Site

BOARD = {"kind": "board", "name": "Bestuur Negen", "boardNumber": "00099"}


async def test_a_change_says_which_version_it_means(site: Site) -> None:
    company_id = uuid7()
    company = site.as_(CallerRole.COMPANY, org=[company_id])
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


async def test_a_location_addressed_through_its_school_gets_the_new_contact(site: Site) -> None:
    school_id, location_id = identity("school", "90AC"), identity("location", "90AC00")
    own = site.as_(CallerRole.SCHOOL, org=[school_id])
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
    programme = site.as_(CallerRole.PROGRAMME, CallerRole.SCHOOL, org=[board_id, school_id])
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
    made = await site.as_(CallerRole.SCHOOL, org=[school_id])("POST", "/organisations", location, status=201)
    assert (made["boardId"], made["rioCode"], made["place"]) == (str(board_id), "101X234", "Groningen")
    assert await site.registry.names_told() == ["organisation.applied.v1"], "nobody writes to it yet"
    await desk_of(site)("POST", f"/organisations/{made['id']}/_confirm")
    state = json.loads(str((await site.registry.told())[1][1]))
    assert state["contactName"] == "Aagje Moersleutel"
    wrong = {**location, "schoolId": str(board_id), "locationCode": "90AC08"}
    problem = await site.as_(CallerRole.SCHOOL, org=[board_id])("POST", "/organisations", wrong, status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["schoolId"]


async def test_a_companys_new_contact_is_published_once(site: Site) -> None:
    company_id = uuid7()
    company = site.as_(CallerRole.COMPANY, org=[company_id])
    await company("PUT", f"/organisations/{company_id}", COMPANY)
    await desk_of(site)("POST", f"/organisations/{company_id}/_confirm")
    await site.registry.forget_what_was_told()
    nobody = {name: value for name, value in COMPANY.items() if name != "contact"}
    await company("PUT", f"/organisations/{company_id}", nobody, headers={"If-Match": "*"})
    assert await site.registry.names_told() == ["organisation.changed.v2", "contact.stated.v1"]
    assert await site.as_(CallerRole.PORTAL)("GET", f"/organisations/{uuid7()}", status=404)


async def test_details_checked_at_confirmation_are_changed_by_the_desk(site: Site) -> None:
    company_id = uuid7()
    company, path = site.as_(CallerRole.COMPANY, org=[company_id]), f"/organisations/{company_id}"
    await company("PUT", path, COMPANY)
    await desk_of(site)("POST", f"{path}/_confirm")
    named = {"name": "Voorbeeldcollege"}  # seen red: a company that was confirmed went on in the name of a school
    for change in (named, {"kvk": "00000909"}, {"lendingStatus": "registered"}, {"educationRecognised": True}):
        problem = await company("PUT", path, {**COMPANY, **change}, status=403, headers={"If-Match": "*"})
        assert problem["type"].endswith("/looked-at")
    moved = {**COMPANY, "houseNumber": "3", "contact": {**CONTACT, "name": "Toos Nippel"}}
    assert (await company("PUT", path, moved, headers={"If-Match": "*"}))["contact"]["name"] == "Toos Nippel"
    other = {**moved, "lendingStatus": "registered"}
    assert (await desk_of(site)("PUT", path, other, headers={"If-Match": "*"}))["lendingStatus"] == "registered"


def _body_of(shown: dict[str, Any], **other: Any) -> dict[str, Any]:
    fields = (
        *("kind", "name", "brin", "boardNumber", "locationCode", "rioCode", "boardId", "schoolId", "schoolTypes"),
        *("postcode", "street", "houseNumber", "place", "levels", "denomination", "website"),
    )
    known = {name: shown[name] for name in fields if shown[name] not in (None, [])}
    return {**known, **other}


async def test_no_organisation_moves_under_a_parent_that_the_caller_does_not_act_for(site: Site) -> None:
    """Seen red: a school's own location became one of another school, and signed with that school's contact."""
    location_id, own_school, foreign = (
        identity("location", "90AC00"),
        identity("school", "90AC"),
        await _another_school(site),
    )
    path = f"/organisations/{location_id}"
    callers = {
        "location": site.as_(CallerRole.SCHOOL, org=[location_id]),
        "school": site.as_(CallerRole.SCHOOL, org=[own_school, location_id]),
        "partner": site.as_(CallerRole.PARTNER, org=[own_school, location_id]),
        "wanted only": site.as_(CallerRole.SCHOOL, org=[foreign, location_id]),
    }
    shown = await callers["school"]("GET", path)
    for caller in callers.values():
        await caller("PUT", path, _body_of(shown, schoolId=str(foreign)), status=403, headers={"If-Match": "*"})
    assert (await callers["school"]("GET", path))["schoolId"] == str(own_school)
    assert await site.registry.told() == []
    both = site.as_(CallerRole.PORTAL, org=[own_school, foreign, location_id])
    moved = await both("PUT", path, _body_of(shown, schoolId=str(foreign)), headers={"If-Match": "*"})
    assert moved["schoolId"] == str(foreign)


async def test_a_school_takes_no_board_that_it_does_not_act_for(site: Site) -> None:
    school_id, foreign = identity("school", "90AC"), identity("board", "00001")
    school, path = site.as_(CallerRole.SCHOOL, org=[school_id]), f"/organisations/{school_id}"
    shown = await school("GET", path)
    assert shown["boardId"] != str(foreign)
    for board in (str(foreign), None):
        body = _body_of(shown, boardId=board, contact=shown["contact"])
        await school("PUT", path, body, status=403, headers={"If-Match": "*"})
    new = uuid7()
    beginner = site.as_(CallerRole.SCHOOL, org=[new])
    body = {"kind": "school", "name": "Nieuw", "schoolTypes": ["vo"], "boardId": str(foreign)}
    await beginner("PUT", f"/organisations/{new}", body, status=403)
    below = {"kind": "location", "name": "Nieuw", "schoolTypes": ["vo"], "postcode": "9712 XX"}
    await beginner("PUT", f"/organisations/{new}", {**below, "schoolId": str(school_id)}, status=403)
    assert await site.registry.told() == []


async def _another_school(site: Site) -> UUID:
    rows = await site.registry.rows("SELECT id FROM organisations WHERE kind = 'school' AND brin <> '90AC' LIMIT 1")
    return UUID(str(rows[0].id))
