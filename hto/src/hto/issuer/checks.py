"""Checks of a client assertion (RFC 7523 §3): issuer, audience, expiry, and that it is used once."""

from __future__ import annotations

import binascii
import json
import time
from collections.abc import Collection
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode

from hto.issuer.clients import Client

LONGEST: Final = 300
"""Seconds that an assertion may be good for."""
LEEWAY: Final = 10
_LARGEST: Final = 8 * 1024
_PARTS: Final = 3
_REGISTRY: Final = jws.JWSRegistry(algorithms=["ES256", "PS256"])


class OAuthError(Exception):
    """A refusal in OAuth's own words."""

    def __init__(self, code: str, description: str) -> None:
        """Take one of RFC 6749's codes and a sentence."""
        self.code = code
        super().__init__(description)


class AssertionCheck:
    """Checks assertions; remembers their ids until they expire, so that each works once."""

    def __init__(self, audiences: Collection[str]) -> None:
        """Take the names by which an assertion may address this issuer."""
        self._audiences = frozenset(audiences)
        self._used: dict[tuple[str, str], float] = {}
        # What was used before a restart is forgotten: an assertion from before it is refused instead.
        self._since = int(time.time())

    def claimed_by(self, assertion: str) -> str:
        """Return the client that it claims to be from; nothing is believed yet."""
        subject = _part(assertion, 1).get("sub")
        if not isinstance(subject, str):
            raise OAuthError("invalid_client", "the assertion names no client")
        return subject

    def verify(self, assertion: str, client_id: str, client: Client) -> None:
        """Check signature, claims and that it is used for the first time.

        Raises:
            OAuthError: it is not good.
        """
        key = client.key(str(_part(assertion, 0).get("kid", "")))
        if key is None:
            raise OAuthError("invalid_client", "the client has no such key")
        algorithm = "ES256" if isinstance(key, ECKey) else "PS256"
        try:
            claims = jwt.decode(assertion, key, algorithms=[algorithm], registry=_REGISTRY).claims
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY,
                iss={"essential": True, "value": client_id},
                sub={"essential": True, "value": client_id},
                aud={"essential": True, "values": sorted(self._audiences)},
                exp={"essential": True},
                iat={"essential": True},
                jti={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            why = error.error if isinstance(error, JoseError) else "it cannot be read"
            raise OAuthError("invalid_client", f"the assertion is refused: {why}") from None
        self._once(client_id, claims)

    def _once(self, client_id: str, claims: dict[str, Any]) -> None:
        now = time.time()
        if claims["exp"] - now > LONGEST + LEEWAY:
            raise OAuthError("invalid_client", f"the assertion may be good for {LONGEST} seconds at most")
        if claims["iat"] < self._since:
            raise OAuthError("invalid_client", "the assertion is older than this issuer's memory; sign a new one")
        self._used = {used: until for used, until in self._used.items() if until > now}
        used = (client_id, str(claims["jti"]))
        if used in self._used:
            raise OAuthError("invalid_client", "the assertion was used before")
        self._used[used] = claims["exp"] + LEEWAY


def _part(assertion: str, number: int) -> dict[str, Any]:
    parts = assertion.split(".")
    if len(assertion) > _LARGEST or len(parts) != _PARTS:
        raise OAuthError("invalid_client", "the assertion is not a signed JWT")
    try:
        found = json.loads(urlsafe_b64decode(parts[number].encode()))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise OAuthError("invalid_client", "the assertion is not a signed JWT")
    return found
