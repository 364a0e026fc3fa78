"""Rules are published as one set, and each publication is a version of it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text

from common.caller import CallerRole
from registry.policy import store as policy_store
from tests.integration.registry.registry_site import Client, Registry, Site
from tests.support.sample import eventually

VOG = "/policies/vog/2027-01-01"


@pytest.fixture
def programme(site: Site) -> Client:
    return site.as_(CallerRole.PROGRAMME)


async def test_rules_are_read_by_code_and_day(site: Site, programme: Client) -> None:
    assert (await site.http.get("/policies")).status_code == 401
    everything = await programme("GET", "/policies?limit=500")
    assert {one["version"] for one in everything["items"]} == {1}
    (vog,) = (await programme("GET", "/policies?code=vog&on=2026-09-01"))["items"]
    assert vog["value"]["maxAgeMonths"] == 6
    assert (await programme("GET", "/policies?code=vog&on=1990-01-01"))["items"] == []
    paged = await programme("GET", "/policies?limit=3")
    following = await programme("GET", f"/policies?limit=3&cursor={paged['nextCursor']}")
    assert {one["code"] for one in paged["items"]} != {one["code"] for one in following["items"]}


async def vog_row(programme: Client) -> dict[str, Any]:
    (known,) = (await programme("GET", "/policies?code=vog&on=2026-09-01"))["items"]
    read = {"verified": True, "verifiedBy": "jurist", "verifiedOn": "2026-09-01"}
    return {"source": "An example, art. 1", **read, "value": {**known["value"], "maxAgeMonths": 3}}


async def change(site: Site, row: dict[str, Any], path: str = VOG) -> dict[str, Any]:
    """Propose it as one person and approve it as another."""
    proposed = await site.as_(CallerRole.PROGRAMME, client="first")("PUT", path, row, status=202)
    approver = site.as_(CallerRole.PROGRAMME, client="second")
    approved: dict[str, Any] = await approver("POST", f"/policy-changes/{proposed['id']}/_approve")
    return approved


async def test_a_new_row_is_a_new_version_of_the_whole_set(site: Site, programme: Client) -> None:
    registry, row = site.registry, await vog_row(programme)
    before = (await registry.rows("SELECT count(*) AS n FROM policies"))[0].n
    approved = await change(site, row)
    assert (approved["status"], approved["value"]["maxAgeMonths"]) == ("approved", 3)
    problem = await programme("PUT", VOG, row, status=409)
    assert problem["type"].endswith("/nothing-new")
    ((name, payload),) = [told for told in await registry.told() if told[0] == "policy.changed.v1"]
    told = json.loads(str(payload))
    assert name == "policy.changed.v1"
    assert (told["setVersion"], told["rowsInSet"], told["policyId"]) == (2, before + 1, "vog@2027-01-01#2")
    (shown,) = (await programme("GET", "/policies?code=vog&on=2027-01-01"))["items"][-1:]
    assert (
        (shown["verifiedBy"], shown["verifiedOn"])
        == ("jurist", "2026-09-01")
        == (
            approved["verifiedBy"],
            approved["verifiedOn"],
        )
    )
    assert shown["ownerEn"] == "Ministry of Education, Culture and Science"
    await change(site, {**row, "verified": False, "verifiedBy": None, "verifiedOn": None})
    async with registry.database.begin(actor="test") as tx:
        registry.database.policies_changed()
        policies = await tx.policies()
        await registry.database.check_policies(tx)
    assert policies.version == 3
    assert len(policies.rows["vog"]) == 2 + 2, "every version is kept, so that old decisions can be repeated"


async def test_a_proposal_holds_for_nobody_until_another_person_approves_it(site: Site, programme: Client) -> None:
    """Seen red: whoever had the scope published at once."""
    row, (one, two) = await vog_row(programme), (site.as_(CallerRole.PROGRAMME, client=name) for name in ("one", "two"))
    proposed = await one("PUT", VOG, row, status=202)
    path = f"/policy-changes/{proposed['id']}"
    assert (proposed["status"], proposed["proposedBy"], proposed["decidedBy"]) == ("proposed", "one", None)
    assert (await one("PUT", VOG, row, status=202))["id"] == proposed["id"], "a repeated proposal is one"
    assert (await programme("GET", "/policies?code=vog&on=2027-01-01"))["items"][-1]["value"]["maxAgeMonths"] == 6
    assert await site.registry.names_told() == ["policy-change.proposed.v1"]
    other_token = site.as_(
        CallerRole.PROGRAMME, CallerRole.DESK, CallerRole.OPERATOR, client="another-client", subject="one"
    )
    for same_person in (one, other_token):
        problem = await same_person("POST", f"{path}/_approve", status=403)
        assert problem["type"].endswith("/approved-by-proposer")
    for nobody in (
        site.as_(),
        site.as_(CallerRole.TRAINER, client="three"),
        site.as_(CallerRole.OPERATOR, client="four"),
    ):
        for request in (("PUT", VOG, row), ("POST", f"{path}/_approve"), ("POST", f"{path}/_reject"), ("GET", path)):
            await nobody(*request, status=403)
    assert await site.registry.names_told() == []
    approved = await two("POST", f"{path}/_approve")
    assert (approved["status"], approved["proposedBy"], approved["decidedBy"]) == ("approved", "one", "two")
    assert await site.registry.names_told() == ["policy-change.approved.v1", "policy.changed.v1"]
    audit = await site.registry.rows("SELECT actor, event_type FROM audit WHERE event_type LIKE '%policy%' ORDER BY id")
    assert [(one.actor, one.event_type.rsplit(".", 2)[-2]) for one in audit][-3:] == [
        ("one", "proposed"),
        ("two", "approved"),
        ("two", "changed"),
    ]
    assert (await two("POST", f"{path}/_approve", status=409))["facts"] == {"status": "approved"}
    assert [each["id"] for each in (await two("GET", "/policy-changes"))["items"]] == [proposed["id"]]
    assert (await two("GET", "/policy-changes?status=proposed"))["items"] == []


async def test_a_rejected_change_is_never_published(site: Site, programme: Client) -> None:
    row, one = await vog_row(programme), site.as_(CallerRole.PROGRAMME, client="one")
    path = f"/policy-changes/{(await one('PUT', VOG, row, status=202))['id']}"
    assert (await one("POST", f"{path}/_reject"))["status"] == "rejected"
    await programme("POST", f"{path}/_approve", status=409)
    assert (await programme("GET", path))["decidedBy"] == "one"
    assert await site.registry.names_told() == ["policy-change.proposed.v1", "policy-change.rejected.v1"]


async def test_a_row_that_its_readers_cannot_read_is_refused(site: Site, programme: Client) -> None:
    row = await vog_row(programme)
    bad = {**row, "value": {**row["value"], "maxAgeMonths": "three", "extra": 1}}
    problem = await programme("PUT", VOG, bad, status=400)
    assert {param["name"] for param in problem["invalidParams"]} == {"value.maxAgeMonths", "value.extra"}
    problem = await programme("PUT", VOG, {**row, "verifiedBy": None}, status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["verifiedBy"]
    problem = await programme("PUT", "/policies/nobody.knows/2027-01-01", row, status=422)
    assert problem["facts"] == {"code": "nobody.knows"}
    problem = await programme("PUT", VOG, {**row, "validUntil": "2026-12-31"}, status=400)
    assert [param["name"] for param in problem["invalidParams"]] == ["validUntil"]
    await programme("PUT", "/policies/vog/soon", row, status=400)
    await site.as_(CallerRole.PROGRAMME, scopes=["policies:read"])("PUT", VOG, row, status=403)
    assert await site.registry.told() == []


async def test_two_that_publish_at_once_make_two_versions(bare: Registry) -> None:
    """Seen red without the advisory lock: both read the same newest version, and both published the next one."""
    async with bare.database.begin(actor="the first") as first:
        await policy_store.all_rows(first)

        async def reads_as_well() -> None:
            async with bare.database.begin(actor="the second") as second:
                await policy_store.all_rows(second)

        reading = asyncio.create_task(reads_as_well())
        waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

        async def it_waits() -> bool:
            return bool((await bare.database.execute(waits))[0][0])

        await eventually(it_waits)
        assert not reading.done()
    await reading
