"""The key of this installation's candidate ids, and ids that do not tell the moment at which they were made."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from common.persistence.transaction import Tx
from matching.ranking.model.blindness import Pseudonyms
from matching.ranking.tables import candidate_key

_BYTES: Final = 32


async def pseudonyms(tx: Tx) -> Pseudonyms:
    """Return the pseudonyms under this installation's key; the first one who asks makes it.

    Deleting the row rotates the key: every candidate id is another one from then on, and clients read anew.
    """
    known = select(candidate_key.c.secret)
    found = (await tx.execute(known)).scalar_one_or_none()
    if found is None:
        new = insert(candidate_key).values(one=True, secret=secrets.token_bytes(_BYTES)).on_conflict_do_nothing()
        await tx.execute(new)
        found = (await tx.execute(known)).scalar_one()
    return Pseudonyms(bytes(found))


def new_id(tx: Tx) -> UUID:
    """Return a version 7 UUID that tells the day and nothing finer, also not the order within the day.

    One trainer who comes or goes moves several vacancies within a millisecond: ids that tell it would link them. From
    an order a trainer would read how many others were asked before.
    """
    midnight = datetime.combine(tx.now.astimezone(UTC).date(), time(), UTC)
    milliseconds = int(midnight.timestamp()) * 1000
    return UUID(int=milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62))
