"""Settings that production refuses, each with its reason. Without a setting the environment is production."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from common.runtime.public_address import may_be_public

ENCRYPTED: Final = frozenset({"require", "verify-ca", "verify-full"})
"""What PostgreSQL's ``sslmode`` must be where the server is another machine; by default TLS is only tried."""


def why_unsafe(name: str, value: Any) -> str | None:
    """Return why production refuses a setting with this value, without repeating the value; None where it does not."""
    judge = _JUDGES.get(name)
    return judge(value) if judge is not None else None


def is_here(host: str) -> bool:
    """Whether a host is this machine, or a socket on it."""
    name = host.strip("[]").lower().rstrip(".")
    if not name or name.startswith("/") or name == "localhost" or name.endswith(".localhost"):
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return False


def hosts_of(url: str) -> Iterator[str]:
    """Yield the hosts of an address, also where they stand in its query, as libpq allows."""
    parts = urlsplit(url)
    named = [_host(one) for one in parts.netloc.rpartition("@")[2].split(",")]
    asked = parse_qs(parts.query).get("host", [])
    yield from (host for host in (*named, *asked) if host) if any((*named, *asked)) else ("",)


def _host(text: str) -> str:
    if text.startswith("["):
        return text.partition("]")[0][1:]
    return unquote(text.partition(":")[0])


def _clock(moves: bool) -> str | None:  # noqa: FBT001 - a setting
    return "moves time for tests and demonstrations and is refused in production" if moves else None


def _issuers(issuers: Iterable[str]) -> str | None:
    named = tuple(issuers)
    if not named:
        return "must name at least one token issuer in production"
    if not all(url.startswith("https://") for url in named):
        return "must be https:// in production: whoever is on the way could put in keys of their own"
    return None


def _database(url: str) -> str | None:
    if not url.startswith("postgresql://") or all(is_here(host) for host in hosts_of(url)):
        return None
    modes = parse_qs(urlsplit(url).query).get("sslmode") or [os.environ.get("PGSSLMODE", "")]
    if modes[-1] in ENCRYPTED:
        return None
    return "must say ?sslmode=verify-full in production: without it passwords and people's data may travel in the open"


def _log(url: str | None) -> str | None:
    if url is None:
        return None
    if url.startswith("kafka://") and not all(is_here(host) for host in hosts_of(url)):
        return "must be kafka+ssl:// in production: without TLS anybody on the way could read and write"
    return _database(url)


def _mail(url: str) -> str | None:
    if not url.startswith("smtp+opportunistic://") or all(is_here(host) for host in hosts_of(url)):
        return None
    return "must be smtps:// or smtp:// in production: letters with people's names could travel in the open"


def _public(url: str) -> str | None:
    if url.startswith("https://") or all(is_here(host) for host in hosts_of(url)):
        return None
    return "must be https:// in production: people sign in there"


def _webhooks(allowed: Iterable[str]) -> str | None:
    if all(may_be_public(one.rpartition(":")[0]) for one in allowed):
        return None
    return "must not name a private, link-local or loopback host in production: webhooks would reach what is inside"


def _cors(origins: Iterable[str]) -> str | None:
    if all(origin.startswith("https://") and "*" not in origin for origin in origins):
        return None
    return "must name https:// origins in production, each in full: no pattern, and nothing in plain text"


_JUDGES: Final[Mapping[str, Callable[[Any], str | None]]] = {
    "test_clock": _clock,
    "issuers": _issuers,
    "database_url": _database,
    "log_url": _log,
    "log_admin_url": _log,
    "mail_url": _mail,
    "public_url": _public,
    "webhook_allow": _webhooks,
    "cors_allow": _cors,
}
