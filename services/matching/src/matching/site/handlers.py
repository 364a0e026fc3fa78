"""When registry publishes what an organisation is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from common.messaging.consumer import Handlers
from common.messaging.consumer.handlers import Received
from common.persistence.transaction import Tx
from events.registry import OrganisationChanged, OrganisationFacts, OrganisationRegistered
from matching.site import usecases

handlers: Final = Handlers()


@handlers.bulk(OrganisationRegistered, OrganisationChanged)
async def keep(received: Sequence[Received], tx: Tx) -> None:
    """Keep where the work of schools is."""
    await usecases.keep(tx, [cast("OrganisationFacts", item.event) for item in received])
