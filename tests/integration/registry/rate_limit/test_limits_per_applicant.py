"""One applicant brings in some people a day, whatever addresses they have, and an address does not change all day."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from registry.rate_limit import usecases as rate_limit_usecases
from tests.integration.registry.registry_cast import COMPANY, COMPANY_ID, CONTACT, PERSON, Cast, applied
from tests.integration.registry.registry_site import Client, Site

MOST = 10
SAME = {**PERSON, "email": "Bram@HTO.example"}


def people(number: int) -> list[dict[str, Any]]:
    return [{**PERSON, "name": f"Proef {chr(65 + n)}", "email": f"somebody{n}@hto.example"} for n in range(number)]


async def statuses(who: Client, bodies: list[dict[str, Any]]) -> Counter[int]:
    answers = await asyncio.gather(*(who.send("POST", "/trainers", body) for body in bodies))
    return Counter(answer.status_code for answer in answers)


async def test_fifteen_applications_with_fifteen_addresses_at_once_are_not_all_taken(site: Site) -> None:
    """Seen red: all fifteen addresses were written to."""
    company = site.as_(CallerRole.COMPANY, org=[COMPANY_ID], client="a-company")
    assert await statuses(company, people(15)) == {201: MOST, 409: 5}
    problem = await company("POST", "/trainers", people(1)[0], status=409)
    assert problem["type"].endswith("/too-many-by-applicant")
    refused = "No applicant may apply for more than 10 people within a day; the next application"
    assert problem["detail"].startswith(refused)
    another = site.as_(CallerRole.COMPANY, org=[COMPANY_ID], client="a-company", subject="a colleague")
    await another("POST", "/trainers", people(11)[10], status=201)
    site.registry.database.clock.offset += timedelta(days=1, minutes=1)
    await company("POST", "/trainers", people(13)[12], status=201)


async def test_a_chosen_id_is_counted_like_any_other(site: Site) -> None:
    portal = site.as_(CallerRole.PORTAL, org=[COMPANY_ID], client="a-portal")
    answers = [await portal.send("PUT", f"/trainers/{uuid7()}", body) for body in people(MOST + 1)]
    assert [answer.status_code for answer in answers] == [*[200] * MOST, 409]
    again = await portal.send("PUT", answers[0].request.url.path.removeprefix("/registry/v1"), people(1)[0])
    assert again.status_code == 404, "what is there is no application: nothing is said of a limit"


async def test_a_desk_brings_in_more_and_a_person_is_counted_by_nobody(site: Site) -> None:
    desk = site.as_(CallerRole.DESK, regions=["AM01"], client="a-desk")
    assert await statuses(desk, people(15)) == {201: 15}
    for body in people(MOST + 2)[MOST:]:
        person = site.as_(CallerRole.TRAINER, trainer=uuid7(), client="an-app")
        await person("POST", "/trainers", {**body, "email": f"own{body['email']}"}, status=201)


async def test_an_address_changes_some_times_a_day(site: Site) -> None:
    cast = Cast(site, uuid7())
    await cast.trainer("PUT", cast.path, PERSON)
    bodies = [{**PERSON, "email": f"next{n}@hto.example"} for n in range(4)]
    answers = [await cast.trainer.send("PUT", cast.path, body, headers={"If-Match": "*"}) for body in bodies]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]
    assert answers[-1].json()["type"].endswith("/too-many-addresses")
    await cast.trainer("PUT", cast.path, {**bodies[2], "name": "Other Name"}, headers={"If-Match": "*"})


async def test_the_contact_of_an_organisation_changes_some_times_a_day(site: Site) -> None:
    company_id = uuid7()
    company, path = site.as_(CallerRole.COMPANY, org=[company_id]), f"/organisations/{company_id}"
    await company("PUT", path, COMPANY)
    bodies = [{**COMPANY, "contact": {**CONTACT, "email": f"next{n}@hto.example"}} for n in range(4)]
    answers = [await company.send("PUT", path, body, headers={"If-Match": "*"}) for body in bodies]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]


async def test_counted_applications_are_purged_after_a_day(site: Site) -> None:
    company = site.as_(CallerRole.COMPANY, org=[COMPANY_ID])
    await company("POST", "/trainers", PERSON, status=201)
    forgotten = []
    for hours in (23, 2):
        site.registry.database.clock.offset += timedelta(hours=hours)
        async with site.registry.database.begin(actor="test") as tx:
            forgotten.append(await rate_limit_usecases.purge_counted(tx))
    assert forgotten == [0, 1]


async def test_an_address_gets_no_letters_without_end(site: Site) -> None:
    """Seen red before applications under one address were counted: the fourth was taken as well."""
    waiting = [await applied(site), await applied(site, **SAME), await applied(site)]
    fourth = Cast(site, uuid7())
    problem = await fourth.trainer("PUT", fourth.path, SAME, status=409)
    assert problem["type"].endswith("/too-many-applications")
    await waiting[0].trainer("POST", f"{waiting[0].path}/_confirm")
    await fourth.trainer("PUT", fourth.path, {**PERSON, "email": "other@hto.example"})
    fifth = Cast(site, uuid7())
    await fifth.trainer("PUT", fifth.path, SAME)


async def test_spellings_of_one_address_get_no_letters_without_end(site: Site) -> None:
    """Seen red: each of name+1, name+2, na.me had letters of its own, all in one person's mailbox."""
    for spelled in ("mina@hto.example", "mina+1@hto.example", "M.ina+werk@hto.example"):
        await applied(site, email=spelled)
    for spelled in ("mina+2@hto.example", "mi.na@hto.example"):
        late = Cast(site, uuid7())
        problem = await late.trainer("PUT", late.path, {**PERSON, "email": spelled}, status=409)
        assert problem["type"].endswith("/too-many-applications")
    await applied(site, email="mina@other.example")
    at_once = [Cast(site, uuid7()) for _ in range(4)]
    answers = await asyncio.gather(
        *(
            cast.trainer.send("PUT", cast.path, {**PERSON, "email": f"nils+{number}@hto.example"})
            for number, cast in enumerate(at_once)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409]
