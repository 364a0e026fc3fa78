"""When anything happens anywhere: the facts that letters are made of are copied first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import events.catalogue  # noqa: F401 - an event that is not known here would be passed over
from common.messaging.consumer import Handlers, Received
from common.persistence.transaction import Tx
from notifications.fact import usecases

handlers: Final = Handlers()


@handlers.every
async def copy_facts(received: Sequence[Received], tx: Tx) -> None:
    """Copy the regions of desks, and what the work of vacancies and contracts is."""
    await usecases.keep_desks(tx, received)
    await usecases.keep_works(tx, received)
