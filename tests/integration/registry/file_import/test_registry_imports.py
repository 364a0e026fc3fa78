"""Imports over HTTP: dry run, for good, and once more."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from registry.file_import import routes
from registry.file_import.model.problems import MAX_PROBLEMS
from tests.integration.registry.registry_site import Client, Registry, Site, site_of
from tests.support.data import real_file

HEADER = "brin,vestigingscode,naam,straat,huisnummer,postcode,plaats,sector,bevoegd gezag nummer\n"
ONE = "99AA,99AA00,Het Anker,Kade,1,9712 XX,Groningen,vo,40001\n"
TWO = "99AB,99AB00,De Sluis,Kade,2,8911 XX,Leeuwarden,vo,40001\n"
REPEAT = "99AA,99AA00,Het Anker,Kade,1,9712 XX,Groningen,vo,40001\n"
UNKNOWN_PLACE = "99AC,99AC00,De Vloot,Kade,3,1111 XX,Nergens,vo,40001\n"
BAD = "99,99AD00,De Boeg,Kade,4,9712 XX,Groningen,vo,40001\n"
POSTCODES = "pc4,plaats,gemeente,provincie,lat,lon,cbs_am_code\n"
PLACED = (("9798", "AM01"), ("9799", "AM99"))


@pytest.fixture
async def empty(bare: Registry) -> AsyncIterator[Site]:
    async with site_of(bare) as found:
        yield found


@pytest.fixture
def programme(empty: Site) -> Client:
    return empty.as_(CallerRole.PROGRAMME)


def file(*lines: str) -> bytes:
    return "".join((HEADER, *lines)).encode()


async def test_a_dry_run_reports_every_change_and_makes_none(programme: Client, bare: Registry) -> None:
    content = file(ONE, TWO, REPEAT, UNKNOWN_PLACE, BAD)
    report = await programme("POST", "/imports/schools?dryRun=true", content)
    assert (report["applied"], report["rows"], report["usable"], report["encoding"]) == (False, 5, 3, "utf-8")
    assert report["counts"]["location"] == {"added": 2, "changed": 0, "unchanged": 0}
    assert [(one["kind"], one["code"]) for one in report["additions"]] == [
        ("board", "40001"),
        ("school", "99AA"),
        ("school", "99AB"),
        ("location", "99AA00"),
        ("location", "99AB00"),
    ]
    assert report["repeats"] == [{"line": 4, "firstLine": 2, "code": "99AA00", "differs": []}]
    assert [(one["line"], one["field"]) for one in report["problems"]] == [(5, "postcode"), (6, "brin")]
    assert await bare.told() == []
    assert await bare.rows("SELECT 1 FROM organisations") == []


async def test_for_good_the_usable_rows_come_in_and_the_second_time_nothing_changes(
    programme: Client, bare: Registry
) -> None:
    content = file(ONE, TWO, BAD)
    assert (await programme("POST", "/imports/schools", content))["applied"]
    told = Counter(await bare.names_told())
    assert told == {"organisation.registered.v2": 5, "contact.stated.v1": 5}
    again = await programme("POST", "/imports/schools", content)
    assert (again["additions"], again["changes"]) == ([], [])
    assert again["counts"]["location"]["unchanged"] == 2
    assert await bare.told() == []


async def test_a_pending_school_keeps_no_number_from_an_import(bare: Registry, programme: Client, empty: Site) -> None:
    """Seen red: whoever registered a BRIN first had it, and the import took that row for the school."""
    own = uuid7()
    squatter = empty.as_(CallerRole.PARTNER, org=[own])
    body = {"kind": "school", "name": "Niet de school", "brin": "99AA", "schoolTypes": ["vo"]}
    await squatter("PUT", f"/organisations/{own}", body)
    report = await programme("POST", "/imports/schools", file(ONE, TWO))
    assert (report["counts"]["school"]["added"], report["pending"]) == (2, ["99AA"])
    rows = await bare.rows("SELECT id, status, name FROM organisations WHERE brin = '99AA' ORDER BY status")
    assert [row.status for row in rows] == ["confirmed", "pending"]
    assert (rows[1].id, rows[1].name) == (own, body["name"])
    problem = await empty.as_(CallerRole.PROGRAMME)("POST", f"/organisations/{own}/_confirm", status=409)
    assert problem["type"].endswith("/code-taken")
    assert (await programme("POST", "/imports/schools", file(ONE, TWO)))["pending"] == ["99AA"]


async def test_all_or_nothing_names_every_line_and_leaves_nothing(programme: Client, bare: Registry) -> None:
    problem = await programme("POST", "/imports/schools?skipBadRows=false", file(ONE, UNKNOWN_PLACE, BAD), status=400)
    names = {param["name"] for param in problem["invalidParams"]}
    assert {"lines[3].postcode", "lines[4].brin"} <= names
    assert await bare.rows("SELECT 1 FROM organisations") == []


async def test_a_file_that_is_no_list_is_refused_whole(programme: Client, bare: Registry) -> None:
    problem = await programme("POST", "/imports/schools", b"name;age\nx;1\n", status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["file"]
    report = await programme("POST", "/imports/schools?dryRun=true", b"\xff\xfe\x00x")
    assert [one["line"] for one in report["problems"]] == [None]
    assert await bare.told() == []


async def test_the_problems_of_a_report_are_in_the_language_that_the_caller_prefers(programme: Client) -> None:
    report = await programme("POST", "/imports/schools?dryRun=true", file(ONE, BAD), headers={"Accept-Language": "nl"})
    assert {(one["line"], one["code"], one["reason"]) for one in report["problems"]} == {
        (3, "not-a-brin", "Een BRIN heeft twee cijfers en twee letters, zoals 01AB.")
    }


@pytest.mark.parametrize("query", ["?dryRun=true", ""])
async def test_a_file_full_of_problems_gets_a_short_answer(programme: Client, bare: Registry, query: str) -> None:
    content = file(*([BAD] * 15_000))
    answer = await programme("POST", f"/imports/schools{query}", content, status=200 if "dry" in query else 400)
    problems = answer["problems"] if "dry" in query else answer["invalidParams"]
    assert len(content) > 700_000
    assert len(json.dumps(answer)) < 60_000
    assert len(problems) == MAX_PROBLEMS + 1
    if "dry" in query:
        assert answer["problemCount"] > 15_000
        assert answer["problems"][0]["code"] == "no-usable-row"
    assert await bare.told() == []


async def test_lists_of_a_report_are_cut_off_and_counted(programme: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MOST", 2)
    report = await programme("POST", "/imports/schools?dryRun=true", file(ONE, TWO, *([REPEAT] * 3)))
    assert (len(report["additions"]), len(report["repeats"]), report["repeatCount"]) == (2, 2, 3)
    assert report["counts"]["location"]["added"] == 2


async def test_a_school_that_is_gone_from_a_file_is_reported(programme: Client) -> None:
    await programme("POST", "/imports/schools", file(ONE, TWO))
    report = await programme("POST", "/imports/schools?dryRun=true", file(ONE, "x\n"))
    assert (report["absent"], report["absentCount"], report["nameless"]) == (["99AB"], 1, 1)


async def test_a_change_is_published_and_reaches_the_locations(programme: Client, bare: Registry) -> None:
    await programme("POST", "/imports/schools", file(ONE))
    await bare.forget_what_was_told()
    other = ONE.replace("40001", "40002").replace("Kade,1", "Kade,9")
    report = await programme("POST", "/imports/schools", file(other))
    assert {(one["code"], *one["fields"]) for one in report["changes"]} == {
        ("99AA", "board"),
        ("99AA00", "house_number"),
    }
    assert Counter(await bare.names_told()) == {
        "organisation.registered.v2": 1,
        "organisation.changed.v2": 2,
        "contact.stated.v1": 3,
    }
    rows = await bare.rows(
        "SELECT DISTINCT b.board_number FROM organisations o JOIN organisations b ON b.id = o.board_id"
    )
    assert [row.board_number for row in rows] == ["40002"]


async def test_institutions_have_no_locations(programme: Client, bare: Registry) -> None:
    content = "brin;naam;plaats\n99BA;Techniek Café Noord;Groningen\n".encode("cp1252")
    report = await programme("POST", "/imports/institutions", content)
    assert (report["encoding"], report["counts"]) == (
        "windows-1252",
        {"school": {"added": 1, "changed": 0, "unchanged": 0}},
    )
    rows = await bare.rows("SELECT name, place, school_types FROM organisations")
    assert [tuple(row) for row in rows] == [("Techniek Café Noord", "Groningen", ["mbo"])]


async def test_an_organisation_in_an_area_with_a_new_region_moves_with_it(site: Site) -> None:
    programme, registry = site.as_(CallerRole.PROGRAMME), site.registry
    before = await registry.rows("SELECT id FROM trainers WHERE place->>'postcode_area' = '9711' OR region = 'AM01'")
    town = (await registry.rows("SELECT * FROM postcode_areas WHERE region = 'AM01' AND place = 'Groningen'"))[0]
    line = f"{town.pc4},Groningen,Groot Groningen,Groningen,53.25,6.60,AM02\n"
    dry = await programme("POST", "/imports/postcodes?dryRun=true", (POSTCODES + line).encode())
    assert [one["fields"] for one in dry["changes"]] == [["municipality", "latitude", "longitude", "region"]]
    assert await registry.told() == []
    await programme("POST", "/imports/postcodes", (POSTCODES + line).encode())
    told = Counter(await registry.names_told())
    moved = await registry.rows(
        "SELECT 1 FROM trainers WHERE place->>'postcode_area' = :pc4 AND region = 'AM02'", pc4=town.pc4
    )
    there = await registry.rows(
        "SELECT 1 FROM organisations WHERE left(postcode, 4) = :pc4 AND region = 'AM02'", pc4=town.pc4
    )
    assert before
    assert moved
    assert there
    assert told == {
        "organisation.changed.v2": len(there),
        "trainer.details-changed.v1": len(moved),
        "profile.stated.v3": len(moved),
    }


async def test_a_region_that_there_is_not_is_a_problem_of_its_line_dry_or_not(site: Site) -> None:
    """Seen red: of the right form it was usable, dry and for good, and what moved there had no desk."""
    programme = site.as_(CallerRole.PROGRAMME)
    lines = "".join(f"{pc4},Groningen,Groningen,Groningen,53.25,6.60,{code}\n" for pc4, code in PLACED)
    for dry in ("true", "false"):
        report = await programme("POST", f"/imports/postcodes?dryRun={dry}", (POSTCODES + lines).encode())
        assert (report["rows"], report["usable"], report["problemCount"]) == (2, 1, 1)
        (problem,) = report["problems"]
        assert (problem["line"], problem["field"], problem["code"]) == (3, "cbs_am_code", "unknown-region")
        assert "AM99" in problem["reason"]
    assert await site.registry.rows("SELECT 1 FROM postcode_areas WHERE region = 'AM99'") == []


async def test_an_import_takes_its_own_scope_and_a_file(programme: Client, empty: Site) -> None:
    await empty.as_(CallerRole.PROGRAMME, scopes=["imports:read"])("POST", "/imports/schools", file(ONE), status=403)
    await programme("POST", "/imports/schools", {"not": "a file"}, status=415)


@pytest.mark.data
async def test_the_real_files_come_in_whole_and_a_second_time_change_nothing(programme: Client, bare: Registry) -> None:
    postcodes = await programme("POST", "/imports/postcodes", real_file("pc4_referentie_afgeleid.csv"))
    assert postcodes["counts"]["postcode_area"]["added"] + postcodes["counts"]["postcode_area"]["changed"] > 4000
    content = real_file("scholen_vo_vso_20241122.csv")
    report = await programme("POST", "/imports/schools", content)
    assert (report["rows"], len(report["repeats"]), report["problems"]) == (2267, 26, [])
    assert report["counts"] == {
        "school": {"added": 900, "changed": 0, "unchanged": 0},
        "location": {"added": 2241, "changed": 0, "unchanged": 0},
    }
    told = Counter(await bare.names_told())
    assert told == {"organisation.registered.v2": 3141, "contact.stated.v1": 3141}
    again = await programme("POST", "/imports/schools", content)
    assert (again["additions"], again["changes"]) == ([], [])
    assert await bare.told() == []
    institutions = await programme("POST", "/imports/institutions", real_file("mbo_instellingen_brin_cedanl.csv"))
    assert institutions["problems"] == []
    assert institutions["counts"]["school"]["added"] > 0
