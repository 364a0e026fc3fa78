"""Ask endpoints whether they want webhooks: nothing is delivered to an address that does not allow it."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Final

import structlog

from common.persistence.database import Database
from common.persistence.lease import Claim, Lease, LeasedQueue, WorkerDied
from common.persistence.transaction import Tx
from common.runtime.telemetry import QUEUE_PARKED, error_location
from notifications.endpoint.channels.webhooks import Answer, Webhooks
from notifications.endpoint.model.endpoint import Status
from notifications.endpoint.model.schedule import next_attempt
from notifications.endpoint.store import endpoints, questions
from notifications.failure import Failure

log = structlog.get_logger()

_chance: Final = random.SystemRandom()


class Questions(LeasedQueue[Claim]):
    """Asks for one process; any number of processes may.

    An endpoint that allows nothing for days, or whose question ends its workers, is asked no more: it stays pending
    with the reason until its partner enables it again.
    """

    LANES = 20
    POLL = 2.0

    def __init__(self, database: Database, webhooks: Webhooks) -> None:
        """Ask over ``webhooks``."""
        super().__init__(database, questions.rows, questions.QUEUE)
        self._webhooks = webhooks

    async def claim(self, room: int, *, alone: bool) -> list[Claim]:
        """Claim endpoints of confirmed owners that are to be asked."""
        rows = await self.rows.claim(self.database, room=room, alone=alone, seconds=self.LEASE)
        return [Claim(Lease.of(row)) for row in rows]

    async def work(self, claimed: Claim) -> None:
        """Ask an endpoint that is still pending, and record its answer."""
        async with self.database.begin(actor="webhooks") as tx:
            endpoint = await endpoints.store.find(tx, claimed.id)
            if endpoint is None or endpoint.status is not Status.PENDING:
                await questions.finish(tx, claimed)
                return
        self.check(claimed)
        answer = await self._webhooks.ask(endpoint.url)
        allowed = self._webhooks.allows(answer)
        await self.at_last(lambda tx: _record(tx, claimed, answer, allowed=allowed), actor="webhooks")

    async def failed(self, claimed: Claim, error: BaseException) -> None:
        """Record a failure of ours: the endpoint is asked again, unless it ends its workers."""
        log.warning("webhooks.not-asked", endpoint=str(claimed.id), reason=error_location(error))
        died = isinstance(error, WorkerDied)
        if died:
            QUEUE_PARKED.labels(self.name).inc()
        async with self.database.begin(actor="webhooks") as tx:
            again = None if died else next_attempt(claimed.lease.attempts, tx.real_now, _chance.random())
            await _not_allowed(tx, claimed, again, Failure.OURS)


async def _record(tx: Tx, claimed: Claim, answer: Answer, *, allowed: bool) -> None:
    if not allowed:
        again = next_attempt(claimed.lease.attempts, tx.real_now, _chance.random())
        reason = answer.failure or f"answered {answer.status} without allowing deliveries"
        await _not_allowed(tx, claimed, again, reason)
    elif await questions.finish(tx, claimed):
        await endpoints.set_reason(tx, claimed.id, None)
        asked = await endpoints.store.get(tx, claimed.id, lock=True)
        if asked.status is Status.PENDING:
            await endpoints.store.apply(tx, *asked.allow())


async def _not_allowed(tx: Tx, claimed: Claim, again: datetime | None, reason: str) -> None:
    """Ask again at a moment, or no more; why is seen at the endpoint."""
    mine = await (questions.finish(tx, claimed) if again is None else questions.postpone(tx, claimed, again))
    if mine:
        await endpoints.set_reason(tx, claimed.id, reason)
