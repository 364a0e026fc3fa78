"""A person is erased: the service's own copies and those of the plumbing, in one transaction, which confirms it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from common.messaging.consumer import parking
from common.persistence import stored_answers
from common.persistence.transaction import Tx
from events.erasure import ErasureConfirmed

Scrub = Callable[[Tx, UUID], Awaitable[int]]
"""Takes what is personal out of a service's own tables; returns how many rows held something."""


async def erase(tx: Tx, person_id: UUID, scrub: Scrub | None = None) -> None:
    """Forget a person here, and say so; ids, codes, minutes and money stay.

    Without ``scrub`` where the service's own tables have nothing else.
    """
    # First: it waits for a redrive of parked states, which may be making a copy at this moment.
    rows = await parking.erase(tx, person_id)
    if scrub is not None:
        rows += await scrub(tx, person_id)
    # Last: who writes about the person holds rows that ``scrub`` waits for, and has then kept an answer.
    rows += await stored_answers.erase_answers(tx, person_id)
    with tx.at_present():  # it confirms what was done now, however long ago it was asked
        tx.publish(ErasureConfirmed(trainer_id=person_id, service=tx.database.service, rows=rows), case=person_id)
