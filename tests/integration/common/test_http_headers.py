"""What is on every answer, whoever made it; who may call from a browser; and how often."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from common.persistence.transaction import Tx, uuid7
from common.runtime.settings import SettingsError
from common.web.headers import SECURITY
from common.web.limits import RateLimit
from tests.support.http_sample import Sample, sample

PORTAL = "https://portal.example.nl"


async def test_every_answer_has_the_version_and_the_security_headers(notes: Sample) -> None:
    async def fail(tx: Tx) -> None:
        raise ValueError

    note = await notes.write()
    address = f"/notes/{note.json()['id']}"
    answers = [note, await notes.client.get(address, headers=notes.headers(If_None_Match='"1"'))]
    notes.hooks.before_answer = fail
    answers += [
        await notes.client.get(address, headers=notes.headers()),
        await notes.client.get("/notes"),
        await notes.client.get("/nothing"),
        await notes.client.delete("/notes"),
        await notes.client.get("/openapi.json"),
        await notes.client.get("/readyz"),
        await notes.client.get("http://localhost:8000/nothing"),
        await notes.client.get("http://localhost:8000/healthz"),
    ]
    assert [answer.status_code for answer in answers] == [201, 304, 500, 401, 404, 405, 200, 200, 404, 200]
    for answer in answers:
        assert answer.headers.get_list("api-version") == ["1.0.0"]
        for name, value in SECURITY.items():
            assert answer.headers.get_list(name) == [value]


async def test_head_is_there_wherever_get_is(notes: Sample) -> None:
    address = f"/notes/{(await notes.write()).json()['id']}"
    for path in ("/notes", address, "/openapi.json", "/readyz", "http://localhost:8000/metrics"):
        got = await notes.client.get(path, headers=notes.headers())
        head = await notes.client.head(path, headers=notes.headers())
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers.get("etag") == got.headers.get("etag")
    assert (await notes.client.head("/notes/_import", headers=notes.headers())).status_code == 400
    assert (await notes.client.head("/nothing", headers=notes.headers())).status_code == 404


async def test_an_answer_may_have_a_form_of_its_own(notes: Sample) -> None:
    address = f"/notes/{(await notes.write()).json()['id']}/text"
    response = await notes.client.get(address, headers=notes.headers(Accept="text/plain"))
    assert (response.status_code, response.text) == (200, "Lathe")


async def test_a_browser_may_call_from_the_allow_list_only(notes_database: str, tmp_path: Path) -> None:
    async with sample(notes_database, tmp_path, cors_allow=(PORTAL,)) as notes:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
        allowed = await notes.client.options("/notes", headers={"Origin": PORTAL, **asked})
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == PORTAL
        refused = await notes.client.options("/notes", headers={"Origin": "https://elsewhere.example", **asked})
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
        assert "access-control-allow-origin" not in refused.headers
        for path, origin, expected in (
            ("/notes", PORTAL, PORTAL),
            ("/notes", "https://elsewhere.example", None),
            ("/openapi.json", "https://elsewhere.example", "*"),
        ):
            response = await notes.client.get(path, headers=notes.headers(Origin=origin))
            assert response.headers.get("access-control-allow-origin") == expected
            assert "credentials" not in str(response.headers)
        exposed = (await notes.client.get("/notes", headers=notes.headers(Origin=PORTAL))).headers
        assert "Idempotency-Replayed" in exposed["access-control-expose-headers"]


async def test_a_client_that_asks_too_often_has_to_wait_and_others_have_not(
    notes_database: str, tmp_path: Path
) -> None:
    async with sample(notes_database, tmp_path, rate_limit="3/hour") as notes:
        first = await notes.client.get("/notes", headers=notes.headers())
        assert first.headers["ratelimit-policy"] == '"default";q=3;w=3600'
        assert first.headers["ratelimit"].startswith('"default";r=2;t=')
        # What is refused counts as well, and says the same.
        refused = await notes.client.get("/notes?x=1", headers=notes.headers())
        assert (refused.status_code, refused.headers["ratelimit"][:13]) == (400, '"default";r=1')
        assert (await notes.client.get("/notes", headers=notes.headers())).status_code == 200
        response = await notes.client.get("/notes", headers=notes.headers())
        assert (response.status_code, response.headers["content-type"]) == (429, "application/problem+json")
        assert 0 < int(response.headers["retry-after"]) <= 3600
        assert response.headers["ratelimit"].startswith('"default";r=0;t=')
        other = await notes.client.get("/notes", headers=notes.headers(notes.token("company")))
        assert other.status_code == 200
        # Without a token the address is counted.
        public = [(await notes.client.get("/notes/_figures")).status_code for _ in range(4)]
        assert public == [200, 200, 200, 429]
        assert (await notes.client.get("/healthz")).status_code == 200


async def test_refused_tokens_are_limited_by_address(notes_database: str, tmp_path: Path) -> None:
    """Seen red: a 401 was never counted, so that tokens could be tried without end."""
    async with sample(notes_database, tmp_path, rate_limit="3/hour") as notes:
        for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eA=="}):
            response = await notes.client.get("/notes", headers=headers)
            assert (response.status_code, response.headers["ratelimit-policy"]) == (401, '"default";q=3;w=3600')
        response = await notes.client.get("/notes", headers={"Authorization": "Bearer x.y.z"})
        assert response.status_code == 429
        assert 0 < int(response.headers["retry-after"]) <= 3600
        assert (await notes.client.get("/notes", headers=notes.headers())).status_code == 200, (
            "a caller is not locked out"
        )


async def test_one_user_of_a_client_leaves_the_others_their_share_and_the_client_has_an_end(
    notes_database: str, tmp_path: Path
) -> None:
    """Seen red: what one user asked beyond their own limit was counted for all of the client."""
    async with sample(notes_database, tmp_path, rate_limit="2/hour", rate_limit_per_client="5/hour") as notes:
        users = [notes.token(claims={"org": [str(uuid7())], "roles": ["school"]}) for _ in range(4)]

        async def ask(user: str) -> httpx2.Response:
            return await notes.client.get("/notes", headers=notes.headers(user))

        assert [(await ask(users[0])).status_code for _ in range(20)] == [200, 200, *[429] * 18]
        assert [(await ask(users[1])).status_code for _ in range(2)] == [200, 200]
        assert (await ask(users[2])).status_code == 200
        full = await ask(users[3])
        assert (full.status_code, full.headers["ratelimit-policy"]) == (429, '"client";q=5;w=3600')
        other = notes.headers(notes.token("company"))
        assert (await notes.client.get("/notes", headers=other)).status_code == 200


async def test_a_forwarded_address_is_believed_from_a_trusted_proxy_only(notes_database: str, tmp_path: Path) -> None:
    """Behind a gateway each caller has a limit of its own; nobody gets a new one by saying another address."""

    async def asked(notes: Sample, *forwarded: str) -> list[int]:
        return [
            (await notes.client.get("/notes/_figures", headers={"X-Forwarded-For": one})).status_code
            for one in forwarded
        ]

    async with sample(notes_database, tmp_path, rate_limit="2/hour") as notes:
        assert await asked(notes, "192.0.2.1", "192.0.2.2", "192.0.2.3") == [200, 200, 429]
    trusted = ("127.0.0.0/8", "198.51.100.7")
    async with sample(notes_database, tmp_path, rate_limit="2/hour", trusted_proxies=trusted) as notes:
        assert await asked(notes, "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2") == [200, 200, 429, 200]
        # The rightmost that is no proxy counts: what stands before it, a caller wrote.
        assert await asked(notes, "10.1.1.1, 192.0.2.9, 198.51.100.7", "10.1.1.2, 192.0.2.9", "192.0.2.9") == [
            200,
            200,
            429,
        ]
        assert await asked(notes, "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:1::1") == [200, 200, 429, 200]


@pytest.mark.parametrize("limit", ["many", "", "3", "3/never"])
def test_a_limit_that_is_none_stops_the_start_and_names_the_variable(limit: str) -> None:
    with pytest.raises(SettingsError, match="HTO_RATE_LIMIT"):
        RateLimit(limit)
    with pytest.raises(SettingsError, match="HTO_RATE_LIMIT_PER_CLIENT"):
        RateLimit("3/hour", per_client="many")
