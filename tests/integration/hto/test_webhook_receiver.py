"""The partner's receiver: takes the handshake, keeps what comes, and knows what is genuine."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
from standardwebhooks.webhooks import Webhook

from demo.receiver import Delivery, Receiver, receiving
from tests.support.postgres import free_port

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signed(id_: str, body: str, at: datetime, secret: str = SECRET) -> dict[str, str]:
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, at, body),
    }


async def deliver(receiver: Receiver, id_: str, body: str, secret: str = SECRET) -> None:
    headers = signed(id_, body, datetime.now(UTC), secret)
    async with httpx2.AsyncClient() as client:
        assert (await client.post(receiver.url, content=body.encode(), headers=headers)).status_code == 204


async def test_it_agrees_with_whoever_asks_for_permission() -> None:
    async with receiving("127.0.0.1", 0) as receiver, httpx2.AsyncClient() as client:
        response = await client.options(receiver.url, headers={"WebHook-Request-Origin": "hto.example"})
        assert response.is_success
        assert response.headers["WebHook-Allowed-Origin"] == "hto.example"


async def test_a_genuine_webhook_counts_once_in_the_order_of_arrival() -> None:
    first, second, body = str(uuid4()), str(uuid4()), json.dumps({"id": "1", "subject": "vacancy/1"})
    async with receiving("127.0.0.1", 0) as receiver:
        await deliver(receiver, first, body)
        await deliver(receiver, second, body)
        await deliver(receiver, first, body)
        await deliver(receiver, str(uuid4()), body, secret=f"whsec_{'A' * 32}")
        assert [one.id for one in receiver.genuine(SECRET)] == [first, second]
        assert len(receiver.deliveries) == 4
        assert receiver.genuine(SECRET)[0].event["subject"] == "vacancy/1"


def test_a_webhook_that_came_in_time_is_genuine_however_late_it_is_read() -> None:
    came = datetime.now(UTC) - timedelta(hours=1)
    prompt = Delivery(signed("1", "{}", came), b"{}", came.timestamp())
    played_again = Delivery(signed("2", "{}", came - timedelta(hours=1)), b"{}", came.timestamp())
    assert Receiver("127.0.0.1", 0, [prompt, played_again]).genuine(SECRET) == [prompt]


async def test_it_listens_where_others_can_reach_it_only_under_a_name_of_the_network() -> None:
    port = free_port()
    async with receiving("host.docker.internal", port) as receiver:
        assert receiver.url == f"http://host.docker.internal:{port}/hooks"
        async with httpx2.AsyncClient() as client:
            assert (await client.options(f"http://127.0.0.1:{port}/hooks")).is_success
