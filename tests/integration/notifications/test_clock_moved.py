"""Business time moves, and what waits to be tried again does not: it waits for a machine (ADR 0013)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.registry import TrainerAvailable
from notifications.endpoint import tables as endpoint_tables
from notifications.endpoint.usecases.delivering import Deliverer
from notifications.message import tables as message_tables
from notifications.message.channels.mail import SmtpChannel
from tests.integration.notifications.at_work import Cast, Notifications, webhooks
from tests.integration.notifications.endpoint.test_endpoint_gates import away
from tests.integration.notifications.raw_receivers import listening, owe
from tests.support.postgres import free_port

SOON = timedelta(hours=2)
"""Longer than any wait after a first failure."""


@pytest.mark.parametrize("days", [15, -15])
async def test_a_letter_that_failed_while_the_clock_was_moved_is_tried_again_soon(
    at_work: Notifications, days: int
) -> None:
    """Seen red: after ``clock advance 15d`` and ``clock set now`` it stayed due in fifteen days."""
    cast = Cast()
    clock = at_work.database.clock
    clock.offset = timedelta(days=days)
    await at_work.hear(cast.contact("trainer"))
    await at_work.hear(cast.event(TrainerAvailable))
    assert await at_work.send(SmtpChannel(host="127.0.0.1", port=free_port())) == 0
    clock.offset = timedelta()
    (row,) = await at_work.rows(message_tables.outgoing)
    assert row.attempts == 1
    assert timedelta() < row.due_at - datetime.now(UTC) + SOON < 2 * SOON


@pytest.mark.parametrize("days", [15, -15])
async def test_a_delivery_and_its_gate_do_not_stay_due_in_the_future(at_work: Notifications, days: int) -> None:
    clock = at_work.database.clock
    async with away() as partner, webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)
        await partner.go()
        clock.offset = timedelta(days=days)
        await owe(at_work, endpoint, subjects=1)
        await Deliverer(at_work.database, channel).run_due()
        clock.offset = timedelta()
    (row,) = await at_work.rows(endpoint_tables.deliveries)
    assert abs(row.due_at - datetime.now(UTC)) < SOON
    (health,) = await at_work.rows(endpoint_tables.health)
    assert abs(health.probe_at - datetime.now(UTC)) < SOON
