"""Follow what happened: cases, figures and parked events are brought up to it."""

from __future__ import annotations

from collections.abc import Sequence

from common.consumer import Received
from common.transaction import Tx
from events.erasure import ErasureConfirmed
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
    for item in received:
        if item.event is not None:
            await count(tx, item.event)
            await follow_parking(tx, item)
        if isinstance(item.event, TrainerAnonymised):
            _confirm_erasure(tx, item.event)


def _confirm_erasure(tx: Tx, event: TrainerAnonymised) -> None:
    """Say that nothing of the person is here: cases and figures have ids and codes only."""
    tx.publish(
        ErasureConfirmed(trainer_id=event.trainer_id, service=tx.database.service, rows=0), case=event.trainer_id
    )
