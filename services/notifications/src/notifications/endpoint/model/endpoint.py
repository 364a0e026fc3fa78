"""A partner's webhook endpoint: asked for permission, delivered to, switched off when it keeps failing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, ip_address
from typing import Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from common.errors import Conflict, Refused
from common.lifecycle import LifeCycle
from events import Event
from events.notifications import (
    EndpointDisabled,
    EndpointEnabled,
    EndpointRegistered,
    EndpointRemoved,
    EndpointResumed,
    EndpointSecretRotated,
)
from events.parties import Parties

FAILING: Final = timedelta(days=5)
"""For how long an endpoint may fail before it is switched off."""
OVERLAP: Final = timedelta(hours=24)
"""For how long a replaced secret still signs as well."""


class Status(StrEnum):
    """Whether the endpoint gets anything."""

    PENDING = "pending"
    """Its address has not allowed deliveries yet."""
    ENABLED = "enabled"
    DISABLED = "disabled"
    REMOVED = "removed"


class NotPossible(Conflict):
    """An endpoint that is {status} cannot become {wanted}."""


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        Status.PENDING: {Status.ENABLED, Status.REMOVED},
        Status.ENABLED: {Status.DISABLED, Status.REMOVED},
        Status.DISABLED: {Status.PENDING, Status.REMOVED},
    },
)


class EndpointIsRemoved(Conflict):
    """This endpoint was removed."""


class TooManyEndpoints(Refused):
    """This organisation has {limit} webhook endpoints already, and may have no more. Remove one that is not used."""


class TooManyAtAddress(Refused):
    """This organisation has {limit} webhook endpoints at {host} already. One endpoint can get all kinds of events."""


class TooManyAtHost(Refused):
    """There are {limit} webhook endpoints at {host} already, and it may have no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many endpoints there may be."""

    per_organisation: int
    per_address: int
    """Of one organisation at one host."""
    per_host: int
    """Of all organisations at one host."""

    def check(self, host: str, *, own: Sequence[str], all_at_host: int) -> None:
        """Return where there is room for one more; ``own`` are the hosts of the organisation's endpoints.

        Raises:
            Refused: there is none, and why.
        """
        if len(own) >= self.per_organisation:
            raise TooManyEndpoints(limit=self.per_organisation)
        if own.count(host) >= self.per_address:
            raise TooManyAtAddress(limit=self.per_address, host=host)
        if all_at_host >= self.per_host:
            raise TooManyAtHost(limit=self.per_host, host=host)


def host_of(url: str) -> str:
    """Return the host of an address as one name, however it is written."""
    name = (urlsplit(url).hostname or "").rstrip(".").lower()
    for read in (ip_address, _ipv4_as_resolvers_read_it):
        with suppress(ValueError):
            return str(read(name))
    return name


def _ipv4_as_resolvers_read_it(name: str) -> IPv4Address:
    """Read 2130706433, 0x7f.1, 0177.1 and 127.1: the last number is the rest of the address."""
    *first, last = (int(part, 8 if part[:1] == "0" and part.isdecimal() else 0) for part in name.split("."))
    return IPv4Address(sum(number << 24 - 8 * place for place, number in enumerate(first)) + last)


@dataclass(frozen=True, slots=True, kw_only=True)
class OldSecret:
    """A replaced secret and until when it signs."""

    secret: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address to which a partner wants which events."""

    id: UUID
    version: int
    owner_id: UUID
    url: str
    event_types: tuple[str, ...]
    """Names such as ``contract.signed``; none is all."""
    secret: str
    old_secrets: tuple[OldSecret, ...] = ()
    status: Status
    created_at: datetime
    disabled_because: str | None = None

    @property
    def case(self) -> UUID:
        """Its owner."""
        return self.owner_id

    @property
    def parties(self) -> Parties:
        """Its owner."""
        return Parties(organisation=self.owner_id)

    @classmethod
    def register(
        cls,
        *,
        endpoint_id: UUID,
        owner_id: UUID,
        url: str,
        event_types: tuple[str, ...],
        secret: str,
        now: datetime,
    ) -> tuple[Endpoint, list[Event]]:
        """Register an address; nothing goes out before it allows deliveries."""
        new = cls(
            id=endpoint_id,
            version=0,
            owner_id=owner_id,
            url=url,
            event_types=event_types,
            secret=secret,
            status=Status.PENDING,
            created_at=now,
        )
        return new, [EndpointRegistered(endpoint_id=endpoint_id, owner_id=owner_id, event_types=list(event_types))]

    def wants(self, name: str) -> bool:
        """Whether it asks for events of this name."""
        return not self.event_types or name in self.event_types

    def allow(self) -> tuple[Endpoint, list[Event]]:
        """Record that the address allows deliveries."""
        if self.status is Status.ENABLED:
            return self, []
        event = EndpointEnabled(endpoint_id=self.id, owner_id=self.owner_id)
        return LIFE_CYCLE.become(self, Status.ENABLED, event, disabled_because=None)

    def disable(self, reason: Literal["failing", "gone"]) -> tuple[Endpoint, list[Event]]:
        """Stop delivering until the partner asks again."""
        if self.status is Status.DISABLED:
            return self, []
        event = EndpointDisabled(endpoint_id=self.id, owner_id=self.owner_id, reason=reason)
        return LIFE_CYCLE.become(self, Status.DISABLED, event, disabled_because=reason)

    def resume(self) -> tuple[Endpoint, list[Event]]:
        """Want deliveries again: the address is asked anew."""
        if self.status in {Status.PENDING, Status.ENABLED}:
            return self, []
        event = EndpointResumed(endpoint_id=self.id, owner_id=self.owner_id)
        return LIFE_CYCLE.become(self, Status.PENDING, event)

    def rotate(self, secret: str, now: datetime) -> tuple[Endpoint, list[Event]]:
        """Sign with another secret; the present one goes on beside it for a while."""
        if self.status is Status.REMOVED:
            raise EndpointIsRemoved
        kept = tuple(old for old in self.old_secrets if old.until > now)
        changed = replace(self, secret=secret, old_secrets=(*kept, OldSecret(secret=self.secret, until=now + OVERLAP)))
        return changed, [EndpointSecretRotated(endpoint_id=self.id, owner_id=self.owner_id)]

    def remove(self) -> tuple[Endpoint, list[Event]]:
        """Take it away."""
        if self.status is Status.REMOVED:
            return self, []
        event = EndpointRemoved(endpoint_id=self.id, owner_id=self.owner_id)
        return LIFE_CYCLE.become(self, Status.REMOVED, event, secret="", old_secrets=())

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Return what signs at this moment, the newest first."""
        return (self.secret, *(old.secret for old in self.old_secrets if old.until > now))
