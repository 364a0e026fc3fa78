"""When anything happens anywhere: it becomes a step of its case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import events.catalogue  # noqa: F401 - an event that is not known here would be passed over
from common.messaging.consumer import Handlers, Received
from common.persistence.transaction import Tx
from operations.case.usecases.following import follow_cases
from operations.case.usecases.provenance import case_of

handlers: Final = Handlers("operations.cases")


@handlers.every
async def follow(received: Sequence[Received], tx: Tx) -> None:
    """Bring every case up to what happened, in a few statements."""
    in_cases = [item for item in received if item.event is not None and case_of(item) is not None]
    if in_cases:
        await follow_cases(tx, in_cases)
