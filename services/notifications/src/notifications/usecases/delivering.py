"""Deliver webhooks: many at once, of each subject one after the other, and what came of it in one transaction."""

from __future__ import annotations

import asyncio
import random
from collections import Counter as Count
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

import structlog
from prometheus_client import Counter

from common.backoff import backoff
from common.db import Database
from common.telemetry import place_of
from common.transaction import Tx
from notifications.channels.webhooks import Answer, Webhooks
from notifications.model.endpoint import FAILING, Endpoint, Status
from notifications.model.schedule import next_attempt, throttled_until
from notifications.store import deliveries, endpoints
from notifications.store.deliveries import Claim
from notifications.usecases.endpoints import KEEPS_FAILING

log = structlog.get_logger()

PER_ENDPOINT: Final = 32
"""How many deliveries to one endpoint are under way at once, each of another subject."""
MOST: Final = 256
POLL: Final = 0.1
DELIVERIES: Final = Counter("hto_webhook_deliveries_total", "Attempts to deliver a webhook", ["outcome"])
_PATIENCE: Final = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
_chance: Final = random.SystemRandom()


class Deliverer:
    """Delivers for one process; any number of processes may."""

    def __init__(self, database: Database, webhooks: Webhooks) -> None:
        """Start with nothing under way."""
        self._database, self._webhooks = database, webhooks
        self._flying: dict[asyncio.Task[Answer], Claim] = {}
        self._landed: list[tuple[Claim, Answer]] = []
        self._failing: set[UUID] = set()

    async def run(self) -> None:
        """Deliver until cancelled, through outages of the database."""
        failures = 0
        try:
            while True:
                try:
                    await self.round()
                    failures = 0
                except Exception as error:  # noqa: BLE001 - what was delivered meanwhile must still be noted
                    failures += 1
                    log.warning("webhooks.interrupted", reason=place_of(error))
                    await asyncio.sleep(backoff(failures, first=0.2, most=5))
        finally:
            flying = list(self._flying)
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    async def round(self) -> int:
        """Note what has come back and send what is due; return how many are under way or were noted."""
        await self._land()
        landed = list(self._landed)
        async with self._database.begin(actor="webhooks") as tx:
            for claimed, answer in landed:
                await settle(tx, claimed, answer)
            claims = await self._claim(tx)
            known = await _known(tx, claims)
        self._landed = self._landed[len(landed) :]
        for claimed in claims:
            if claimed.endpoint_id in known:
                self._send(claimed, known[claimed.endpoint_id])
        return len(landed) + len(self._flying)

    async def _land(self) -> None:
        if not self._flying:
            if not self._landed:
                await asyncio.sleep(POLL)
            return
        done, _ = await asyncio.wait(self._flying, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            claimed, answer = self._flying.pop(task), task.result()
            (self._failing.discard if answer.accepted else self._failing.add)(claimed.endpoint_id)
            DELIVERIES.labels("delivered" if answer.accepted else "failed").inc()
            self._landed.append((claimed, answer))

    async def _claim(self, tx: Tx) -> list[Claim]:
        if len(self._flying) >= MOST:
            return []
        under_way = Count(claimed.endpoint_id for claimed in self._flying.values())
        busy = [id_ for id_, count in under_way.items() if count >= (1 if id_ in self._failing else PER_ENDPOINT)]
        return await deliveries.claim(tx, per_endpoint=PER_ENDPOINT, busy=busy)

    def _send(self, claimed: Claim, endpoint: Endpoint) -> None:
        secrets = endpoint.secrets(self._database.clock.now())
        delivery = self._webhooks.deliver(
            endpoint.url, event_id=str(claimed.event_id), body=claimed.body.encode(), secrets=secrets
        )
        self._flying[asyncio.create_task(delivery)] = claimed


async def settle(tx: Tx, claimed: Claim, answer: Answer) -> None:
    """Note what a delivery led to, for the delivery and for its endpoint."""
    if answer.accepted and answer.status is not None:
        await deliveries.delivered(tx, claimed, answer.status)
        if claimed.troubled and await endpoints.fares_well(tx, claimed.endpoint_id):
            await tx.forget(KEEPS_FAILING, claimed.endpoint_id)
        return
    reason = answer.failure or f"answered {answer.status}"
    patience = throttled_until(answer.retry_after, tx.now, datetime.now(UTC)) if answer.status in _PATIENCE else None
    again = next_attempt(claimed.attempts, tx.now, _chance.random())
    if again and patience:
        again = max(again, patience)
    if not await deliveries.failed(tx, claimed, again_at=again, answer=answer.status, reason=reason):
        return
    since = await endpoints.fares_badly(tx, claimed.endpoint_id, throttled_until=patience, reason=reason)
    if since == tx.now:
        await tx.remind(KEEPS_FAILING, claimed.endpoint_id, since + FAILING)
    if answer.status == HTTPStatus.GONE:
        endpoint = await endpoints.store.get(tx, claimed.endpoint_id, lock=True)
        if endpoint.status is Status.ENABLED:
            await endpoints.store.apply(tx, *endpoint.disable("gone"))


async def _known(tx: Tx, claims: list[Claim]) -> dict[UUID, Endpoint]:
    if not claims:
        return {}
    return {endpoint.id: endpoint for endpoint in await endpoints.present(tx)}
