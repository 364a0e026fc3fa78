"""The client's side: a signed assertion (RFC 7523) in exchange for an access token."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from joserfc import jwt
from uuid_utils.compat import uuid7

from hto.issuer.clients import Credentials

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFE: Final = 60


class Refusal(Exception):
    """The issuer gave no token; the message is its own."""


def sign_client_assertion(credentials: Credentials, audience: str, *, life: int = _LIFE) -> str:
    """Return a signed statement of who the client is, for one use within ``life`` seconds."""
    now = int(time.time())
    claims = {
        "iss": credentials.client_id,
        "sub": credentials.client_id,
        "aud": audience,
        "jti": str(uuid7()),
        "iat": now,
        "exp": now + life,
    }
    header = {"alg": "ES256", "kid": credentials.key.kid}
    return jwt.encode(header, claims, credentials.key, algorithms=["ES256"])


async def fetch_token(
    issuer: str,
    credentials: Credentials,
    *,
    scope: str | None = None,
    claims: Mapping[str, Any] | None = None,
    client: httpx2.AsyncClient | None = None,
) -> str:
    """Return an access token from the issuer at that address.

    ``scope`` is space-separated, None asks for everything that the client may have; ``claims`` (``org``,
    ``roles``, ``trainer``, ``regions``) are for development clients.

    Raises:
        Refusal: the issuer says no.
        httpx2.HTTPError: it does not answer.
    """
    if client is None:
        async with httpx2.AsyncClient(trust_env=False, timeout=10) as own:
            return await fetch_token(issuer, credentials, scope=scope, claims=claims, client=own)
    discovery = (await client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")).raise_for_status().json()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": sign_client_assertion(credentials, discovery["issuer"]),
    }
    if scope is not None:
        form["scope"] = scope
    if claims is not None:
        form["claims"] = json.dumps(claims, default=str)
    # At the address that was asked: an issuer inside of containers names one that only they can resolve.
    endpoint = urlsplit(discovery["token_endpoint"])._replace(
        scheme=urlsplit(issuer).scheme, netloc=urlsplit(issuer).netloc
    )
    response = await client.post(endpoint.geturl(), data=form)
    answer = response.json()
    if response.is_error:
        raise Refusal(f"{answer.get('error')}: {answer.get('error_description', '')}")
    return str(answer["access_token"])
