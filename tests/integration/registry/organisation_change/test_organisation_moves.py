"""A school or location goes on under another parent when all sides agreed, and no stranger can bring that about."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from common.caller import CallerRole
from common.clock import business_day
from common.persistence.transaction import uuid7
from tests.integration.registry.registry_site import Client, Site

MOVES = "/organisation-moves"


@dataclass
class Two:
    """Two boards, each with a school and a location; the other's contact is known."""

    site: Site
    own: dict[str, UUID] = field(default_factory=lambda: {kind: uuid7() for kind in ("board", "school", "location")})
    other: dict[str, UUID] = field(default_factory=lambda: {kind: uuid7() for kind in ("board", "school", "location")})

    async def register(self) -> None:
        """Have the programme enter both."""
        programme = self.site.as_(CallerRole.PROGRAMME)
        for side, number, brin in ((self.own, "00097", "90ZX"), (self.other, "00098", "90ZY")):
            contact = {"name": "Otis Zaagblad", "email": f"{brin}@school.example", "language": "nl"}
            bodies: dict[str, dict[str, Any]] = {
                "board": {"kind": "board", "boardNumber": number, "contact": contact},
                "school": {
                    "kind": "school",
                    "brin": brin,
                    "schoolTypes": ["vo"],
                    "postcode": "9712 XX",
                    "boardId": str(side["board"]),
                },
                "location": {
                    "kind": "location",
                    "locationCode": f"{brin}00",
                    "schoolTypes": ["vo"],
                    "postcode": "9712 XX",
                    "schoolId": str(side["school"]),
                },
            }
            for kind, body in bodies.items():
                await programme("PUT", f"/organisations/{side[kind]}", {"name": f"De {kind}", **body})
        await self.site.registry.forget_what_was_told()

    def of(self, side: dict[str, UUID], kind: str, client: str = "portal") -> Client:
        return self.site.as_(CallerRole.SCHOOL, org=[side[kind]], client=f"{client}-{kind}-{side[kind]}")

    @property
    def location(self) -> Client:
        """Whoever acts for our location alone."""
        return self.of(self.own, "location")

    async def propose(self, who: Client, *, kind: str = "location", to: UUID | None = None, status: int = 200) -> Any:
        parent = to or self.other["school" if kind == "location" else "board"]
        path = f"/organisations/{self.own[kind]}/_propose-move"
        return await who("POST", path, {"parentId": str(parent)}, status=status)

    async def school_of_the_location(self) -> UUID:
        query = "SELECT school_id FROM organisations WHERE id = :id"
        (row,) = await self.site.registry.rows(query, id=self.own["location"])
        return UUID(str(row.school_id))


@pytest.fixture
async def two(site: Site) -> Two:
    made = Two(site)
    await made.register()
    return made


async def told(two: Two) -> list[tuple[str, str]]:
    """To whom which event about the move was told."""
    return [
        (name.removeprefix("organisation.").removesuffix(".v1"), json.loads(str(payload))["recipientId"])
        for name, payload in await two.site.registry.told()
        if ".move-" in name
    ]


async def test_a_location_moves_when_both_schools_have_agreed(two: Two) -> None:
    move = await two.propose(two.location)
    assert (move["status"], move["openSides"], move["agreed"]) == ("proposed", ["present", "wanted"], [])
    path = f"{MOVES}/{move['id']}"
    for side in (two.own, two.other):
        listed = (await two.of(side, "board")("GET", f"{MOVES}?status=proposed"))["items"]
        assert [one["id"] for one in listed] == [move["id"]]
    half = await two.of(two.other, "school")("POST", f"{path}/_accept")
    assert (half["status"], half["openSides"]) == ("proposed", ["present"])
    assert await two.school_of_the_location() == two.own["school"], "nothing changes before all have agreed"
    made = await two.of(two.own, "board")("POST", f"{path}/_accept")
    assert (made["status"], made["openSides"]) == ("made", [])
    assert await two.school_of_the_location() == two.other["school"]
    (row,) = await two.site.registry.rows("SELECT board_id FROM organisations WHERE id = :id", id=two.own["location"])
    assert row.board_id == two.other["board"]
    sides = [str(two.own["location"]), str(two.own["school"]), str(two.other["school"])]
    assert await told(two) == [
        ("move-asked", sides[1]),
        ("move-asked", sides[2]),
        ("move-agreed", sides[0]),
        ("move-agreed", sides[0]),
        *(("move-ended", side) for side in sides),
    ]
    rows = await two.site.registry.rows(
        "SELECT headers->>'ce_parties' AS parties FROM outbox WHERE type LIKE '%move-asked%' ORDER BY position"
    )
    assert [row.parties for row in rows] == [f"organisation={side}" for side in sides[1:]]
    assert (await two.of(two.own, "board")("POST", f"{path}/_accept"))["status"] == "made", "again changes nothing"


async def test_a_school_moves_to_another_board_with_its_locations(two: Two) -> None:
    move = await two.propose(two.of(two.own, "board"), kind="school")
    assert (move["agreed"], move["openSides"]) == (["present"], ["wanted"])
    await two.of(two.other, "board")("POST", f"{MOVES}/{move['id']}/_accept")
    rows = await two.site.registry.rows(
        "SELECT board_id FROM organisations WHERE id IN (:a, :b)", a=two.own["school"], b=two.own["location"]
    )
    assert [row.board_id for row in rows] == [two.other["board"]] * 2


async def test_the_proposer_of_a_move_does_not_answer_for_the_others(two: Two) -> None:
    """Seen red with an answer by whoever sees the move."""
    move = await two.propose(two.location)
    desk = two.site.as_(CallerRole.DESK, regions=["AM01"])
    own_others = two.site.as_(
        CallerRole.SCHOOL, CallerRole.PORTAL, CallerRole.PARTNER, org=[two.own["location"], uuid7()]
    )
    for who in (two.location, own_others, desk, two.site.as_(CallerRole.PROGRAMME)):
        for verb in ("_accept", "_refuse"):
            await who("POST", f"{MOVES}/{move['id']}/{verb}", status=403)
    for stranger in (two.of({"school": uuid7()}, "school"), two.site.as_(CallerRole.DESK, regions=["AM28"])):
        for verb in ("_accept", "_refuse", "_withdraw"):
            await stranger("POST", f"{MOVES}/{move['id']}/{verb}", status=404)
        await stranger("GET", f"{MOVES}/{move['id']}", status=404)
        assert (await stranger("GET", MOVES))["items"] == []
    await two.of(two.other, "school")("POST", f"{MOVES}/{move['id']}/_withdraw", status=403)
    assert await two.school_of_the_location() == two.own["school"]


async def test_no_caller_proposes_a_move_of_a_foreign_organisation(two: Two) -> None:
    for kind in ("board", "school", "location"):
        await two.propose(two.of(two.other, kind), status=404)
    body = {"parentId": str(two.other["school"])}
    await two.location("POST", f"/organisations/{uuid7()}/_propose-move", body, status=404)
    problem = await two.propose(two.location, to=uuid7(), status=400)
    assert [one["name"] for one in problem["invalidParams"]] == ["parentId"]
    await two.propose(two.location, to=two.other["board"], status=400)  # a location belongs to a school
    await two.propose(two.location, to=two.own["school"], status=400)
    problem = await two.propose(two.of(two.own, "board"), kind="board", status=422)
    assert problem["type"].endswith("/cannot-move")
    assert await told(two) == []


async def test_no_letter_goes_to_a_contact_of_the_wanted_parent_before_it_agreed(two: Two) -> None:
    """The contact of a school or board is inherited by what is below it, and by nothing that only asks to be."""
    move = await two.propose(two.location)
    states = [payload for name, payload in await two.site.registry.told() if name == "contact.stated.v1"]
    assert states == []
    await two.of(two.other, "school")("POST", f"{MOVES}/{move['id']}/_accept")
    assert "90ZY@school" not in str(await two.location("GET", f"/organisations/{two.own['location']}"))
    await two.of(two.own, "school")("POST", f"{MOVES}/{move['id']}/_accept")
    (state,) = [payload for name, payload in await two.site.registry.told() if name == "contact.stated.v1"]
    assert json.loads(str(state))["email"] == "90ZY@school.example"


async def test_one_no_is_enough_and_what_is_over_stays_over(two: Two) -> None:
    move = await two.propose(two.location)
    path = f"{MOVES}/{move['id']}"
    await two.of(two.own, "school")("POST", f"{path}/_accept")
    assert (await two.of(two.other, "school")("POST", f"{path}/_refuse"))["status"] == "refused"
    for verb, who in (("_accept", two.of(two.other, "school")), ("_withdraw", two.location)):
        assert (await who("POST", f"{path}/{verb}", status=409))["type"].endswith("/move-is-over")
    again = await two.propose(two.location)
    assert (await two.location("POST", f"{MOVES}/{again['id']}/_withdraw"))["status"] == "withdrawn"
    assert await two.school_of_the_location() == two.own["school"]


async def test_the_desk_answers_for_a_present_parent_that_does_not_but_never_for_the_wanted_one(two: Two) -> None:
    move = await two.propose(two.location)
    path, desk = f"{MOVES}/{move['id']}", two.site.as_(CallerRole.DESK, regions=["AM01"])
    await two.site.registry.pass_time(two.site.registry.now + timedelta(days=15))
    assert (await desk("POST", f"{path}/_accept"))["openSides"] == ["wanted"]
    assert (await desk("POST", f"{path}/_accept"))["status"] == "proposed"
    made = await two.of(two.other, "school")("POST", f"{path}/_accept")
    assert made["status"] == "made"


async def test_a_proposal_that_is_not_answered_falls_away(two: Two) -> None:
    move = await two.propose(two.location)
    await two.of(two.other, "school")("POST", f"{MOVES}/{move['id']}/_accept")
    await two.site.registry.pass_time(two.site.registry.now + timedelta(days=31))
    assert (await two.location("GET", f"{MOVES}/{move['id']}"))["status"] == "expired"
    await two.of(two.own, "school")("POST", f"{MOVES}/{move['id']}/_accept", status=409)
    assert await two.school_of_the_location() == two.own["school"]


async def test_of_two_proposals_at_once_one_is_refused_and_there_are_not_many_in_a_month(two: Two) -> None:
    path, body = f"/organisations/{two.own['location']}/_propose-move", {"parentId": str(two.other["school"])}
    answers = await asyncio.gather(*(two.location.send("POST", path, body) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (move,) = [answer.json() for answer in answers if answer.status_code == 200]
    for _ in range(2):
        await two.location("POST", f"{MOVES}/{move['id']}/_withdraw")
        move = await two.propose(two.location)
    await two.location("POST", f"{MOVES}/{move['id']}/_withdraw")
    problem = await two.propose(two.location, status=409)
    assert problem["type"].endswith("/moves-too-often")


async def test_a_parent_that_closed_or_an_organisation_that_went_elsewhere_makes_no_move(two: Two) -> None:
    programme = two.site.as_(CallerRole.PROGRAMME)
    move = await two.propose(two.of(two.own, "school"))
    closed = {"closedOn": business_day(two.site.registry.now).isoformat()}
    await programme("POST", f"/organisations/{two.other['school']}/_close", closed)
    answer = two.of(two.other, "school")
    assert (await answer("POST", f"{MOVES}/{move['id']}/_accept", status=422))["type"].endswith("/cannot-move")
    await two.propose(two.location, status=422)
    await programme("POST", f"/organisations/{two.other['school']}/_reopen")
    elsewhere, body = uuid7(), {"kind": "school", "name": "Derde", "brin": "90ZW", "schoolTypes": ["vo"]}
    await programme("PUT", f"/organisations/{elsewhere}", {**body, "boardId": str(two.own["board"])})
    location = await programme("GET", f"/organisations/{two.own['location']}")
    same = ("kind", "name", "locationCode", "schoolTypes", "postcode")
    there = {**{name: location[name] for name in same}, "schoolId": str(elsewhere)}
    await programme("PUT", f"/organisations/{two.own['location']}", there, headers={"If-Match": "*"})
    assert (await answer("POST", f"{MOVES}/{move['id']}/_accept", status=409))["type"].endswith("/move-is-outdated")
    assert await two.school_of_the_location() == elsewhere


@pytest.mark.parametrize("side", ["present", "wanted"])
async def test_an_agreement_of_a_parent_under_a_former_board_moves_no_organisation(two: Two, side: str) -> None:
    """Seen red: a board that had given its school away had its word counted afterwards."""
    programme, third = two.site.as_(CallerRole.PROGRAMME), uuid7()
    await programme("PUT", f"/organisations/{third}", {"kind": "board", "name": "Derde bestuur"})
    early, late = (two.own, two.other) if side == "present" else (two.other, two.own)
    move = await two.propose(two.location)
    answer = f"{MOVES}/{move['id']}/_accept"
    await two.of(early, "board")("POST", answer)
    school = await programme("GET", f"/organisations/{early['school']}")
    same = ("kind", "name", "brin", "schoolTypes", "postcode")
    there = {**{name: school[name] for name in same}, "boardId": str(third)}
    await programme("PUT", f"/organisations/{early['school']}", there, headers={"If-Match": "*"})
    problem = await two.of(late, "school")("POST", answer, status=409)
    assert problem["type"].endswith("/move-is-outdated")
    assert await two.school_of_the_location() == two.own["school"]
    await two.location("POST", f"{MOVES}/{move['id']}/_withdraw")


async def test_a_caller_who_acts_for_both_sides_moves_it_at_once(two: Two) -> None:
    both = two.site.as_(CallerRole.SCHOOL, org=[two.own["board"], two.other["board"]])
    assert (await two.propose(both))["status"] == "made"
    assert await two.school_of_the_location() == two.other["school"]
