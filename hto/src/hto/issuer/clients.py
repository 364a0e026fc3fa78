"""Clients that may ask for tokens: a registry in a file, and the private keys of the development clients beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from common.web.auth.keys import Key, usable_keys
from hto.issuer.files import keep_secret

REGISTRY: Final = "clients.json"

DEVELOPMENT_CLIENTS: Final[dict[str, tuple[str, ...]]] = {
    "portal": ("portal",),
    "school-hr": ("school", "partner"),
    "company": ("company", "partner"),
    "trainer-app": ("trainer",),
    "desk": ("desk",),
    "programme": ("programme",),
    "operator": ("operator",),
}
"""The clients that a first start registers, each with its usual roles."""


class Client(BaseModel):
    """One registered client. ``jwks`` has its public keys; ``claims`` go into each of its tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)

    jwks: dict[str, Any]
    claims: dict[str, Any] = {}
    scopes: tuple[str, ...] | None = None
    """What it may have; None is everything."""
    development: bool = False
    """May name its own ``org``, ``roles``, ``trainer`` and ``regions`` in the request."""

    def key(self, kid: str) -> Key | None:
        """Return its public key with this id."""
        return usable_keys(self.jwks).get(kid)


class Clients:
    """The registry, read anew when the file changes: a client can be added while the issuer runs."""

    def __init__(self, folder: Path) -> None:
        """Register the development clients where there is no registry yet."""
        self._path = folder / REGISTRY
        self._read_at = 0
        self._clients: dict[str, Client] = {}
        if not self._path.exists():
            keep_secret(self._path, json.dumps(_development(folder), indent=2) + "\n")
        self.get("")

    def get(self, client_id: str) -> Client | None:
        """Look a client up.

        Raises:
            ValueError: the file is not a registry.
        """
        changed = self._path.stat().st_mtime_ns
        if changed != self._read_at:
            try:
                entries = json.loads(self._path.read_text(encoding="utf-8"))
                self._clients = {name: Client.model_validate(entry) for name, entry in entries.items()}
            except (ValidationError, AttributeError, ValueError):
                message = f"{self._path} is not a client registry"
                raise ValueError(message) from None
            self._read_at = changed
        return self._clients.get(client_id)


@dataclass(frozen=True, slots=True)
class Credentials:
    """With which a client proves who it is."""

    client_id: str
    key: ECKey

    @classmethod
    def generate(cls, client_id: str) -> Self:
        """Make a new key."""
        key = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": "ES256"}, auto_kid=True)
        return cls(client_id, key)


def read_credentials(folder: Path, client_id: str) -> Credentials:
    """Read a client's private key from the issuer's folder.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    return Credentials(client_id, ECKey.import_key(json.loads(_private(folder, client_id).read_text(encoding="utf-8"))))


def _private(folder: Path, client_id: str) -> Path:
    if client_id not in DEVELOPMENT_CLIENTS:
        message = f"no development client {client_id}: there are {', '.join(DEVELOPMENT_CLIENTS)}"
        raise FileNotFoundError(message)
    return folder / "clients" / f"{client_id}.json"


def _development(folder: Path) -> dict[str, Any]:
    return dict(_entries(folder, DEVELOPMENT_CLIENTS.items()))


def _entries(folder: Path, clients: Iterable[tuple[str, tuple[str, ...]]]) -> Iterable[tuple[str, dict[str, Any]]]:
    for client_id, roles in clients:
        fresh = Credentials.generate(client_id).key.as_dict(private=True)
        key = ECKey.import_key(json.loads(keep_secret(_private(folder, client_id), json.dumps(fresh))))
        client = Client(jwks={"keys": [key.as_dict(private=False)]}, claims={"roles": list(roles)}, development=True)
        yield client_id, client.model_dump(mode="json", by_alias=True)
