"""The issuer itself: discovery, key set and token endpoint, mountable at ``/issuer``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

from common.caller import CallerRole
from common.runtime.settings import Settings, SettingsError
from common.web.auth.keys import OwnKeys
from hto.issuer.assertion import ASSERTION_TYPE
from hto.issuer.checks import AssertionCheck, OAuthError
from hto.issuer.clients import Client, Clients
from hto.issuer.files import keep_secret

LIFE: Final = 15 * 60
"""Seconds that an access token is good for."""
_LARGEST: Final = 32 * 1024
_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401


class _Claims(BaseModel):
    """The claims that a development client may choose."""

    model_config = ConfigDict(extra="forbid")

    org: list[UUID] = []
    roles: list[CallerRole] = []
    trainer: UUID | None = None
    regions: list[str] = []


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer at an address. ``keys`` lets a verifier in the same process trust it without a request."""

    url: str
    audience: str
    signing: ECKey
    clients: Clients
    scopes: tuple[str, ...]
    check: AssertionCheck

    @property
    def keys(self) -> OwnKeys:
        """Its public keys."""
        return OwnKeys([self.signing])

    def issue(self, client_id: str, *, scope: str, claims: Mapping[str, Any]) -> str:
        """Sign an access token."""
        now = int(time.time())
        payload = {
            **claims,
            "iss": self.url,
            "sub": client_id,
            "azp": client_id,
            "client_id": client_id,
            "aud": self.audience,
            "iat": now,
            "nbf": now,
            "exp": now + LIFE,
            "jti": str(uuid7()),
            "scope": scope,
        }
        header = {"alg": "ES256", "kid": self.signing.kid, "typ": "at+jwt"}
        return jwt.encode(header, payload, self.signing, algorithms=["ES256"])

    async def token(self, request: Request) -> Response:
        """Answer the token endpoint (RFC 6749 §4.4 with RFC 7523)."""
        try:
            form = await _form(request)
            client_id, client = await self._authenticate(form)
            scope = self._scope(client, form.get("scope"))
            claims = {**client.claims, **_asked(client, form.get("claims"))}
            answer: dict[str, Any] = {
                "access_token": self.issue(client_id, scope=scope, claims=claims),
                "token_type": "Bearer",
                "expires_in": LIFE,
                "scope": scope,
            }
            return JSONResponse(answer, headers=_NO_STORE)
        except OAuthError as error:
            status = _UNAUTHORIZED if error.code == "invalid_client" else _BAD_REQUEST
            return JSONResponse(
                {"error": error.code, "error_description": str(error)}, status_code=status, headers=_NO_STORE
            )

    async def discovery(self, request: Request) -> Response:  # noqa: ARG002 - an ASGI endpoint's shape
        """Answer OpenID Connect discovery and RFC 8414."""
        return JSONResponse(
            {
                "issuer": self.url,
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "grant_types_supported": ["client_credentials"],
                "response_types_supported": ["token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
                "scopes_supported": list(self.scopes),
                "claims_supported": ["iss", "sub", "azp", "aud", "exp", "jti", "org", "roles", "trainer", "regions"],
            },
            headers={"Access-Control-Allow-Origin": "*"},
        )

    async def jwks(self, request: Request) -> Response:  # noqa: ARG002 - an ASGI endpoint's shape
        """Answer the key set."""
        return JSONResponse(KeySet([self.signing]).as_dict(private=False), headers={"Access-Control-Allow-Origin": "*"})

    def app(self) -> Starlette:
        """Return the ASGI application; its paths begin at ``/``."""
        known = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
        return Starlette(
            routes=[
                *(Route(path, self.discovery) for path in known),
                Route("/jwks", self.jwks),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    async def _authenticate(self, form: Mapping[str, str]) -> tuple[str, Client]:
        if form.get("grant_type") != "client_credentials":
            raise OAuthError("unsupported_grant_type", "this issuer knows client_credentials only")
        if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
            raise OAuthError("invalid_client", "authenticate with private_key_jwt (RFC 7523)")
        client_id = self.check.claimed_by(form["client_assertion"])
        client = self.clients.get(client_id)
        if client is None or form.get("client_id", client_id) != client_id:
            raise OAuthError("invalid_client", "this client is not registered")
        self.check.verify(form["client_assertion"], client_id, client)
        return client_id, client

    def _scope(self, client: Client, asked: str | None) -> str:
        allowed = self.scopes if client.scopes is None else client.scopes
        wanted = allowed if asked is None else tuple(dict.fromkeys(asked.split()))
        # An issuer without scopes in its settings cannot know them all: it leaves the judgement to the services.
        if (self.scopes or client.scopes is not None) and not set(wanted) <= set(allowed):
            raise OAuthError("invalid_scope", "not for this client: " + " ".join(sorted(set(wanted) - set(allowed))))
        return " ".join(wanted)


def create_issuer(settings: Settings, *, url: str | None = None, scopes: Iterable[str] = ()) -> Issuer:
    """Return the issuer of this installation; its key and its clients are kept in ``data_dir/issuer``.

    ``url`` is where it will be reached, by default ``<public_url>/issuer``. ``scopes`` are all there are.

    Raises:
        SettingsError: this is production, which takes a real issuer.
    """
    if settings.environment == "production":
        raise SettingsError(
            {"HTO_ENVIRONMENT": "the embedded issuer gives anybody any role and is refused in production"}
        )
    folder = issuer_folder(settings)
    fresh = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": "ES256"}, auto_kid=True)
    signing = ECKey.import_key(json.loads(keep_secret(folder / "key.json", json.dumps(fresh.as_dict(private=True)))))
    address = (url or f"{settings.public_url}/issuer").rstrip("/")
    return Issuer(
        url=address,
        audience=settings.audience,
        signing=signing,
        clients=Clients(folder),
        scopes=tuple(sorted(scopes)),
        check=AssertionCheck({address, f"{address}/token"}),
    )


def issuer_folder(settings: Settings) -> Path:
    """Where the issuer keeps its key and its clients."""
    return settings.data_dir / "issuer"


_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def _form(request: Request) -> dict[str, str]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "send application/x-www-form-urlencoded")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            raise OAuthError("invalid_request", "the request is too large")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=20)
    except ValueError:
        raise OAuthError("invalid_request", "the form cannot be read") from None
    if len(dict(pairs)) != len(pairs):
        raise OAuthError("invalid_request", "a parameter is given twice")
    return dict(pairs)


def _asked(client: Client, text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    if not client.development:
        raise OAuthError("invalid_request", "only a development client names its own claims")
    try:
        asked = _Claims.model_validate_json(text)
    except ValidationError as error:
        names = ", ".join(".".join(map(str, fault["loc"])) or "claims" for fault in error.errors())
        raise OAuthError("invalid_request", f"not understood: {names}") from None
    return asked.model_dump(mode="json", exclude_unset=True, exclude_none=True)
