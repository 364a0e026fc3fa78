"""Follow what happened: cases, figures and parked events are brought up to it."""

from __future__ import annotations

from collections.abc import Sequence

from common.messaging import erasure
from common.messaging.consumer import Received
from common.persistence.transaction import Tx
from events.registry import TrainerAnonymised
from operations.usecases.cases import follow_cases
from operations.usecases.counting import count
from operations.usecases.parking import follow_parking
from operations.usecases.provenance import case_of


async def follow(tx: Tx, received: Sequence[Received]) -> None:
    """Bring cases, figures and parked events up to what happened; all of it in a few statements."""
    in_cases = [item for item in received if item.event is not None and case_of(item) is not None]
    if in_cases:
        await follow_cases(tx, in_cases)
    await count(tx, [item.event for item in received if item.event is not None])
    for item in received:
        if item.event is not None:
            await follow_parking(tx, item)
        if isinstance(item.event, TrainerAnonymised):
            # Cases and figures have ids and codes only.
            await erasure.erase(tx, item.event.trainer_id)
