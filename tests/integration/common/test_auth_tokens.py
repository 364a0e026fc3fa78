"""Which tokens are taken, which are not, and what one says."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from common.web.auth import OwnKeys, Unauthenticated, Verifier
from tests.support.http_sample import Sample

ISSUER, AUDIENCE = "https://issuer.example.nl", "hto"
EC = ECKey.generate_key("P-256", parameters={"kid": "ec"})
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
STRANGER = ECKey.generate_key("P-256", parameters={"kid": "ec"})
VERIFIER = Verifier({ISSUER: OwnKeys([EC, RSA])}, audience=AUDIENCE)


def _claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": "s",
        "azp": "c",
        "aud": AUDIENCE,
        "exp": now + 60,
        "iat": now,
        "jti": str(uuid7()),
        **changed,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _token(key: Any = EC, alg: str = "ES256", header: dict[str, Any] | None = None, **changed: Any) -> str:
    head = {"alg": alg, "kid": key.kid, **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, _claims(**changed), key, algorithms=[alg])


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES256"), (RSA, "PS256")])
async def test_both_signatures_are_taken(key: Any, alg: str) -> None:
    caller = await VERIFIER.verify(_token(key, alg))
    assert (caller.client, caller.subject) == ("c", "s")


async def test_the_claims_of_a_token_make_the_caller() -> None:
    one, other = uuid7(), uuid7()
    caller = await VERIFIER.verify(
        _token(
            header={"typ": "at+jwt"},
            aud=["other", AUDIENCE],
            scope="notes:read notes:write",
            org=[str(one)],
            roles=["school", "desk", "emperor"],
            trainer=str(other),
            regions=["01"],
        )
    )
    assert caller.scopes == {"notes:read", "notes:write"}
    assert caller.organisations == {one}
    assert caller.roles == {CallerRole.SCHOOL, CallerRole.DESK}
    assert caller.trainer == other
    assert caller.regions == {"01"}


NOW = int(time.time())
REFUSED = {
    "not a JWT": "nonsense",
    "two parts": "a.b",
    "unreadable": "%%%.e30.e30",
    "a list for a header": f"{_part([])}.{_part({})}.",
    "deep": f"{base64.urlsafe_b64encode(b'[' * 3000).decode()}.{_part({})}.",
    "too long": "a" * 20_000,
    "unsigned": f"{_part({'alg': 'none', 'kid': 'ec'})}.{_part(_claims())}.",
    "a shared secret": jwt.encode(
        {"alg": "HS256", "kid": "ec"}, _claims(), OctKey.import_key("s" * 32), algorithms=["HS256"]
    ),
    "a public key for a secret": f"{_part({'alg': 'HS256', 'kid': 'rsa'})}.{_part(_claims())}.c2ln",
    "an older signature": jwt.encode({"alg": "RS256", "kid": "rsa"}, _claims(), RSA, algorithms=["RS256"]),
    "a key of the other kind": f"{_part({'alg': 'ES256', 'kid': 'rsa'})}.{_part(_claims())}.c2ln",
    "no key": _token(header={"kid": None}),
    "an unknown key": _token(header={"kid": "other"}),
    "somebody else's key": _token(STRANGER),
    "another kind of token": _token(header={"typ": "logout+jwt"}),
    "an unknown issuer": _token(iss="https://elsewhere.example"),
    "no issuer": _token(iss=None),
    "a list of issuers": _token(iss=[ISSUER]),
    "another audience": _token(aud="other"),
    "no audience": _token(aud=None),
    "no subject": _token(sub=None),
    "no client": _token(azp=None),
    "no id": _token(jti=None),
    "no end": _token(exp=None),
    "ended": _token(exp=NOW - 11),
    "an end that is no time": _token(exp="tomorrow"),
    "not yet begun": _token(nbf=NOW + 600),
    "organisations that are no list": _token(org=str(uuid7())),
    "an organisation that is no id": _token(org=["x"]),
    "an organisation that is a number": _token(org=[7]),
    "roles that are no list": _token(roles="school"),
    "a trainer that is no id": _token(trainer="x"),
    "a scope that is a list": _token(scope=["notes:read"]),
    "a client that is a number": _token(azp=7),
    "a region with a NUL": _token(regions=["AM\x0001"]),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
async def test_no_other_token_is_taken(token: str) -> None:
    with pytest.raises(Unauthenticated):
        await VERIFIER.verify(token)


async def test_a_changed_claim_breaks_the_signature() -> None:
    header, _, signature = _token().split(".")
    with pytest.raises(Unauthenticated, match="bad_signature"):
        await VERIFIER.verify(f"{header}.{_part(_claims(roles=['operator']))}.{signature}")


async def test_clocks_may_differ_by_some_seconds() -> None:
    assert await VERIFIER.verify(_token(exp=int(time.time()) - 5))
    assert await VERIFIER.verify(_token(iat=int(time.time()) + 5))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token abc", "bearer nonsense", "Bearer a.b.c"]
)
async def test_without_a_good_token_the_answer_is_401_with_a_challenge(notes: Sample, header: str) -> None:
    response = await notes.client.get("/notes", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.headers["content-type"]) == (401, "application/problem+json")
    challenge = response.headers["www-authenticate"]
    is_token = len(header.split()) == 2 and header.lower().startswith("bearer")
    assert challenge.startswith('Bearer realm="hto"')
    assert ('error="invalid_token"' in challenge) is is_token


async def test_a_token_anywhere_else_is_not_seen(notes: Sample) -> None:
    token = notes.token()
    assert (await notes.client.get(f"/notes?access_token={token}")).status_code == 401
    assert (await notes.client.get("/notes", headers={"Cookie": f"access_token={token}"})).status_code == 401


async def test_an_answer_to_a_bad_token_repeats_nothing_of_it(notes: Sample) -> None:
    response = await notes.client.get("/notes", headers={"Authorization": "Bearer secretsecret.a.b"})
    assert "secretsecret" not in response.text + str(response.headers)
