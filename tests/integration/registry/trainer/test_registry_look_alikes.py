"""Two applications of one person: one active record per mail address, a hint to the desk, and a way to merge."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

from common.persistence.transaction import uuid7
from registry.engagement import store as engagement_store
from registry.engagement.model import Engagement
from tests.integration.registry.registry_cast import PERSON, Cast, applied
from tests.integration.registry.registry_site import Site

SAME = {**PERSON, "email": "Bram@HTO.example"}
LEAVES = {"reason": "own_wish"}


async def test_an_address_that_takes_part_is_not_confirmed_once_more(site: Site) -> None:
    first, second = Cast(site, uuid7()), await applied(site, email=SAME["email"], name="Somebody Else")
    await first.until_available()
    for who in (second.trainer, second.desk):
        said = second.word() if who is second.desk else None
        problem = await who("POST", f"{second.path}/_confirm", said, status=409)
        assert problem["type"].endswith("/compared-first")
        assert not any(word in str(problem).lower() for word in (str(first.id), "mail", "address", "adres"))
    assert (await second.trainer("GET", second.path))["status"] == "applied"
    await first.trainer("POST", f"{first.path}/_confirm")  # the first one is not in its own way
    match = {"If-Match": "*"}
    other = {**PERSON, "email": "other@hto.example", **second.word()}
    await second.desk("PUT", second.path, other, headers=match)
    assert (await second.trainer("POST", f"{second.path}/_confirm"))["status"] == "confirmed"
    problem = await second.trainer("PUT", second.path, SAME, headers=match, status=409)
    assert problem["type"].endswith("/compared-first")


async def test_an_address_is_free_again_once_its_trainer_has_left(site: Site) -> None:
    first, second = Cast(site, uuid7()), await applied(site)
    await first.until_available()
    await first.desk("POST", f"{first.path}/_leave", {**LEAVES, **first.word()})
    assert (await second.trainer("POST", f"{second.path}/_confirm"))["status"] == "confirmed"


async def test_of_two_confirmations_at_the_same_time_one_is_refused(site: Site) -> None:
    both = [await applied(site), await applied(site, **SAME)]
    answers = await asyncio.gather(*(cast.trainer.send("POST", f"{cast.path}/_confirm") for cast in both))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_the_desk_sees_who_may_be_the_same_person(site: Site) -> None:
    first = await applied(site)
    by_address = await applied(site, email=SAME["email"], name="B. Proefpersoon", postcode="9712 AA")
    by_name = await applied(site, name="bram PROEFPERSOON", email="other@hto.example")
    nobody = await applied(site, name="Bram Proefpersoon", email="nobody@hto.example", postcode="9712 AA")
    alike = {str(by_address.id), str(by_name.id)}
    shown = await first.desk("GET", first.path)
    listed = {one["id"]: one["possibleDuplicates"] for one in (await first.desk("GET", "/trainers"))["items"]}
    assert set(shown["possibleDuplicates"]) == set(listed[str(first.id)]) == alike
    assert listed[str(by_name.id)] == [str(first.id)]
    assert listed[str(nobody.id)] == []
    await first.trainer("POST", f"{first.path}/_confirm")
    for who in (first.trainer, first.company):  # it is for the desk: nobody else learns who applied
        assert (await who("GET", first.path))["possibleDuplicates"] == []
    everybody = (await first.company("GET", "/trainers"))["items"]
    assert not any(one["possibleDuplicates"] for one in everybody)


async def test_one_person_is_found_however_they_are_spelled(site: Site) -> None:
    first = await applied(site, name="Zo\u00eb van \u2019t Hof-L\u00f6wik", email="zoe.hof@hto.example")
    spelled = ("ZOE VAN 'T HOF LOWIK", "Zoe\u0308 v\u00e1n \u2018t Hof\u2010L\u00d6wik", "zoe.van.t.hof.lowik")
    alike = {str((await applied(site, name=name, email=f"n{n}@hto.example")).id) for n, name in enumerate(spelled)}
    mailed = ("Zoe.Hof+werk@hto.example", "zoehof@hto.example")
    alike |= {str((await applied(site, name=f"Z {n}", email=address)).id) for n, address in enumerate(mailed)}
    for name, address in (("Zoe van t Hoff Lowik", "zoe.hof@other.example"), ("\u0417\u043e\u044f", "z@hto.example")):
        await applied(site, name=name, email=address)
    assert set((await first.desk("GET", first.path))["possibleDuplicates"]) == alike


async def test_the_desk_merges_one_record_into_the_other(site: Site) -> None:
    first, second = Cast(site, uuid7()), Cast(site, uuid7())
    await first.until_available()
    await second.trainer("PUT", second.path, {**PERSON, "email": "other@hto.example"})
    into = {"into": str(first.id)}
    await second.trainer("POST", f"{second.path}/_merge", into, status=403)
    await second.stranger("POST", f"{second.path}/_merge", into, status=404)
    for _ in range(2):
        merged = await second.desk("POST", f"{second.path}/_merge", into)
        assert (merged["status"], merged["mergedInto"]) == ("left", str(first.id))
    told = [name for name, _ in await site.registry.told() if name == "trainer.left.v1"]
    assert len(told) == 1  # proposals of the record that left lapse with it
    audited = await site.registry.rows("SELECT reason FROM audit WHERE event_type LIKE '%trainer.left.v1'")
    assert [row.reason for row in audited] == [f"merged into {first.id}"]
    assert (await first.desk("GET", first.path))["possibleDuplicates"] == []


async def test_only_records_of_one_person_that_has_no_work_are_merged(site: Site) -> None:
    first, second = Cast(site, uuid7()), await applied(site, email="other@hto.example")
    await first.until_available()
    other = await applied(site, name="Somebody Else", email="third@hto.example")
    problem = await other.desk("POST", f"{other.path}/_merge", {"into": str(first.id)}, status=409)
    assert problem["type"].endswith("/nobody-alike")
    await first.desk("POST", f"{first.path}/_merge", {"into": str(uuid7())}, status=404)
    signed = Engagement(contract_id=uuid7(), vacancy_id=UUID(int=1), trainer_id=first.id, signed_on=date(2026, 1, 1))
    async with site.registry.database.begin(actor="test") as tx:
        await engagement_store.sign(tx, signed)
    problem = await first.desk("POST", f"{first.path}/_merge", {"into": str(second.id)}, status=409)
    assert problem["type"].endswith("/at-work")
