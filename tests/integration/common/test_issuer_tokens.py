"""The embedded issuer: a key pair instead of a password, each assertion once, and never in production."""

from __future__ import annotations

import asyncio
import json
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.routing import Mount, Router

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from common.runtime.settings import Settings, SettingsError
from common.web.auth import RemoteKeys, Verifier
from hto.issuer import (
    DEVELOPMENT_CLIENTS,
    Clients,
    Credentials,
    Issuer,
    Refusal,
    create_issuer,
    fetch_token,
    read_credentials,
    sign_client_assertion,
)
from hto.issuer.app import issuer_folder
from hto.issuer.assertion import ASSERTION_TYPE
from hto.issuer.files import keep_secret

URL = "http://localhost:8000/issuer"
DATABASE = "postgresql://localhost/unused"
SCOPES = ("notes:read", "notes:write")


def _settings(folder: Path, **more: Any) -> Settings:
    return Settings(database_url=DATABASE, log_url=DATABASE, data_dir=folder, **more)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return _settings(tmp_path)


@pytest.fixture
def issuer(settings: Settings) -> Issuer:
    return create_issuer(settings, scopes=SCOPES)


@pytest.fixture
async def client(issuer: Issuer) -> AsyncIterator[httpx2.AsyncClient]:
    site = Router([Mount("/issuer", issuer.app())])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=site), base_url="http://localhost:8000") as asking:
        yield asking


def _desk(settings: Settings) -> Credentials:
    return read_credentials(issuer_folder(settings), "desk")


def _form(credentials: Credentials, **changed: Any) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": sign_client_assertion(credentials, URL),
        **changed,
    }
    return {name: value for name, value in form.items() if value is not None}


async def test_a_client_gets_a_token_that_a_service_takes(
    settings: Settings, issuer: Issuer, client: httpx2.AsyncClient
) -> None:
    school = uuid7()
    claims = {"org": [school], "roles": ["school"], "trainer": school, "regions": ["01"]}
    token = await fetch_token(URL, _desk(settings), scope="notes:read", claims=claims, client=client)
    by_discovery = Verifier({URL: RemoteKeys(URL, client=client)}, audience="hto")
    in_process = Verifier({URL: issuer.keys}, audience="hto")
    caller = await by_discovery.verify(token)
    assert caller == await in_process.verify(token)
    assert caller.client == "desk"
    assert caller.scopes == {"notes:read"}
    assert caller.roles == {CallerRole.SCHOOL}
    assert caller.organisations == {school}
    assert caller.trainer == school
    assert caller.regions == {"01"}
    await in_process.close()


async def test_a_token_has_everything_that_the_profile_asks_for(
    settings: Settings, issuer: Issuer, client: httpx2.AsyncClient
) -> None:
    token = await fetch_token(URL, _desk(settings), client=client)
    decoded = jwt.decode(token, issuer.signing, algorithms=["ES256"])
    assert decoded.header == {"alg": "ES256", "kid": issuer.signing.kid, "typ": "at+jwt"}
    assert {"iss", "sub", "azp", "aud", "exp", "iat", "jti", "scope", "roles"} <= decoded.claims.keys()
    assert decoded.claims["roles"] == ["desk"]
    assert decoded.claims["scope"] == "notes:read notes:write"


async def test_every_development_client_can_ask(settings: Settings, issuer: Issuer, client: httpx2.AsyncClient) -> None:
    verifier = Verifier({URL: issuer.keys}, audience="hto")
    for name, roles in DEVELOPMENT_CLIENTS.items():
        token = await fetch_token(URL, read_credentials(issuer_folder(settings), name), client=client)
        assert (await verifier.verify(token)).roles == set(map(CallerRole, roles))


async def test_discovery_and_keys_show_no_secret(issuer: Issuer, client: httpx2.AsyncClient) -> None:
    for path in ("openid-configuration", "oauth-authorization-server"):
        document = (await client.get(f"/issuer/.well-known/{path}")).json()
        assert document["issuer"] == URL
        assert document["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    keys = (await client.get(document["jwks_uri"])).json()["keys"]
    assert [key["kid"] for key in keys] == [issuer.signing.kid]
    assert "d" not in keys[0]


async def test_an_assertion_works_once(settings: Settings, client: httpx2.AsyncClient) -> None:
    form = _form(_desk(settings))
    assert (await client.post("/issuer/token", data=form)).status_code == 200
    again = await client.post("/issuer/token", data=form)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert "used before" in again.json()["error_description"]
    assert again.headers["cache-control"] == "no-store"


async def test_an_assertion_from_before_a_restart_is_refused(settings: Settings, client: httpx2.AsyncClient) -> None:
    """What was used is kept in memory only, so that an older one might be a second use."""
    old = _assertion(_desk(settings), iat=int(time.time()) - 60)
    response = await client.post("/issuer/token", data=_form(_desk(settings), client_assertion=old))
    assert "older than this issuer's memory" in response.json()["error_description"]


def _assertion(credentials: Credentials, key: Any = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": credentials.client_id,
        "sub": credentials.client_id,
        "aud": URL,
        "jti": str(uuid7()),
        "iat": now,
        "exp": now + 60,
        **changed,
    }
    used = key or credentials.key
    head = {"alg": "ES256", "kid": credentials.key.kid, **(header or {})}
    return jwt.encode(
        head, {name: value for name, value in claims.items() if value is not None}, used, algorithms=[head["alg"]]
    )


STRANGER = ECKey.generate_key("P-256")


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"iss": "portal"},
        {"sub": "portal"},
        {"sub": "nobody", "iss": "nobody"},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 3600},
        {"jti": None},
        {"iat": None},
        {"key": STRANGER},
        {"header": {"kid": "other"}},
        {"key": RSAKey.generate_key(2048), "header": {"alg": "PS256"}},
    ],
)
async def test_no_other_assertion_is_taken(
    settings: Settings, client: httpx2.AsyncClient, changed: dict[str, Any]
) -> None:
    form = _form(_desk(settings), client_assertion=_assertion(_desk(settings), **changed))
    response = await client.post("/issuer/token", data=form)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_the_token_endpoint_is_an_audience_too(settings: Settings, client: httpx2.AsyncClient) -> None:
    form = _form(_desk(settings), client_assertion=sign_client_assertion(_desk(settings), f"{URL}/token"))
    assert (await client.post("/issuer/token", data=form)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"client_assertion_type": "secret"}, "invalid_client"),
        ({"client_assertion": None}, "invalid_client"),
        ({"client_assertion": "a.b"}, "invalid_client"),
        ({"client_assertion": "a.b.c"}, "invalid_client"),
        ({"client_assertion": "x" * 9000}, "invalid_client"),
        ({"client_id": "portal"}, "invalid_client"),
        ({"scope": "notes:burn"}, "invalid_scope"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"roles": ["emperor"]}'}, "invalid_request"),
        ({"claims": '{"sub": "portal"}'}, "invalid_request"),
        ({"claims": '{"org": "x"}'}, "invalid_request"),
    ],
)
async def test_no_other_request_is_taken(
    settings: Settings, client: httpx2.AsyncClient, changed: dict[str, Any], error: str
) -> None:
    response = await client.post("/issuer/token", data=_form(_desk(settings), **changed))
    assert response.json()["error"] == error
    assert response.status_code == (401 if error == "invalid_client" else 400)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"{}", "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"scope=a&scope=b", "application/x-www-form-urlencoded"),
        (b"nonsense", "application/x-www-form-urlencoded"),
        (b"a=\xff", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 40_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(30)), "application/x-www-form-urlencoded"),
    ],
)
async def test_a_form_that_is_none_is_refused(client: httpx2.AsyncClient, body: bytes, media_type: str) -> None:
    response = await client.post("/issuer/token", content=body, headers={"content-type": media_type})
    assert response.status_code == 400
    assert response.json()["error"] in {"invalid_request", "unsupported_grant_type"}


async def test_a_client_of_ones_own_has_its_claims_and_its_scopes_and_no_others(
    settings: Settings, issuer: Issuer, client: httpx2.AsyncClient
) -> None:
    own, school = Credentials.generate("school-7"), str(uuid7())
    path = issuer_folder(settings) / "clients.json"
    registry = json.loads(path.read_text())
    registry["school-7"] = {
        "jwks": {"keys": [own.key.as_dict(private=False)]},
        "claims": {"org": [school], "roles": ["school"]},
        "scopes": ["notes:read"],
    }
    path.write_text(json.dumps(registry))
    caller = await Verifier({URL: issuer.keys}, audience="hto").verify(await fetch_token(URL, own, client=client))
    assert {str(found) for found in caller.organisations} == {school}
    assert caller.scopes == {"notes:read"}
    with pytest.raises(Refusal, match="invalid_scope"):
        await fetch_token(URL, own, scope="notes:write", client=client)
    with pytest.raises(Refusal, match="only a development client"):
        await fetch_token(URL, own, claims={"roles": ["operator"]}, client=client)


async def test_without_a_list_of_scopes_the_services_judge(tmp_path: Path) -> None:
    issuer = create_issuer(_settings(tmp_path), url="http://issuer:8080/")
    assert issuer.url == "http://issuer:8080"
    assert issuer._scope(issuer.clients.get("desk"), "a:read b:read") == "a:read b:read"  # type: ignore[arg-type]


def test_keys_and_clients_survive_a_restart_and_are_for_their_owner_only(settings: Settings) -> None:
    first, again = create_issuer(settings), create_issuer(settings)
    assert first.signing.kid == again.signing.kid
    assert first.clients.get("desk") == again.clients.get("desk")
    secrets = [path for path in issuer_folder(settings).rglob("*") if path.is_file()]
    assert len(secrets) == 2 + len(DEVELOPMENT_CLIENTS)
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


async def test_two_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    made = await asyncio.gather(
        *(asyncio.to_thread(keep_secret, tmp_path / "deep" / "secret", f"{number}") for number in range(8))
    )
    assert len(set(made)) == 1
    assert (tmp_path / "deep" / "secret").read_text() == made[0]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["secret"]


def test_production_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HTO_ENVIRONMENT"):
        create_issuer(_settings(tmp_path, environment="production", issuers=("https://issuer.example.nl",)))
    assert list(tmp_path.iterdir()) == []


def test_a_registry_that_is_none_is_named(tmp_path: Path) -> None:
    clients = Clients(tmp_path)
    for content in ("{", "[]", '{"a": {"secret": "x"}}'):
        (tmp_path / "clients.json").write_text(content)
        with pytest.raises(ValueError, match=r"clients\.json is not a client registry"):
            clients.get("desk")


def test_a_client_that_nobody_knows_has_no_key(settings: Settings, issuer: Issuer) -> None:
    with pytest.raises(FileNotFoundError, match="there are portal"):
        read_credentials(issuer_folder(settings), "../key")
