"""Access tokens, verified: signature, issuer, audience, time; then read as a caller."""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode

from common.caller import Caller, CallerRole
from common.errors import Message
from common.web.auth.keys import Key, KeySource, RemoteKeys

ALGORITHMS: Final = ("PS256", "ES256")
LEEWAY: Final = 10
"""Seconds by which two machines' clocks may differ."""
_LARGEST: Final = 16 * 1024
_TYPES: Final = frozenset({"JWT", "AT+JWT", "APPLICATION/AT+JWT"})
_PARTS: Final = 3


class Unauthenticated(Exception):
    """The token is not one that we take; the message says why, without any of its content."""

    def __init__(self, why: Message) -> None:
        """Say why."""
        super().__init__(str(why))
        self.why = why


class Verifier:
    """Verifies the tokens of an allow-list of issuers."""

    def __init__(self, issuers: Mapping[str, KeySource], *, audience: str) -> None:
        """Take each issuer's ``iss`` with the source of its keys."""
        self._issuers = dict(issuers)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True},
            sub={"essential": True},
            azp={"essential": True},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            jti={"essential": True},
        )

    @classmethod
    def of(cls, issuers: Iterable[str], *, audience: str) -> Verifier:
        """Make one for issuers somewhere else."""
        return cls({issuer: RemoteKeys(issuer) for issuer in issuers}, audience=audience)

    async def verify(self, token: str) -> Caller:
        """Return who the token speaks for.

        Raises:
            Unauthenticated: it is not a token that we take.
            KeysUnavailable: its issuer cannot be asked for the key.
        """
        key = await self._key(token)
        try:
            # The key decides on the algorithm; the header's other limits (critical fields, size) are joserfc's.
            claims = jwt.decode(token, key, algorithms=[_algorithm_of(key)], registry=_REGISTRY).claims
            self._claims.validate(claims)
        except JoseError as error:
            raise Unauthenticated(Message("the token is refused: {error}", error=error.error)) from None
        except (ValueError, TypeError, RecursionError):
            raise Unauthenticated(Message("the token cannot be read")) from None
        return _caller(claims)

    async def close(self) -> None:
        """Release connections."""
        for source in self._issuers.values():
            await source.close()

    async def _key(self, token: str) -> Key:
        """Find the key by what the token says of itself; nothing of it is believed before the signature is."""
        if len(token) > _LARGEST:
            raise Unauthenticated(Message("the token is too long"))
        parts = token.split(".")
        if len(parts) != _PARTS:
            raise Unauthenticated(Message("the token is not a signed JWT"))
        header, claims = _json(parts[0]), _json(parts[1])
        if header.get("alg") not in ALGORITHMS:
            raise Unauthenticated(Message("the signature must be {algorithms}", algorithms=" or ".join(ALGORITHMS)))
        if str(header.get("typ", "JWT")).upper() not in _TYPES:
            raise Unauthenticated(Message("the token is not an access token"))
        issuer, kid = claims.get("iss"), header.get("kid")
        if not isinstance(issuer, str) or issuer not in self._issuers:
            raise Unauthenticated(Message("the issuer is not on the allow-list"))
        if not isinstance(kid, str) or not kid:
            raise Unauthenticated(Message("the header names no key"))
        key = await self._issuers[issuer].find(kid)
        if key is None:
            raise Unauthenticated(Message("the issuer has no such key"))
        return key


_REGISTRY: Final = jws.JWSRegistry(algorithms=list(ALGORITHMS))


def _algorithm_of(key: Key) -> str:
    return "ES256" if isinstance(key, ECKey) else "PS256"


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part.encode()))
    except (binascii.Error, ValueError, RecursionError):
        raise Unauthenticated(Message("the token cannot be read")) from None
    if not isinstance(found, dict):
        raise Unauthenticated(Message("the token cannot be read"))
    return found


def _caller(claims: Mapping[str, Any]) -> Caller:
    """Read the claims; an unknown role gives nothing, a claim of the wrong shape is refused."""
    try:
        trainer = claims.get("trainer")
        known = {role.value for role in CallerRole}
        return Caller(
            client=_text(claims["azp"]),
            subject=_text(claims["sub"]),
            organisations=frozenset(UUID(organisation) for organisation in _texts(claims, "org")),
            roles=frozenset(CallerRole(role) for role in _texts(claims, "roles") if role in known),
            scopes=frozenset(_text(claims.get("scope", "")).split()),
            trainer=None if trainer is None else UUID(_text(trainer)),
            regions=frozenset(_texts(claims, "regions")),
        )
    except (TypeError, ValueError):
        raise Unauthenticated(Message("a claim does not have the agreed shape")) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    if not value.isprintable():  # no database takes a NUL
        raise ValueError("not a text that can be read")
    return value


def _texts(claims: Mapping[str, Any], name: str) -> list[str]:
    values = claims.get(name, [])
    if not isinstance(values, list):
        raise TypeError("not a list")
    return [_text(value) for value in values]
