"""How a process comes into the event log: at which address, as whom, and by which proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLogin:
    """An address, and the secrets that never stand in it where the log is Kafka."""

    url: str
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """The authority that signed the brokers' certificates; None is those that this machine trusts."""
    certificate_file: Path | None = None
    """The client's own certificate and its key, in one PEM file."""

    @property
    def scheme(self) -> str:
        """``postgresql``, ``kafka`` or ``kafka+ssl``."""
        return self.url.partition("://")[0]

    @property
    def user(self) -> str | None:
        """The user in the address."""
        return user_of(self.url)

    @property
    def hosts(self) -> str:
        """The part of the address behind the user: ``host:port[,host:port]``."""
        return authority_of(self.url).rpartition("@")[2]

    @property
    def dsn(self) -> str:
        """The PostgreSQL address with its password in it, for the driver only."""
        return with_password(self.url, self.password)


def authority_of(url: str) -> str:
    """Return the part of an address between ``://`` and the path: a list of hosts is no host to ``urlsplit``."""
    rest = url.partition("://")[2]
    for end in "/?#":
        rest = rest.partition(end)[0]
    return rest


def user_of(url: str) -> str | None:
    """Return the user in an address, None where it names none."""
    return authority_of(url).rpartition("@")[0].partition(":")[0] or None


def has_password(url: str) -> bool:
    """Whether a password stands in the address."""
    return bool(authority_of(url).rpartition("@")[0].partition(":")[2])


def with_password(url: str, password: str | None) -> str:
    """Put a password into an address that names a user."""
    if password is None:
        return url
    parts = urlsplit(url)
    user, _, hosts = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{hosts}").geturl()
