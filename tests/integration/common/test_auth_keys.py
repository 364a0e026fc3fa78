"""The keys of an issuer somewhere else: found by discovery, kept while it is away, never asked for too often."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from common.web.auth import KeysUnavailable, RemoteKeys, Verifier
from common.web.auth.keys import usable_keys
from tests.support.http_sample import Sample

URL = "https://issuer.example.nl/realms/hto"


def _key(kid: str) -> dict[str, Any]:
    return dict(ECKey.generate_key("P-256", parameters={"kid": kid}).as_dict(private=False))


@dataclass
class Elsewhere:
    """An issuer that a test can change and switch off."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    issuer: str = URL
    jwks_uri: str = f"{URL}/certs"
    away: bool = False
    asked: list[str] = field(default_factory=list)
    padding: str = ""
    body: bytes | None = None

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        if self.away:
            raise httpx2.ConnectError("away")
        if self.body is not None:
            return httpx2.Response(200, content=self.body)
        if request.url.path.endswith("openid-configuration"):
            return httpx2.Response(200, json={"issuer": self.issuer, "jwks_uri": self.jwks_uri})
        if request.url.path.endswith("/moved"):
            return httpx2.Response(302, headers={"location": f"{URL}/certs"})
        return httpx2.Response(200, json={"keys": self.keys, "padding": self.padding})


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere([_key("one")])


@pytest.fixture
async def keys(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RemoteKeys]:
    monkeypatch.setattr(RemoteKeys, "COOL_DOWN", 0.0)
    source = RemoteKeys(URL, client=httpx2.AsyncClient(transport=httpx2.MockTransport(elsewhere.answer)))
    yield source
    await source.close()


async def test_a_key_is_found_by_discovery_and_asked_for_once(elsewhere: Elsewhere, keys: RemoteKeys) -> None:
    for _ in range(3):
        found = await keys.find("one")
        assert found
        assert found.kid == "one"
    assert elsewhere.asked == ["/realms/hto/.well-known/openid-configuration", "/realms/hto/certs"]


async def test_a_new_key_is_found_when_a_token_names_it(elsewhere: Elsewhere, keys: RemoteKeys) -> None:
    assert await keys.find("one")
    elsewhere.keys = [_key("two")]
    assert await keys.find("two")
    assert await keys.find("one") is None


async def test_random_names_do_not_make_us_flood_the_issuer(
    elsewhere: Elsewhere, keys: RemoteKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RemoteKeys, "COOL_DOWN", 1000.0)
    for number in range(20):
        assert await keys.find(f"random{number}") is None
    assert len(elsewhere.asked) == 2


async def test_many_requests_at_once_ask_once(
    elsewhere: Elsewhere, keys: RemoteKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(await asyncio.gather(*(keys.find("one") for _ in range(10))))
    assert len(elsewhere.asked) == 2


async def test_while_the_issuer_is_away_its_known_keys_stay_good(
    elsewhere: Elsewhere, keys: RemoteKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await keys.find("one")
    monkeypatch.setattr(RemoteKeys, "MAX_AGE", 0.0)
    elsewhere.away = True
    assert await keys.find("one")
    assert await keys.find("two") is None
    elsewhere.away, elsewhere.keys = False, [_key("two")]
    assert await keys.find("two")


async def test_an_issuer_that_was_never_reached_cannot_be_judged_by(elsewhere: Elsewhere, keys: RemoteKeys) -> None:
    elsewhere.away = True
    with pytest.raises(KeysUnavailable):
        await keys.find("one")
    elsewhere.away = False
    assert await keys.find("one")


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://elsewhere.example"},
        {"jwks_uri": "http://issuer.example.nl/certs"},
        {"jwks_uri": f"{URL}/moved"},
        {"padding": "x" * 300_000},
        {"body": b"<html>"},
        {"body": b"[]"},
        {"body": b"{}"},
        {"body": json.dumps({"issuer": URL, "jwks_uri": f"{URL}/certs"}).encode()},
    ],
)
async def test_a_discovery_that_is_not_to_be_trusted_gives_no_keys(
    elsewhere: Elsewhere, keys: RemoteKeys, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(elsewhere, name, value)
    with pytest.raises(KeysUnavailable):
        await keys.find("one")


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_only_public_signature_keys_of_our_kinds_are_taken() -> None:
    """Seen red with RSA keys of fewer than 2,048 bits accepted."""
    good = _key("good")
    document = {
        "keys": [
            good,
            {**_key("encryption"), "use": "enc"},
            {name: value for name, value in _key("nameless").items() if name != "kid"},
            dict(OctKey.generate_key(256, parameters={"kid": "secret"}).as_dict()),
            dict(ECKey.generate_key("P-384", parameters={"kid": "p384"}).as_dict(private=False)),
            {"kty": "EC", "crv": "P-256", "x": "!", "y": "!", "kid": "broken"},
            "not a key",
            dict(ECKey.generate_key("P-256", parameters={"kid": "leaked"}).as_dict(private=True)),
            dict(RSAKey.generate_key(2048, parameters={"kid": "rsa"}).as_dict(private=False)),
            dict(RSAKey.generate_key(1024, parameters={"kid": "short"}).as_dict(private=False)),
        ]
    }
    found = usable_keys(document)
    assert set(found) == {"good", "leaked", "rsa"}
    assert not any(key.is_private for key in found.values())


async def test_an_issuer_that_is_away_is_no_fault_of_the_caller(notes: Sample, elsewhere: Elsewhere) -> None:
    elsewhere.away = True
    token = notes.token()
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(elsewhere.answer))
    verifier = Verifier({notes.issuer.url: RemoteKeys(notes.issuer.url, client=client)}, audience="hto")
    own = notes.api.context
    object.__setattr__(own, "verifier", verifier)
    response = await notes.client.get("/notes", headers=notes.headers(token))
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    await verifier.close()


async def test_a_verifier_is_made_of_an_allow_list() -> None:
    verifier = Verifier.of([URL], audience="hto")
    await verifier.close()
