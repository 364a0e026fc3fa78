"""Over HTTP: everybody sees what concerns them, and partners manage their own endpoints."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from common.messaging.consumer.dispatch import Dispatch
from common.persistence.transaction import uuid7
from common.runtime.settings import Settings
from events.contracts import ContractSigned
from events.registry import TrainerAvailable, VacancyPosted
from notifications.app import service
from notifications.endpoint.channels import webhooks as webhooks_channel
from tests.integration.notifications.at_work import Cast, Notifications
from tests.support.postgres import FreshDatabase
from tests.support.serving import Serving, serving

SCOPES = "messages:read webhooks:read webhooks:write events:read"
URL = "https://partner.example/hook"


@dataclass
class Partner:
    """Somebody who calls."""

    api: Serving
    claims: dict[str, Any]

    def headers(self) -> dict[str, str]:
        return self.api.headers("partner", SCOPES, **self.claims)

    async def get(self, path: str) -> Any:
        response = await self.api.get(path, self.headers())
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path: str, body: Any = None, *, status: int) -> Any:
        response = await self.api.post(path, self.headers(), body)
        assert response.status_code == status, response.text
        return response.json()


@pytest.fixture
async def api(fresh_database: FreshDatabase) -> AsyncIterator[Serving]:
    async with serving(service, await fresh_database()) as found:
        yield found


@pytest.fixture
async def cast(api: Serving) -> Cast:
    """A case that has got as far as a signed contract."""
    settings = Settings(database_url=api.database.url, log_url=api.database.url, oin="0" * 20)
    at_work = Notifications(api.database, settings, Dispatch(api.database, service.handlers, "notifications"))
    found = Cast()
    await at_work.meet(found)
    await at_work.hear(found.event(TrainerAvailable))
    await at_work.hear(found.event(ContractSigned), source="contracts")
    stranger = Cast()
    await at_work.hear(stranger.contact("school"), stranger.event(VacancyPosted))
    return found


def acting_for(api: Serving, organisation: UUID, role: str = "partner") -> Partner:
    return Partner(api, {"org": [str(organisation)], "roles": [role]})


async def test_each_party_sees_the_messages_to_itself(api: Serving, cast: Cast) -> None:
    school = await acting_for(api, cast.location, "school").get("/messages")
    assert [(item["template"], item["status"]) for item in school["items"]] == [("contract-signed", "planned")]
    assert (school["items"][0]["attempts"], school["items"][0]["reason"]) == (0, None)
    trainer = Partner(api, {"trainer": str(cast.trainer), "roles": ["trainer"]})
    assert {item["template"] for item in (await trainer.get("/messages"))["items"]} == {"contract-signed", "available"}
    staff = Partner(api, {"roles": ["operator"]})
    assert len((await staff.get("/messages"))["items"]) == 5
    narrowed = f"/messages?recipientId={cast.trainer}&template=available&status=planned"
    assert len((await staff.get(narrowed))["items"]) == 1
    assert (await Partner(api, {"roles": ["desk"]}).get("/messages"))["items"] == []


async def test_staff_see_no_personal_data(api: Serving, cast: Cast) -> None:
    staff = Partner(api, {"roles": ["operator"]})
    text = json.dumps([await staff.get("/messages"), await staff.get("/events"), await staff.get("/deliveries")])
    assert "example.org" not in text
    assert "Petra" not in text


async def test_a_proposal_in_the_feed_names_the_trainer_to_the_trainer_and_to_staff_only(
    api: Serving, cast: Cast
) -> None:
    trainer = Partner(api, {"roles": ["trainer"], "trainer": str(cast.trainer)})
    views = {
        "school": acting_for(api, cast.board),
        "company": Partner(api, {"roles": ["company"], "org": [str(cast.company)]}),
        "trainer": trainer,
        "operator": Partner(api, {"roles": ["operator"]}),
    }
    named = {}
    for role, view in views.items():
        (made,) = (await view.get("/events?eventType=proposal.made"))["items"]
        named[role] = made["event"]["data"]["trainerId"]
    own = str(cast.trainer)
    assert named == {"school": None, "company": None, "trainer": own, "operator": own}


async def test_the_feed_has_everything_of_ones_own_cases_in_order_page_by_page(api: Serving, cast: Cast) -> None:
    school = acting_for(api, cast.board)
    seen, path = [], "/events?limit=1"
    while path:
        page = await school.get(path)
        seen += [item["event"]["type"].split(".", 2)[2] for item in page["items"]]
        path = f"/events?limit=1&cursor={page['nextCursor']}" if page["nextCursor"] else ""
    assert seen == ["vacancy.posted.v2", "proposal.made.v1", "contract.drafted.v1", "contract.signed.v1"]
    assert len((await school.get("/events?eventType=contract.signed&eventType=vacancy.posted"))["items"]) == 2
    assert len((await school.get(f"/events?subject=contract/{cast.contract}"))["items"]) == 2
    assert (await school.get("/events?since=2100-01-01T00:00:00Z"))["items"] == []
    assert (await Partner(api, {"roles": ["partner"]}).get("/events"))["items"] == []


async def test_an_endpoint_is_registered_with_its_secret_shown_once(api: Serving, cast: Cast) -> None:
    school = acting_for(api, cast.school)
    body = {"ownerId": str(cast.school), "url": URL, "eventTypes": ["contract.signed", "contract.signed"]}
    made = await school.post("/webhook-endpoints", body, status=201)
    assert made["secret"].startswith("whsec_")
    assert (made["status"], made["eventTypes"]) == ("pending", ["contract.signed"])
    shown = await school.get(f"/webhook-endpoints/{made['id']}")
    assert "secret" not in shown
    assert [item["id"] for item in (await school.get("/webhook-endpoints"))["items"]] == [made["id"]]
    stranger = acting_for(api, cast.company)
    assert (await stranger.get("/webhook-endpoints"))["items"] == []
    response = await api.get(f"/webhook-endpoints/{made['id']}", stranger.headers())
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"url": "http://partner.example/hook"}, 400, "not-a-webhook-address"),
        ({"url": "https://u:p@partner.example/"}, 400, "not-a-webhook-address"),
        ({"url": "https://partner.example:0/"}, 400, "not-a-webhook-address"),
        ({"url": "partner"}, 400, "not-a-webhook-address"),
        ({"url": ""}, 400, '"name": "url"'),
        ({"url": None}, 400, '"name": "url"'),
        ({"url": "https://partner.example/" + 500 * "x"}, 400, '"name": "url"'),
        ({"url": "https://10.0.0.1/hook"}, 400, "not-a-public-address"),
        ({"url": "https://[::1]/hook"}, 400, "not-a-public-address"),
        ({"url": "https://localhost/hook"}, 400, "not-a-public-address"),
        ({"url": "https://2130706433/"}, 400, "not-a-public-address"),
        ({"url": "https://0x7f.1/"}, 400, "not-a-public-address"),
        ({"url": "https://127.1/"}, 400, "not-a-public-address"),
        ({"secret": "whsec_of-my-own"}, 400, '"name": "secret"'),
        ({"ownerId": "us"}, 400, '"name": "ownerId"'),
        ({"eventTypes": ["contract.sealed"]}, 400, "unknown-event"),
        ({"eventTypes": ["Contract signed"]}, 400, '"name": "eventTypes'),
        ({"eventTypes": "contract.signed"}, 400, '"name": "eventTypes'),
        ({"ownerId": str(uuid7())}, 403, "foreign-owner"),
    ],
)
async def test_an_endpoint_that_cannot_be_is_refused(
    api: Serving, cast: Cast, changes: dict[str, Any], status: int, code: str
) -> None:
    school = acting_for(api, cast.school)
    before = await everything_kept(api)
    problem = await school.post(
        "/webhook-endpoints", {"ownerId": str(cast.school), "url": URL} | changes, status=status
    )
    assert code in json.dumps(problem)
    assert await everything_kept(api) == before


@pytest.mark.parametrize(
    ("found", "status"), [(["127.0.0.1"], 400), (["198.51.100.7", "10.0.0.1"], 400), (["8.8.8.8"], 201), (None, 201)]
)
async def test_a_name_that_leads_inside_is_refused_where_that_is_seen_at_once(
    api: Serving, cast: Cast, found: list[str] | None, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: 127.0.0.1.nip.io was taken, and its partner learned at the first question that it is never called."""
    real, silent = socket.getaddrinfo, threading.Event()

    def look_up(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host != "hook.partner.example":
            return real(host, port, *rest, **more)
        if found is None:
            silent.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found or ()]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(webhooks_channel, "RESOLVED_WITHIN", 0.3)
    body = {"ownerId": str(cast.school), "url": "https://hook.partner.example/"}
    answer = await acting_for(api, cast.school).post("/webhook-endpoints", body, status=status)
    silent.set()
    assert ("not-a-public-address" in json.dumps(answer)) is (status == 400)


async def everything_kept(api: Serving) -> dict[str, list[str]]:
    """All rows of all tables."""
    async with api.database.begin(actor="test") as tx:
        return {
            table: list((await tx.execute(text(f'SELECT t::text FROM "{table}" t ORDER BY 1'))).scalars())
            for table in api.database.metadata.tables
        }


async def test_an_endpoint_is_enabled_given_a_secret_and_removed_by_its_owner(api: Serving, cast: Cast) -> None:
    school = acting_for(api, cast.school)
    made = await school.post("/webhook-endpoints", {"ownerId": str(cast.school), "url": URL}, status=201)
    path = f"/webhook-endpoints/{made['id']}"
    rotated = await school.post(f"{path}/_rotate-secret", status=200)
    assert rotated["secret"] != made["secret"]
    assert (await school.post(f"{path}/_enable", status=202))["status"] == "pending"
    stale = await api.client.delete(f"{api.base}{path}", headers={**school.headers(), "If-Match": '"1"'})
    assert stale.status_code == 412
    tag = {"If-Match": f'"{rotated["version"]}"'}
    gone = await api.client.delete(f"{api.base}{path}", headers={**school.headers(), **tag})
    assert gone.status_code == 204
    assert (await api.get(path, school.headers())).status_code == 404


async def test_earlier_events_can_be_replayed_to_an_endpoint_and_are_then_listed(api: Serving, cast: Cast) -> None:
    school = acting_for(api, cast.location)
    body = {"ownerId": str(cast.location), "url": URL, "eventTypes": ["contract.signed"]}
    made = await school.post("/webhook-endpoints", body, status=201)
    path = f"/webhook-endpoints/{made['id']}/_redeliver"
    assert await school.post(path, {"since": "2020-01-01T00:00:00Z"}, status=202) == {"owed": 1}
    (signed,) = (await school.get("/events?eventType=contract.signed"))["items"]
    assert await school.post(path, {"eventId": signed["event"]["id"]}, status=202) == {"owed": 1}
    (delivery,) = (await school.get(f"/deliveries?endpointId={made['id']}&status=pending"))["items"]
    assert (delivery["event"], delivery["attempts"]) == ("contract.signed", 0)
    assert (await school.get(f"/deliveries?eventId={uuid7()}"))["items"] == []
    await school.post(path, {"eventId": str(uuid7())}, status=404)
    await school.post(path, {}, status=400)
    await school.post(path, {"since": "2020-01-01T00:00:00Z", "eventId": str(uuid7())}, status=400)
    assert (await acting_for(api, cast.company).get("/deliveries"))["items"] == []


async def test_an_organisation_may_have_so_many_endpoints_at_one_host_and_no_more(api: Serving, cast: Cast) -> None:
    school, other = acting_for(api, cast.school), acting_for(api, cast.board)
    limit = Settings(database_url=api.database.url, log_url=api.database.url).webhooks_per_address
    made = [await school.post("/webhook-endpoints", _at(cast.school, number), status=201) for number in range(limit)]
    refused = await school.post("/webhook-endpoints", _at(cast.school, 99), status=422)
    assert refused["detail"].startswith("This organisation has 5 webhook endpoints at partner.example already.")
    await other.post("/webhook-endpoints", _at(cast.board, 1), status=201)
    headers = {**school.headers(), "If-Match": f'"{made[0]["version"]}"'}
    assert (await api.client.delete(f"{api.base}/webhook-endpoints/{made[0]['id']}", headers=headers)).is_success
    await school.post("/webhook-endpoints", _at(cast.school, 99), status=201)


def _at(owner: UUID, number: int) -> dict[str, Any]:
    return {"ownerId": str(owner), "url": f"https://Partner.example/{number}"}
