"""The rights of one service on the event log, and its login."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

GROUP_PREFIX: Final = "hto."
"""A consumer's group is ``hto.<consumer>``; a service's consumers are ``<service>`` and ``<service>.<more>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The rights of one service on the event log: all that it may do there."""

    service: str
    writes: tuple[str, ...]
    """Its own topics; it may read them as well."""
    reads: tuple[str, ...]
    purges: tuple[str, ...] = ()
    """Its own topics whose events have a term: not the compacted ones."""

    @property
    def group(self) -> str:
        """The consumer group of its main consumer; further ones are called ``<group>.<more>``."""
        return f"{GROUP_PREFIX}{self.service}"

    @property
    def sees(self) -> tuple[str, ...]:
        """Every topic that it may read: its own, and those that it subscribes to."""
        return tuple(sorted({*self.writes, *self.reads}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLogin:
    """Whom the log knows a service as."""

    rights: Rights
    user: str
    password: str | None = field(default=None, repr=False)
    """None where it is not known here: then the user must be there already."""
