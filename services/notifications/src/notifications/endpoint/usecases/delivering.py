"""Deliver webhooks: many at once, of each subject one after the other, fairly over the endpoints."""

from __future__ import annotations

import asyncio
import random
from collections import Counter as Count
from collections.abc import Collection
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

import structlog
from prometheus_client import Counter

from common.persistence.database import Database
from common.persistence.lease import LeasedQueue, WorkerDied
from common.persistence.transaction import Tx
from common.runtime.telemetry import QUEUE_PARKED, error_location
from notifications.endpoint.channels.webhooks import MOST_CONNECTIONS, Answer, Webhooks
from notifications.endpoint.model.endpoint import FAILING, Endpoint, Status
from notifications.endpoint.model.schedule import (
    LONGEST_THROTTLE,
    PROBE_SOON,
    next_attempt,
    next_probe,
    throttled_until,
)
from notifications.endpoint.store import claims as claiming
from notifications.endpoint.store import deliveries, endpoints
from notifications.endpoint.store.claims import Claim, Limits
from notifications.endpoint.usecases.endpoints import KEEPS_FAILING
from notifications.failure import Failure

log = structlog.get_logger()

PER_ENDPOINT: Final = 32
"""How many deliveries to one endpoint are under way at once, each of another subject."""
PER_STRANGER: Final = 4
"""The same for an endpoint that has not answered in time lately. All of these together get half of the room: receivers
that hang leave the other half to those that answer."""
SLOW: Final = 2.0
"""Seconds within which an answer is in time."""
DELIVERIES: Final = Counter("hto_webhook_deliveries_total", "Attempts to deliver a webhook", ["outcome"])
_AWAY: Final = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
"""What says nothing of the delivery: the receiver, or what stands before it, takes none."""
_chance: Final = random.SystemRandom()


class Deliverer(LeasedQueue[Claim]):
    """Delivers for one process; any number of processes may.

    An endpoint that fails has a closed gate: instead of all that is due, one delivery now and then probes whether it is
    back. A probe costs an attempt only where the receiver answers, and answers a delivery that is due by itself. The
    first that is taken opens the gate, and everything is due.
    """

    LEASE = 45.0
    LONGEST = 40.0
    LANES = MOST_CONNECTIONS
    BATCH = MOST_CONNECTIONS
    GATHER = 0.02

    def __init__(self, database: Database, webhooks: Webhooks) -> None:
        """Deliver over ``webhooks``."""
        super().__init__(database, claiming.rows, deliveries.QUEUE)
        self._webhooks = webhooks
        self._known: dict[UUID, Endpoint] = {}
        self._since: dict[UUID, float] = {}
        """When deliveries began."""
        self._swift: set[UUID] = set()
        """Endpoints whose latest answer came in time."""

    async def claim(self, room: int, *, alone: bool) -> list[Claim]:
        """Claim what there is room for, and read where it goes."""
        swift = self._in_time()
        each, strangers, busy = self._shares(swift)
        limits = Limits(
            per_endpoint=each,
            strangers=strangers,
            probes=max(0, self.LANES // 4 - sum(claimed.probe for claimed in self.under_way)),
            probe_every=PROBE_SOON,
            longest_wait=LONGEST_THROTTLE + PROBE_SOON,
        )
        claims = await claiming.claim(
            self.database, room=room, alone=alone, seconds=self.LEASE, limits=limits, busy=busy, swift=swift
        )
        if claims:
            async with self.database.begin(actor="webhooks") as tx:
                wanted = {claimed.endpoint_id for claimed in claims}
                self._known |= {one.id: one for one in await endpoints.these(tx, wanted)}
        return claims

    def _in_time(self) -> frozenset[UUID]:
        """Return the endpoints whose latest answer came in time, and that keep nothing waiting now."""
        clock = asyncio.get_running_loop().time()
        slow = {one.endpoint_id for one in self.under_way if clock - self._since.get(one.id, clock) > SLOW}
        return frozenset(self._swift - slow)

    def _shares(self, swift: Collection[UUID]) -> tuple[int, int, dict[UUID, int]]:
        """Return how many an endpoint may have under way, for how many strangers there is room, and what each has.

        Those that answer in time may have more: it counts as fewer that they have.
        """
        count = Count(claimed.endpoint_id for claimed in self.under_way)
        strangers = sum(number for id_, number in count.items() if id_ not in swift)
        room = max(0, max(1, self.LANES // 2) - strangers)
        each = PER_STRANGER if room else 0
        more = dict.fromkeys(swift, each - PER_ENDPOINT)
        return each, room, {id_: count[id_] + more.get(id_, 0) for id_ in count.keys() | more.keys()}

    async def work(self, claimed: Claim) -> None:
        """Deliver, and record the outcome."""
        if claimed.body is None:
            await self.at_last(lambda tx: _keep_gone(tx, claimed), actor="webhooks")
            return
        endpoint = self._known[claimed.endpoint_id]
        began = self._since[claimed.id] = asyncio.get_running_loop().time()
        try:
            self.check(claimed)
            answer = await self._webhooks.deliver(
                endpoint.url,
                event_id=str(claimed.event_id),
                body=claimed.body.encode(),
                secrets=endpoint.secrets(self.database.clock.now()),
            )
        finally:
            self._since.pop(claimed.id, None)
        in_time = answer.accepted and asyncio.get_running_loop().time() - began < SLOW
        (self._swift.add if in_time else self._swift.discard)(claimed.endpoint_id)
        DELIVERIES.labels("delivered" if answer.accepted else "failed").inc()
        if answer.accepted and claimed.degraded:
            # In a transaction of its own, which waits for rows of other subjects and holds none that others wait for.
            await self.at_last(lambda tx: _make_due(tx, claimed.endpoint_id), actor="webhooks")
        await self.at_last(lambda tx: record_answer(tx, claimed, answer), actor="webhooks")

    async def failed(self, claimed: Claim, error: BaseException) -> None:
        """Record a failure of ours: it counts as an attempt of this delivery, and not against its endpoint."""
        reason = error_location(error)
        log.warning("webhooks.failed", delivery=str(claimed.id), reason=reason)
        async with self.database.begin(actor="webhooks") as tx:
            again = next_attempt(claimed.lease.attempts, tx.real_now, _chance.random())
            if again is None or isinstance(error, WorkerDied):
                QUEUE_PARKED.labels(self.name).inc()
                await deliveries.keep(tx, claimed, answer=None, reason=Failure.OURS)
            else:
                await deliveries.failed(tx, claimed, again_at=again, answer=None, reason=Failure.OURS, counts=True)


async def record_answer(tx: Tx, claimed: Claim, answer: Answer) -> None:
    """Record the answer to a delivery, for the delivery and for its endpoint."""
    if answer.accepted and answer.status is not None:
        taken = await deliveries.delivered(tx, claimed, answer.status)
        if taken and claimed.degraded and await endpoints.record_success(tx, claimed.endpoint_id):
            await tx.cancel_deadline(KEEPS_FAILING, claimed.endpoint_id)
        tx.woken.add(deliveries.QUEUE)
        return
    reason = answer.failure or f"answered {answer.status}"
    if not await _put_back(tx, claimed, answer, reason):
        return
    throttle = throttled_until(answer.retry_after, tx.real_now, datetime.now(UTC)) if answer.status in _AWAY else None
    probes, since = await endpoints.probes_failed(tx, claimed.endpoint_id)
    since = await endpoints.record_failure(
        tx,
        claimed.endpoint_id,
        probe_at=tx.real_now + (next_probe(probes + claimed.probe, since or tx.now, tx.now, _chance.random()) - tx.now),
        probed=claimed.probe,
        throttled_until=throttle,
        reason=reason,
    )
    if since == tx.now:
        await tx.set_deadline(KEEPS_FAILING, claimed.endpoint_id, since + FAILING)
    if answer.status == HTTPStatus.GONE:
        endpoint = await endpoints.store.get(tx, claimed.endpoint_id, lock=True)
        if endpoint.status is Status.ENABLED:
            await endpoints.store.apply(tx, *endpoint.disable("gone"))


async def _keep_gone(tx: Tx, claimed: Claim) -> None:
    """Try no more to deliver an event that a rebuild found to be nobody's: the next one of its subject follows."""
    if await deliveries.keep(tx, claimed, answer=None, reason=Failure.NOT_IN_FEED):
        tx.woken.add(deliveries.QUEUE)


async def _make_due(tx: Tx, endpoint_id: UUID) -> None:
    """Make all due where more than one delivery failed: it was the endpoint, and nothing need wait any longer."""
    probes, _ = await endpoints.probes_failed(tx, endpoint_id)
    if probes:
        await deliveries.all_due(tx, endpoint_id)


async def _put_back(tx: Tx, claimed: Claim, answer: Answer, reason: str) -> bool:
    """Put a delivery back that was not taken; False where the lease was overtaken.

    What a probe finds out about the endpoint is not the delivery's failure: it costs no attempt, and the next probe is
    another delivery. An answer to this delivery counts when it was due by itself, so that one that a receiver never
    takes is kept in the end.
    """
    status = answer.status
    if claimed.probe and claimed.early:
        return await deliveries.give_back(tx, claimed, answer=status, reason=reason)
    if claimed.probe and (status is None or status in _AWAY):
        return await deliveries.failed(tx, claimed, again_at=tx.real_now, answer=status, reason=reason, counts=False)
    again = next_attempt(claimed.lease.attempts, tx.real_now, _chance.random())
    if again is None:
        return await deliveries.keep(tx, claimed, answer=status, reason=reason)
    return await deliveries.failed(tx, claimed, again_at=again, answer=status, reason=reason, counts=True)
