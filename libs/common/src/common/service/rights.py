"""Which service may write and read which topic of the event log: derived from what it publishes and reacts to.

Kafka's ACLs, the PostgreSQL log's grants and the workers' own subscriptions all come from here.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.messaging.consumer import Handlers
from common.messaging.rights import Rights
from common.persistence.deadlines import unpark
from common.service.declaration import Service
from common.service.housekeeping import add_housekeeping


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
    return (main, *(projection.handlers for projection in service.projections))


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
