"""What is on every answer, whoever made it; who may call from a browser; and how often."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.http.headers import SECURITY
from common.http.limits import RateLimit
from common.settings import SettingsError
from common.transaction import Tx
from tests.http_sample import Sample, sample

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
    for path in ("/notes", address, f"{address}/changes", "/openapi.json", "/readyz", "http://localhost:8000/metrics"):
        got = await notes.client.get(path, headers=notes.headers())
        head = await notes.client.head(path, headers=notes.headers())
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers.get("etag") == got.headers.get("etag")
    assert (await notes.client.head("/notes/_import", headers=notes.headers())).status_code == 400
    assert (await notes.client.head("/nothing", headers=notes.headers())).status_code == 404


async def test_what_ages_says_so(notes: Sample) -> None:
    address = f"/notes/{(await notes.write()).json()['id']}/text"
    response = await notes.client.get(address, headers=notes.headers(Accept="text/plain"))
    assert (response.status_code, response.text) == (200, "Lathe")
    assert response.headers["deprecation"] == "@1767225600"
    assert response.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert response.headers["link"] == '<https://example.nl/v2>; rel="successor-version"'


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


async def test_a_client_that_asks_too_often_is_told_to_wait_and_others_are_not(
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


@pytest.mark.parametrize("limit", ["many", "", "3", "3/never"])
def test_a_limit_that_is_none_stops_the_start_and_names_the_variable(limit: str) -> None:
    with pytest.raises(SettingsError, match="HTO_RATE_LIMIT"):
        RateLimit(limit)
