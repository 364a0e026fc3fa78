"""The console asks of a token what the API asks, counts requests, reads small forms only, and ends with the token."""

from __future__ import annotations

import asyncio
import base64
import json
import time
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from joserfc import jwt

from common.persistence.transaction import uuid7
from common.web.auth.verifier import LEEWAY
from events.parties import Parties
from events.registry import TrainerAvailable
from operations.app import service
from operations.console import app as console
from operations.console.forms import LARGEST
from tests.integration.operations.cases_at_work import START, follow, made, received
from tests.support.postgres import FreshDatabase
from tests.support.serving import Serving, serving

EVERYTHING = "cases:read figures:read flow:read flow:write"


@pytest.fixture
async def operations(fresh_database: FreshDatabase) -> AsyncIterator[Serving]:
    async with serving(service, await fresh_database()) as at_work:
        yield at_work


async def sign_in(operations: Serving, scopes: str, role: str = "operator", **claims: Any) -> str:
    token = operations.token(f"the-{role}", scopes, roles=[role], **claims)
    answer = await operations.client.post("/console/sign-in", data={"token": token})
    assert answer.status_code == 303, answer.text
    return token


@pytest.mark.parametrize(
    ("scopes", "open_to"),
    [
        ("clock:read", set()),
        ("cases:read", {"/console/", "/console/changes"}),
        ("figures:read", {"/console/figures"}),
        ("flow:read", {"/console/parked"}),
    ],
)
async def test_a_page_takes_the_scope_of_what_it_shows(operations: Serving, scopes: str, open_to: set[str]) -> None:
    """Seen red: a token with ``clock:read`` alone opened cases and parked keys."""
    await sign_in(operations, scopes)
    for path in ("/console/", "/console/figures", "/console/parked", f"/console/cases/{uuid7()}"):
        answer = await operations.client.get(path)
        allowed = path in open_to or (path.startswith("/console/cases") and "/console/" in open_to)
        assert (answer.status_code != 403) is allowed, path
    if "/console/changes" not in open_to:
        assert (await operations.client.get("/console/changes")).status_code == 403
    assert (await operations.client.post(f"/console/parked/{uuid7()}", data={"order": "redrive"})).status_code == 403


async def test_a_desk_sees_no_parked_keys_and_orders_nothing(operations: Serving) -> None:
    await sign_in(operations, EVERYTHING, role="desk", regions=["AM28"])
    assert (await operations.client.get("/console/parked")).status_code == 403
    assert (await operations.client.post(f"/console/parked/{uuid7()}", data={})).status_code == 403


def test_each_page_asks_what_the_api_asks_for_the_same() -> None:
    asked: dict[str, Any] = {
        f"{route.method} {route.path}": route.authority  # type: ignore[attr-defined]
        for router in service.routers
        for route in router.routes
        if isinstance(route, APIRoute)
    }
    assert console.SEE_CASES.scope == asked["GET /cases"].scope == asked["GET /cases/{case_id}/steps"].scope
    assert asked["GET /figures/programme"] == console.SEE_FIGURES
    assert asked["GET /parked-events"] == console.SEE_PARKED
    assert asked["POST /parked-events/{parked_id}/_redrive"] == console.ORDER
    assert asked["POST /parked-events/{parked_id}/_discard"] == console.ORDER


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/parked/0192f0c0-0000-7000-8000-000000000000"])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_form_of_200_megabytes_is_refused_and_kept_nowhere(
    operations: Serving, path: str, *, announced: bool
) -> None:
    """Seen red: the whole form was read into memory first."""
    await sign_in(operations, EVERYTHING)
    size, sent = 200 * 1024 * 1024, 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < size:
            sent += 65536
            yield b"x" * 65536

    headers = {"content-length": str(size)} if announced else {}
    # The first refusal loads templates and code that stay: what is measured is what a form costs.
    await operations.client.post(path, content=b"x" * (LARGEST + 1))
    tracemalloc.start()
    try:
        answer = await operations.client.post(path, content=body(), headers=headers)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 413
    assert peak < size / 20


async def test_a_user_who_asks_too_often_is_refused_at_the_console_too(fresh_database: FreshDatabase) -> None:
    async with serving(service, await fresh_database(), rate_limit="5/minute") as operations:
        await sign_in(operations, "cases:read")
        answers = [(await operations.client.get("/console/")).status_code for _ in range(6)]
        assert (answers[0], answers[-1]) == (200, 429)
        operations.client.cookies.clear()
        refused = [
            await operations.client.post("/console/sign-in", data={"token": f"nonsense-{number}"})
            for number in range(6)
        ]
        assert refused[-1].status_code == 429
        assert int(refused[-1].headers["retry-after"]) > 0


async def test_over_https_the_cookie_has_a_name_that_no_other_page_can_give_it(operations: Serving) -> None:
    """Seen red: it was called ``hto_console`` there too, so that a page without TLS could plant one."""
    token, site = operations.token("the-operator", "cases:read", roles=["operator"]), "https://test"
    answer = await operations.client.post(f"{site}/console/sign-in", data={"token": token})
    said = answer.headers["set-cookie"]
    assert said.startswith("__Secure-hto_console=")
    assert all(part in said for part in ("; Secure", "; HttpOnly", "; SameSite=strict", "; Path=/console"))
    assert (await operations.client.get(f"{site}/console/")).status_code == 200
    operations.client.cookies.clear()
    planted = await operations.client.get(f"{site}/console/", headers={"cookie": f"hto_console={token}"})
    assert planted.headers["location"] == "/console/sign-in"
    signed_in = {"cookie": f"__Secure-hto_console={token}"}
    gone = await operations.client.post(f"{site}/console/sign-out", headers=signed_in)
    assert gone.headers["set-cookie"].startswith('__Secure-hto_console=""')
    assert "; Secure" in gone.headers["set-cookie"]
    again = await operations.client.get(f"{site}/console/", headers=signed_in)
    assert again.headers["location"] == "/console/sign-in"


async def test_the_stream_of_changes_ends_when_the_token_signs_out(operations: Serving) -> None:
    token = await sign_in(operations, "cases:read")
    watching = asyncio.ensure_future(_until_it_ends(operations))
    trainer = uuid7()
    event = made(TrainerAvailable, trainer_id=trainer)
    await follow(operations, received(event, trainer, Parties(trainer=trainer), source="registry", at=START))
    gone = await operations.client.post("/console/sign-out")
    assert gone.headers["clear-site-data"] == '"cache", "storage"'
    async with asyncio.timeout(30):
        assert await watching == 200
    again = await operations.client.get("/console/", headers={"cookie": f"hto_console={token}"})
    assert again.headers["location"] == "/console/sign-in"


async def test_the_stream_of_changes_ends_with_the_token(operations: Serving) -> None:
    """Seen red: it went on for as long as the browser stayed."""
    token = _ending_in(operations, seconds=5)
    await operations.client.post("/console/sign-in", data={"token": token})
    async with asyncio.timeout(60):
        assert await _until_it_ends(operations) == 200
    assert (await operations.client.get("/console/")).status_code == 303


def _ending_in(operations: Serving, *, seconds: int) -> str:
    """A token of the real issuer that is taken for some seconds more."""
    part = operations.token("operator", "cases:read", roles=["operator"]).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(f"{part}=="))
    claims["exp"] = int(time.time()) - LEEWAY + seconds
    key = operations.issuer.signing
    return jwt.encode({"alg": "ES256", "kid": key.kid, "typ": "at+jwt"}, claims, key, algorithms=["ES256"])


async def test_the_stream_of_changes_names_nothing_that_happened_elsewhere(
    operations: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: it said the newest step's id, which has its moment in it, to a desk of another region."""
    await sign_in(operations, "cases:read", role="desk", regions=["AM28"])
    looked, said = asyncio.Semaphore(0), list[str]()

    async def newest(_: object) -> Any:
        looked.release()
        return uuid7()  # something happened since the last look

    monkeypatch.setattr("operations.case.queries.newest_step", newest)
    monkeypatch.setattr(console, "_LOOK_EVERY", 0.01)
    watching = asyncio.ensure_future(_until_it_ends(operations, said))
    async with asyncio.timeout(30):
        for _ in range(3):
            await looked.acquire()
        await operations.client.post("/console/sign-out")
        await watching
    assert {line for line in said if line.startswith("data:")} == {"data: changed"}


async def test_no_other_site_signs_anybody_in_or_out(operations: Serving) -> None:
    """Seen red: a page elsewhere signed a colleague in under a token of its own, and signed one out."""
    token = await sign_in(operations, EVERYTHING)
    for site in ("cross-site", "same-site"):
        elsewhere = {"sec-fetch-site": site}
        for path in ("sign-in", "sign-out", f"parked/{uuid7()}"):
            answer = await operations.client.post(f"/console/{path}", data={"token": token}, headers=elsewhere)
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), path
    assert (await operations.client.get("/console/")).status_code == 200
    here = {"sec-fetch-site": "same-origin"}
    assert (await operations.client.post("/console/sign-out", headers=here)).status_code == 303


async def _until_it_ends(operations: Serving, said: list[str] | None = None) -> int:
    async with operations.client.stream("GET", "/console/changes") as answer:
        async for line in answer.aiter_lines():
            (said if said is not None else []).append(line)
        return answer.status_code


@pytest.mark.parametrize("poison", ["raises", "hangs"])
async def test_a_look_that_goes_wrong_ends_its_own_stream_only(
    operations: Serving, monkeypatch: pytest.MonkeyPatch, poison: str
) -> None:
    """Seen red where it hung: the stream held a connection of the pool for ever."""
    await sign_in(operations, EVERYTHING)

    async def newest(_: object) -> None:
        if poison == "raises":
            raise ZeroDivisionError
        await asyncio.Event().wait()

    monkeypatch.setattr("operations.case.queries.newest_step", newest)
    monkeypatch.setattr(console, "_LOOK_WITHIN", 0.2)
    async with asyncio.timeout(20):
        assert await _until_it_ends(operations) == 200
    assert (await operations.client.get("/console/")).status_code == 200


async def test_so_many_pages_follow_changes_and_no_more(operations: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_STREAMS", 0)
    await sign_in(operations, EVERYTHING)
    answer = await operations.client.get("/console/changes")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
