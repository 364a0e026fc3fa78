"""The queue of endpoints that are to be asked whether they want webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from common.persistence.lease import Claim, LeasedRows
from common.persistence.transaction import Tx
from notifications.endpoint.store.endpoints import reset_health
from notifications.endpoint.tables import endpoints, health, questions
from notifications.fact import store as facts

QUEUE: Final = "notifications.questions"
NOT_CONFIRMED: Final = "the organisation is not confirmed yet"
"""Why an address is not asked: it may be anybody's. Registry publishes the contact of confirmed owners only."""


rows: Final = LeasedRows(
    "questions",
    key="endpoint_id",
    claimable="""EXISTS (
        SELECT FROM endpoints e JOIN contacts c ON c.party_id = e.owner_id WHERE e.id = questions.endpoint_id
    )""",
)


async def enqueue(tx: Tx, endpoint_id: UUID, owner_id: UUID) -> None:
    """Ask an endpoint, from the first attempt on; not before its owner is confirmed."""
    confirmed = await facts.contacts_of(tx, {owner_id})
    await reset_health(tx, endpoint_id, None if confirmed else NOT_CONFIRMED)
    anew = {"due_at": tx.real_now, "attempts": 0, "leased_until": None, "lease": None, "deaths": 0}
    row = insert(questions).values(endpoint_id=endpoint_id, **anew)
    await tx.execute(row.on_conflict_do_update(index_elements=["endpoint_id"], set_=anew))
    tx.woken.add(QUEUE)


async def expedite(tx: Tx, owner_id: UUID) -> None:
    """Ask the endpoints that waited for their owner to be confirmed."""
    theirs = select(endpoints.c.id).where(endpoints.c.owner_id == owner_id).scalar_subquery()
    waiting = health.c.endpoint_id.in_(theirs) & (health.c.reason == NOT_CONFIRMED)
    if (await tx.execute(update(health).where(waiting).values(reason=None))).rowcount:
        tx.woken.add(QUEUE)


async def finish(tx: Tx, claimed: Claim) -> bool:
    """Take a question off the queue; False where the lease was overtaken."""
    return bool((await tx.execute(delete(questions).where(_held(claimed)))).rowcount)


async def postpone(tx: Tx, claimed: Claim, due_at: datetime) -> bool:
    """Put a question back on the queue; False where the lease was overtaken."""
    back = {"due_at": due_at, "leased_until": None, "lease": None, "deaths": 0}
    return bool((await tx.execute(update(questions).where(_held(claimed)).values(back))).rowcount)


async def cancel(tx: Tx, endpoint_id: UUID) -> None:
    """Ask a removed endpoint no more."""
    await tx.execute(delete(questions).where(questions.c.endpoint_id == endpoint_id))


def _held(claimed: Claim) -> ColumnElement[bool]:
    return (questions.c.endpoint_id == claimed.id) & (questions.c.lease == claimed.lease.token)
