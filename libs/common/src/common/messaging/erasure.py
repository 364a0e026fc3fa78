"""A person is erased: from the tables of every slice and of the plumbing, in one transaction, which confirms it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import MetaData

from common.messaging.consumer import parking
from common.persistence import stored_answers
from common.persistence.transaction import Tx
from events.erasure import ErasureConfirmed

Scrub = Callable[[Tx, UUID], Awaitable[int]]
"""Takes what is personal out of a slice's tables; returns how many rows held something."""
_SCRUBS: Final = "scrubs"


def declare(tables: MetaData, scrubs: Iterable[Scrub]) -> None:
    """Note with a service's tables what takes a person out of them, in the order of its slices."""
    tables.info[_SCRUBS] = tuple(scrubs)


async def erase(tx: Tx, person_id: UUID) -> None:
    """Forget a person here, and say so; ids, codes, minutes and money stay.

    Raises:
        KeyError: no service was declared over these tables.
    """
    # First: it waits for a redrive of parked states, which may be making a copy at this moment.
    rows = await parking.erase(tx, person_id)
    for scrub in tx.database.metadata.info[_SCRUBS]:
        rows += await scrub(tx, person_id)
    # Last: who writes about the person holds rows that ``scrub`` waits for, and has then kept an answer.
    rows += await stored_answers.erase_answers(tx, person_id)
    with tx.at_present():  # it confirms what was done now, however long ago it was asked
        tx.publish(ErasureConfirmed(trainer_id=person_id, service=tx.database.service, rows=rows), case=person_id)
