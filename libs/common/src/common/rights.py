"""Which service may write and read which topic of the event log: derived from what it publishes and reacts to.

Kafka's ACLs, the PostgreSQL log's grants and the workers' own subscriptions all come from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from common.deadlines import unpark
from common.housekeeping import add_housekeeping

if TYPE_CHECKING:
    from common.consumer import Handlers
    from common.service import Service

GROUP_PREFIX: Final = "hto."
"""A consumer's group is ``hto.<consumer>``; a service's consumers are ``<service>`` and ``<service>.<more>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What one service may do on the event log, and nothing else."""

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


def consumers_of(service: Service, *, follow_clock: bool) -> tuple[Handlers, ...]:
    """Return the reactions of each of a service's consumers, those that all services share included."""
    main = service.handlers.copy()
    add_housekeeping(
        main,
        service.name,
        follow_policies=not service.owns_policies,
        follow_clock=follow_clock,
        queues={f"{service.name}.deadlines": unpark, **service.queues},
    )
    return (main, *service.projections)


def rights_of(service: Service, services: Sequence[str]) -> Rights:
    """Derive a service's rights; ``services`` names all there are.

    Raises:
        ValueError: a consumer's name does not begin with the service's, so that its group would be nobody's.
    """
    consumers = consumers_of(service, follow_clock=True)
    for handlers in consumers:
        if handlers.consumer is not None and not handlers.consumer.startswith(f"{service.name}."):
            raise ValueError(f"the consumer {handlers.consumer} must be called {service.name}.…, after its service")
    return Rights(
        service=service.name,
        writes=tuple(sorted(topic.name for topic in service.topics)),
        reads=tuple(sorted({topic for handlers in consumers for topic in handlers.topics(services)})),
        purges=tuple(sorted(topic.name for topic in service.topics if not topic.compacted)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLogin:
    """Whom the log knows a service as."""

    rights: Rights
    user: str
    password: str | None = field(default=None, repr=False)
    """None where it is not known here: then the user must be there already."""
