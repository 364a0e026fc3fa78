"""Vacancies over HTTP, their places as contracts come and go, and the day they expire."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from common.caller import CallerRole
from common.clock import business_day
from common.decision import MissingDependency
from common.messaging.consumer import parking
from common.messaging.consumer.dispatch import Dispatch
from common.persistence.transaction import uuid7
from events.contracts import ContractDissolved, ContractSigned
from registry.app import service
from registry.identifiers import identity
from registry.vacancy import usecases as vacancy_usecases
from tests.integration.registry.registry_cast import LOCATION_ID, SCHOOL_ID, Asked, Contracts
from tests.support.sample import eventually


async def test_a_posted_vacancy_is_published_with_its_terms(asked: Asked) -> None:
    answer = await asked.school.send("POST", "/vacancies", asked.body())
    posted = answer.json()
    assert (answer.status_code, answer.headers["ETag"], posted["status"]) == (201, '"1"', "open")
    assert answer.headers["Location"].endswith(f"/vacancies/{posted['id']}")
    ((name, payload),) = await asked.site.registry.told()
    told = json.loads(str(payload))
    assert name == "vacancy.posted.v2"
    assert (told["boardId"], told["schoolId"], told["region"]) == (
        str(identity("board", "00005")),
        str(SCHOOL_ID),
        "AM01",
    )
    assert (told["latitude"], told["roster"][0]["starts"], told["upperYears"]) == (53.22, "09:00:00", False)
    shown = await asked.school("GET", f"/vacancies/{posted['id']}")
    assert shown == posted


@pytest.mark.parametrize(("publish", "status"), [(True, "open"), (False, "draft")])
async def test_a_dry_run_checks_a_vacancy_and_keeps_nothing(asked: Asked, *, publish: bool, status: str) -> None:
    path = "/vacancies?dryRun=true"
    answer = await asked.school.send("POST", path, asked.body(publish=publish))
    assert (answer.status_code, answer.json()["status"], answer.json()["region"]) == (200, status, "AM01")
    assert "Location" not in answer.headers
    assert (await asked.school("GET", "/vacancies"))["items"] == []
    assert await asked.site.registry.names_told() == []
    refused = await asked.school(
        "POST", path, asked.body(publish=publish, subject="no-such-trade", forms=[]), status=400
    )
    assert [each["name"] for each in refused["invalidParams"]] == ["subject", "forms"]


async def test_a_draft_asks_nobody_until_it_is_published(asked: Asked) -> None:
    draft = await asked.post(publish=False)
    path = f"/vacancies/{draft['id']}"
    assert draft["status"] == "draft"
    changed = await asked.school("PUT", path, asked.body(places=3, supervisorId=draft["supervisorId"]), status=428)
    changed = await asked.school("PUT", path, asked.body(places=3), headers={"If-Match": '"1"'})
    assert (changed["places"], changed["status"]) == (3, "draft")
    for _ in range(2):
        assert (await asked.school("POST", f"{path}/_publish"))["status"] == "open"
    assert await asked.site.registry.names_told() == ["vacancy.drafted.v2"] * 2 + ["vacancy.posted.v2"]


async def test_an_own_id_makes_it_once_and_then_changes_it(asked: Asked) -> None:
    path, body = f"/vacancies/{uuid7()}", asked.body()
    for _ in range(2):
        assert (await asked.school("PUT", path, body))["version"] == 1
    await asked.school("PUT", path, {**body, "places": 1}, status=412, headers={"If-Match": '"9"'})
    changed = await asked.school("PUT", path, {**body, "places": 1}, headers={"If-Match": '"1"'})
    assert (changed["version"], changed["places"]) == (2, 1)
    assert await asked.site.registry.names_told() == ["vacancy.posted.v2", "vacancy.changed.v2"]
    problem = await asked.school("PUT", f"/vacancies/{identity('x', 'y')}", body, status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["vacancyId"]


async def test_a_stranger_finds_nothing_and_asks_for_nobody_else(asked: Asked) -> None:
    posted = await asked.post()
    path = f"/vacancies/{posted['id']}"
    await asked.stranger("GET", path, status=404)
    await asked.school("GET", f"/vacancies/{uuid7()}", status=404)
    await asked.stranger("PUT", path, asked.body(), status=404)
    await asked.stranger("POST", f"{path}/_publish", status=404)
    await asked.stranger("POST", f"{path}/_withdraw", {"reason": "other"}, status=404)
    await asked.stranger("POST", "/vacancies", asked.body(), status=403)
    assert (await asked.stranger("GET", "/vacancies"))["items"] == []
    desk = asked.site.as_(CallerRole.DESK, regions=["AM01"])
    assert [one["id"] for one in (await desk("GET", "/vacancies?status=open"))["items"]] == [posted["id"]]
    assert (await desk("GET", f"/vacancies?schoolId={uuid7()}"))["items"] == []
    board = asked.site.as_(CallerRole.SCHOOL, org=[identity("board", "00005")])
    assert (await board("GET", path))["id"] == posted["id"]


async def test_the_programme_reads_every_vacancy_and_changes_none(asked: Asked) -> None:
    posted = await asked.post()
    programme = asked.site.as_(CallerRole.PROGRAMME)
    assert await programme("GET", f"/vacancies/{posted['id']}") == posted
    assert [one["id"] for one in (await programme("GET", "/vacancies?status=open"))["items"]] == [posted["id"]]
    await programme("POST", f"/vacancies/{posted['id']}/_withdraw", {"reason": "other"}, status=403)


async def test_every_fault_is_named_and_no_row_is_left(asked: Asked) -> None:
    bad = asked.body(subject="magic", supervisorId=None, forms=[], minutesPerWeek=500, schoolType="mbo")
    problem = await asked.school("POST", "/vacancies", bad, status=400)
    assert {param["name"] for param in problem["invalidParams"]} == {
        "subject",
        "supervisorId",
        "forms",
        "roster",
        "schoolType",
    }
    slip = asked.body(fee={"kind": "salary", "cents": 3000})
    problem = await asked.school("POST", "/vacancies", slip, status=400, headers={"Accept-Language": "nl"})
    assert [param["name"] for param in problem["invalidParams"]] == ["fee.cents"]
    assert "Een salaris is in centen per maand." in problem["invalidParams"][0]["reason"]
    named = asked.body(fee={"kind": "none", "cents": 0, "per": "hour"})
    problem = await asked.school("POST", "/vacancies", named, status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["fee.per"]
    problem = await asked.school("POST", "/vacancies", asked.body(locationId=str(uuid7())), status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["locationId"]
    company = str(identity("company", "00000100"))
    await asked.school("POST", "/vacancies", asked.body(locationId=company), status=400)
    yesterday = asked.today - timedelta(days=1)
    problem = await asked.school("POST", "/vacancies", asked.body(startsOn=yesterday.isoformat()), status=422)
    assert problem["type"].endswith("/starts-in-the-past")
    wrong = asked.body(
        startsOn="soon", fee={"kind": "none", "cents": -1}, roster=[{"day": 8, "starts": "9", "ends": "10:00"}]
    )
    problem = await asked.school("POST", "/vacancies", wrong, status=400)
    assert {param["name"] for param in problem["invalidParams"]} == {
        "startsOn",
        "fee.cents",
        "roster.0.day",
        "roster.0.starts",
    }
    assert await asked.site.registry.told() == []


async def test_a_pending_school_asks_for_nobody(asked: Asked) -> None:
    """Seen red: whoever registered a school could post a vacancy at once."""
    school_id = uuid7()
    school = asked.site.as_(CallerRole.PARTNER, org=[school_id])
    contact = {"name": "Noor Tandrad", "email": "noor@tandrad.example"}
    body = {"kind": "school", "name": "Nieuw", "schoolTypes": ["po"], "contact": contact}
    await school("PUT", f"/organisations/{school_id}", body)
    for publish in (True, False):
        asks = asked.body(locationId=str(school_id), publish=publish)
        problem = await school("POST", "/vacancies", asks, status=422)
        assert problem["type"].endswith("/not-confirmed")
    await asked.site.as_(CallerRole.PROGRAMME)("POST", f"/organisations/{school_id}/_confirm")
    await school("POST", "/vacancies", asked.body(locationId=str(school_id)), status=201)


async def test_a_school_where_nobody_is_named_cannot_ask_yet(asked: Asked) -> None:
    board_id = identity("board", "00005")
    everybody = asked.site.as_(CallerRole.SCHOOL, CallerRole.PROGRAMME, org=[board_id])
    school = {"kind": "school", "name": "Zonder naam", "brin": "90ZW", "schoolTypes": ["po"], "boardId": str(board_id)}
    made = await everybody("POST", "/organisations", school, status=201)
    problem = await everybody("POST", "/vacancies", asked.body(locationId=made["id"]), status=422)
    assert problem["type"].endswith("/nobody-to-address")
    draft = await everybody("POST", "/vacancies", asked.body(locationId=made["id"], publish=False), status=201)
    await everybody("POST", f"/vacancies/{draft['id']}/_publish", status=422)
    assert (draft["schoolId"], draft["boardId"]) == (made["id"], str(board_id))


async def test_withdrawn_is_withdrawn(asked: Asked) -> None:
    path = f"/vacancies/{(await asked.post())['id']}"
    for _ in range(2):
        withdrawn = await asked.school("POST", f"{path}/_withdraw", {"reason": "budget"})
        assert (withdrawn["status"], withdrawn["withdrawnReason"]) == ("withdrawn", "budget")
    problem = await asked.school("POST", f"{path}/_publish", status=409)
    assert problem["facts"] == {"status": "withdrawn", "wanted": "open"}
    assert await asked.site.registry.names_told() == ["vacancy.posted.v2", "vacancy.withdrawn.v1"]


async def test_it_expires_long_after_the_start_and_asks_again_with_a_new_date(asked: Asked) -> None:
    registry, start = asked.site.registry, asked.site.registry.now
    body = asked.body()
    path = f"/vacancies/{uuid7()}"
    await asked.school("PUT", path, body)
    await registry.pass_time(start + timedelta(days=119))
    assert (await asked.school("GET", path))["status"] == "open"
    await registry.pass_time(start + timedelta(days=122))
    assert (await asked.school("GET", path))["status"] == "expired"
    later = {
        "startsOn": (asked.today + timedelta(days=10)).isoformat(),
        "endsOn": (asked.today + timedelta(days=90)).isoformat(),
    }
    again = await asked.school("PUT", path, {**body, **later}, headers={"If-Match": "*"})
    assert again["status"] == "open"
    told = await registry.names_told()
    assert [name for name in told if name.startswith("vacancy")] == [
        "vacancy.posted.v2",
        "vacancy.expired.v1",
        "vacancy.changed.v2",
        "vacancy.reopened.v1",
    ]


# -- what `contracts` tells -------------------------------------------------------------------------------------------


async def status_of(asked: Asked, vacancy_id: str) -> str:
    return str((await asked.school("GET", f"/vacancies/{vacancy_id}"))["status"])


async def test_the_last_signed_contract_fills_it_and_one_that_falls_away_opens_it(asked: Asked) -> None:
    posted = await asked.post()
    contracts = Contracts(asked.site.registry, posted["id"])
    first, second = await contracts.sign(), uuid7()
    assert await status_of(asked, posted["id"]) == "open"
    await contracts.sign(second)
    await contracts.sign(second)
    assert await status_of(asked, posted["id"]) == "filled"
    await contracts.dissolve(second)
    assert await status_of(asked, posted["id"]) == "open"
    third = await contracts.sign()
    await contracts.end(first, early=True)
    assert await status_of(asked, posted["id"]) == "open"
    fourth = await contracts.sign()
    for contract in (third, fourth):
        assert await status_of(asked, posted["id"]) == "filled"
        await contracts.end(contract, early=False)
    assert await status_of(asked, posted["id"]) == "closed"
    told = [name for name in await asked.site.registry.names_told() if name.startswith("vacancy")]
    assert told == [
        "vacancy.posted.v2",
        "vacancy.filled.v1",
        "vacancy.reopened.v1",
        "vacancy.filled.v1",
        "vacancy.reopened.v1",
        "vacancy.filled.v1",
        "vacancy.closed.v1",
    ]


async def test_places_do_not_go_below_what_is_signed(asked: Asked) -> None:
    posted = await asked.post(places=3)
    contracts = Contracts(asked.site.registry, posted["id"])
    await contracts.sign()
    await contracts.sign()
    path, same = f"/vacancies/{posted['id']}", {"supervisorId": posted["supervisorId"]}
    problem = await asked.school("PUT", path, asked.body(places=1, **same), status=409, headers={"If-Match": "*"})
    assert problem["facts"] == {"signed": 2, "places": 1}
    filled = await asked.school("PUT", path, asked.body(places=2, **same), headers={"If-Match": "*"})
    assert filled["status"] == "filled"


async def test_a_contract_of_an_unknown_vacancy_waits(asked: Asked) -> None:
    registry = asked.site.registry
    contracts = Contracts(registry, str(uuid7()))
    await contracts.sign()
    parked = await registry.rows("SELECT why, reason FROM parked_keys")
    assert [row.why for row in parked] == ["waiting"]
    assert f"vacancy/{contracts.vacancy_id}" in parked[0].reason


async def test_a_contract_cannot_end_before_it_is_known_to_be_signed(asked: Asked) -> None:
    contracts = Contracts(asked.site.registry, (await asked.post())["id"])
    event = ContractDissolved(**contracts.facts(uuid7()), reason="other")
    with pytest.raises(MissingDependency, match="contract/"):
        async with asked.site.registry.database.begin(actor="test") as tx:
            await vacancy_usecases.end_contract(tx, event, ended_on=asked.today, fell_away=True)


async def test_a_vacancy_follows_its_location_to_another_region(asked: Asked) -> None:
    registry, programme = asked.site.registry, asked.site.as_(CallerRole.PROGRAMME)
    open_, draft, withdrawn = [await asked.post() for _ in range(3)]
    await asked.school("POST", f"/vacancies/{withdrawn['id']}/_withdraw", {"reason": "budget"})
    area = (
        await registry.rows(
            "SELECT a.* FROM postcode_areas a JOIN organisations o ON a.pc4 = left(o.postcode, 4) WHERE o.id = :id",
            id=LOCATION_ID,
        )
    )[0]
    await registry.forget_what_was_told()
    line = f"{area.pc4},{area.place},{area.municipality},{area.province},{area.latitude},{area.longitude},AM05\n"
    header = "pc4,plaats,gemeente,provincie,lat,lon,cbs_am_code\n"
    await programme("POST", "/imports/postcodes", (header + line).encode())
    regions = {row.id: row.region for row in await registry.rows("SELECT id, region FROM vacancies")}
    assert regions == {
        UUID(open_["id"]): "AM05",
        UUID(draft["id"]): "AM05",
        UUID(withdrawn["id"]): area.region,
    }
    assert (await registry.names_told()).count("vacancy.changed.v2") == 2


async def test_a_contract_was_signed_and_dissolved_on_the_days_of_its_events(asked: Asked) -> None:
    """Seen red: handled three days later, the day of signing, and what is kept because of it, moved by three days."""
    registry, posted = asked.site.registry, await asked.post()
    contracts, contract_id = Contracts(asked.site.registry, posted["id"]), uuid7()
    day = business_day(registry.now)
    signed = contracts.record(
        ContractSigned(**contracts.facts(contract_id), document_hash="0", starts_on=day, minutes_per_week=120)
    )
    dissolved = contracts.record(ContractDissolved(**contracts.facts(contract_id), reason="mutual"))
    dispatch = Dispatch(registry.database, service.handlers, "registry")
    async with registry.database.begin(actor="test") as tx:
        await parking.park(tx, "registry", signed, parking.Stop(why="failed"))
        await parking.park_behind(tx, "registry", dissolved)
    registry.database.clock.offset += timedelta(days=3)
    assert await dispatch.redrive(signed.topic, signed.key) == 2
    (row,) = await registry.rows("SELECT signed_on, ended_on FROM engagements")
    assert (row.signed_on, row.ended_on) == (day, day)


async def test_two_contracts_that_are_signed_at_once_are_counted_one_after_the_other(asked: Asked) -> None:
    """Seen red without the lock on the vacancy: both counted one, and the vacancy of two places stayed open."""
    posted = await asked.post()
    contracts = Contracts(asked.site.registry, posted["id"])
    database = asked.site.registry.database
    second, waits = uuid7(), text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with database.begin(actor="another worker") as tx:
        first = ContractSigned(**contracts.facts(uuid7()), document_hash="0", starts_on=tx.today, minutes_per_week=120)
        await vacancy_usecases.take_place(tx, first)
        signing = asyncio.create_task(contracts.sign(second))

        async def it_waits() -> bool:
            return bool((await database.execute(waits))[0][0])

        await eventually(it_waits)
        assert not signing.done()
    await signing
    assert await status_of(asked, posted["id"]) == "filled"
    parked = await asked.site.registry.rows("SELECT count(*) AS n FROM parked_keys")
    assert parked[0].n == 0
