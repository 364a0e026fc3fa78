"""A partner's endpoint that allowed deliveries, and what delivers to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from notifications.endpoint.channels.webhooks import Webhooks
from notifications.endpoint.model.endpoint import Endpoint
from notifications.endpoint.usecases.asking import Questions
from notifications.endpoint.usecases.delivering import Deliverer
from tests.integration.notifications.at_work import Cast, Notifications, Receiver, webhooks


@pytest.fixture
async def channel(partner: Receiver) -> AsyncIterator[Webhooks]:
    async with webhooks(partner.address) as found:
        yield found


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def deliverer(at_work: Notifications, channel: Webhooks) -> Deliverer:
    return Deliverer(at_work.database, channel)


@pytest.fixture
async def listening(at_work: Notifications, channel: Webhooks, partner: Receiver, cast: Cast) -> Endpoint:
    """The school's own system listens."""
    await at_work.meet(cast)
    endpoint = await at_work.register(cast.board, f"{partner.url}/hook")
    assert await Questions(at_work.database, channel).run_due() == 1
    return endpoint
