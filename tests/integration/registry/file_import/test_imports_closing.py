"""Schools that close or go up in another one by a list."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from common.caller import CallerRole
from registry.identifiers import identity
from tests.integration.registry.registry_cast import SCHOOL_ID, Asked
from tests.integration.registry.registry_site import Client, Site

OTHER_SCHOOL = identity("school", "90BH")


@pytest.fixture
def programme(site: Site) -> Client:
    return site.as_(CallerRole.PROGRAMME)


async def test_a_list_closes_a_school_and_merges_it_into_another(asked: Asked, programme: Client) -> None:
    vacancy = await asked.post()
    day = asked.today + timedelta(days=10)
    lines = ["brin;naam;datum opheffing;opvolger"]
    lines += [f"90AC;Oud;{day:%d-%m-%Y};90BH", "90BH;Nieuw;;", f"90AB;Ook;{day:%Y%m%d};99ZZ", "90AD;Zelf;;90AD"]
    content = "\n".join(lines).encode()
    for _ in range(2):
        report = await programme("POST", "/imports/institutions", content)
        assert [(one["line"], one["code"]) for one in report["problems"]] == [
            (4, "unknown-successor"),
            (5, "successor-without-a-day"),
            (5, "succeeds-itself"),
        ]
    assert report["changes"] == []
    school = await programme("GET", f"/organisations/{SCHOOL_ID}")
    assert (school["closedOn"], school["successorId"]) == (day.isoformat(), str(OTHER_SCHOOL))
    other = await programme("GET", f"/organisations/{OTHER_SCHOOL}")
    assert (other["name"], other["aliases"]) == ("Nieuw", ["90AC"])
    query = "SELECT school_id, status FROM vacancies WHERE id = :id"
    moved = (await asked.site.registry.rows(query, id=vacancy["id"]))[0]
    assert (moved.school_id, moved.status) == (OTHER_SCHOOL, "open")


async def test_a_list_with_a_chain_of_mergers_takes_the_locations_along_to_its_end(
    asked: Asked, programme: Client
) -> None:
    vacancy = await asked.post()
    first, second = (asked.today + timedelta(days=days) for days in (10, 20))
    lines = ["brin;naam;datum opheffing;opvolger"]
    lines += [f"90AC;Oud;{first};90BH", f"90BH;Tussen;{second};90ZX", "90ZX;Nieuw;;"]
    for applied in (False, True):
        report = await programme(
            "POST", f"/imports/institutions?dryRun={str(not applied).lower()}", "\n".join(lines).encode()
        )
        assert (report["applied"], report["problems"]) == (applied, [])
    last = await programme("GET", f"/organisations/{identity('school', '90ZX')}")
    assert last["aliases"] == ["90AC", "90BH"]
    query = "SELECT school_id, status FROM vacancies WHERE id = :id"
    moved = (await asked.site.registry.rows(query, id=vacancy["id"]))[0]
    assert (moved.school_id, moved.status) == (UUID(last["id"]), "open")
