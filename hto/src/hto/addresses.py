"""Where each service is: all of them at one origin, or each at its own."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from hto.services import NAMES

ISSUER: Final = "issuer"
_NUMBERS: Final = {name: number for number, name in enumerate((ISSUER, *NAMES))}
"""Compose without a proxy: ports 8001 to 8005 are the services, 8000 has the issuer."""
_RUNNING: Final = "running.json"


class BadAddress(ValueError):
    """An address is http://host:port, or has {service} or {n} where the services differ."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """``http://localhost:8000``, or a pattern such as ``http://localhost:800{n}`` or ``https://{service}.example``."""

    pattern: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Read an address.

        Raises:
            BadAddress: it is none.
        """
        addresses = cls(text.rstrip("/"))
        try:
            parts = [urlsplit(addresses.origin(name)) for name in _NUMBERS]
            good = all(part.scheme in {"http", "https"} and part.hostname and part.port != 0 for part in parts)
        except (KeyError, IndexError, ValueError):
            good = False
        if not good:
            raise BadAddress(f"{text!r}: {BadAddress.__doc__}")
        return addresses

    def origin(self, name: str) -> str:
        """Return where a service, or the issuer, is."""
        return self.pattern.format(service=name, n=_NUMBERS.get(name))

    def url(self, path: str) -> str:
        """Return the address of ``/registry/v1/trainers``: its first part names the service."""
        return self.origin(path.split("/", 2)[1]) + path

    @property
    def issuer(self) -> str:
        """Where tokens come from."""
        return f"{self.origin(ISSUER)}/{ISSUER}"


def announce(data: Path, *, url: str, log_url: str, database_url: str) -> None:
    """Write down what runs on this data folder, so that other commands find it without an option."""
    path = data / _RUNNING
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"url": url, "logUrl": log_url, "databaseUrl": database_url}, file)
    draft.replace(path)


def announced(data: Path) -> dict[str, Any]:
    """Return what runs on this data folder, as ``url``, ``logUrl`` and ``databaseUrl``; empty where nothing does."""
    try:
        found = json.loads((data / _RUNNING).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def withdraw(data: Path) -> None:
    """Take the announcement back."""
    (data / _RUNNING).unlink(missing_ok=True)
