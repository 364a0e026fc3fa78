"""A receiver that was away gets everything as soon as it is back: in order, each once, and no attempts are used up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from hto.process import serving
from notifications.endpoint import tables
from notifications.endpoint.channels import webhooks as channel_module
from notifications.endpoint.channels.webhooks import Webhooks
from notifications.endpoint.model.endpoint import Endpoint
from notifications.endpoint.store import claims
from notifications.endpoint.usecases.delivering import Deliverer
from tests.integration.notifications.at_work import Got, Notifications, Receiver, rounds, webhooks
from tests.integration.notifications.raw_receivers import listening, owe
from tests.support.plumbing import quicker, working
from tests.support.postgres import free_port
from tests.support.query_plans import rows_touched
from tests.support.sample import eventually


class Away(Receiver):
    """A partner whose server can be stopped and started again at the same address."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._stack = AsyncExitStack()

    async def come(self) -> None:
        app = Starlette(routes=[Route("/hook", self.hook, methods=["POST", "OPTIONS"])])
        await self._stack.enter_async_context(serving(app, host="127.0.0.1", port=self.port))

    async def go(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def away() -> AsyncIterator[Away]:
    partner = Away()
    await partner.come()
    try:
        yield partner
    finally:
        await partner.go()


def in_order(got: Sequence[Got]) -> bool:
    """Whether the events of each subject came in the order in which they happened."""
    last: dict[str, int] = {}
    for one in got:
        if last.get(one.event["subject"], -1) >= one.event["number"]:
            return False
        last[one.event["subject"]] = one.event["number"]
    return True


async def _failed_probes(at_work: Notifications) -> int:
    rows = await at_work.rows(tables.health)
    return sum(row.probes for row in rows)


@pytest.mark.parametrize("how", ["refuses connections", "answers 503", "answers 500", "answers 404", "is silent"])
async def test_a_receiver_that_comes_back_gets_everything_at_once_and_in_order(
    at_work: Notifications, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red without making everything due when the gate opens."""
    if how == "is silent":
        monkeypatch.setattr(channel_module, "TIMEOUT", 1.0)
    back = asyncio.Event()
    async with away() as partner, webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)

        async def fails(got: Got) -> Response:
            del got
            if how == "is silent":
                await back.wait()
            return Response(status_code=int(how.split()[1]) if how.startswith("answers") else 204)

        if how == "refuses connections":
            await partner.go()
        else:
            partner.answer = fails
        await owe(at_work, endpoint, subjects=100, each=3)
        async with working(Deliverer(at_work.database, channel).run()):

            async def three_probes_failed() -> bool:
                at_work.pass_time(seconds=5)
                return await _failed_probes(at_work) >= 3

            await eventually(three_probes_failed, within=60)
            # As after a long outage: each waits for a time of its own, which only the opened gate brings forward.
            await at_work.run("UPDATE deliveries SET due_at = due_at + interval '1 hour' WHERE status = 'pending'")
            await owe(at_work, endpoint, subjects=50, first=100)
            partner.answer = None
            partner.got.clear()
            back.set()
            if how == "refuses connections":
                await partner.come()
            moved = at_work.database.clock.offset

            async def all_delivered() -> bool:
                return all(row.status == "delivered" for row in await at_work.rows(tables.deliveries))

            await eventually(all_delivered, within=60)
            assert at_work.database.clock.offset == moved, "nothing waited for its own time"
    taken = [got for got in partner.got if got.event["number"] >= 0]
    if how != "is silent":  # what was under way when it came back is taken, although nobody waits for the answer
        assert len({got.event["id"] for got in taken}) == len(taken) == 350
        assert in_order(taken)
    assert len({got.event["id"] for got in taken}) == 350
    assert max(row.attempts for row in await at_work.rows(tables.deliveries)) <= 3
    (health,) = await at_work.rows(tables.health)
    assert (health.failing_since, health.probe_at, health.probes) == (None, None, 0)


async def test_an_outage_uses_up_no_attempts_however_long_it_lasts(at_work: Notifications) -> None:
    async with away() as partner, webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)
        await partner.go()
        await owe(at_work, endpoint, subjects=3, each=2)
        deliverer = Deliverer(at_work.database, channel)
        for _ in range(60):
            await deliverer.run_due()
            at_work.pass_time(hours=1.5)
        rows = await at_work.rows(tables.deliveries)
        assert [row.status for row in rows] == ["pending"] * 6
        assert max(row.attempts for row in rows) <= 1
        await partner.come()
        await rounds(deliverer)
    assert [row.status for row in await at_work.rows(tables.deliveries)] == ["delivered"] * 6
    assert in_order(partner.got)


async def test_one_event_that_a_receiver_never_takes_stops_no_other_and_is_kept_in_the_end(
    at_work: Notifications, partner: Receiver
) -> None:
    async def not_that_one(got: Got) -> Response:
        return Response(status_code=500 if got.event["subject"] == "contract/0" else 204)

    partner.answer = not_that_one
    async with webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)
        deliverer = Deliverer(at_work.database, channel)
        await owe(at_work, endpoint, subjects=1, each=2)
        for hours in (0, 1, 1, 1, 3, 6, 12, 16, 23, 27):
            at_work.pass_time(hours=hours)
            await owe(at_work, endpoint, subjects=3, first=1)
            await rounds(deliverer)
        for _ in range(3):
            at_work.pass_time(seconds=5)
            await rounds(deliverer)
        rows = await at_work.rows(tables.deliveries, tables.deliveries.c.position)
    assert [row.status for row in rows if row.subject != "contract/0"] == ["delivered"] * 30
    assert max(row.attempts for row in rows if row.subject != "contract/0") == 1
    kept, follows = (row for row in rows if row.subject == "contract/0")
    assert (kept.status, kept.attempts, kept.reason) == ("kept", 10, "answered 500")
    assert follows.status == "pending"
    assert follows.attempts >= 1, "it is tried now that the one before it is kept"


async def test_a_clock_that_was_set_back_leaves_no_gate_closed(at_work: Notifications, partner: Receiver) -> None:
    partner.always(429, Retry_After="86400")
    async with webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)
        deliverer = Deliverer(at_work.database, channel)
        at_work.pass_time(days=15)
        await owe(at_work, endpoint, subjects=1)
        await rounds(deliverer)
        at_work.pass_time(days=-15)
        await owe(at_work, endpoint, subjects=1, first=1)
        partner.answer = None
        await rounds(deliverer)
    delivered = [row.subject for row in await at_work.rows(tables.deliveries) if row.status == "delivered"]
    assert "contract/1" in delivered


async def _endpoints(at_work: Notifications, channel: Webhooks, address: str, number: int) -> list[Endpoint]:
    return [await listening(at_work, channel, address) for _ in range(number)]


async def test_many_healthy_endpoints_get_everything_at_the_first_attempt(
    at_work: Notifications, partner: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole takes longer than one request may: its time begins when there is a connection for it."""
    monkeypatch.setattr(channel_module, "TIMEOUT", 4.0)

    async def takes_its_time(got: Got) -> Response:
        del got
        await asyncio.sleep(0.1)
        return Response(status_code=204)

    partner.answer = takes_its_time
    async with webhooks(partner.address) as channel:
        endpoints = await _endpoints(at_work, channel, partner.address, 25)
        for endpoint in endpoints:
            await owe(at_work, endpoint, subjects=16)
        with quicker(Deliverer, LANES=8):
            await asyncio.wait_for(_deliver_all(at_work, channel), 60)
    assert len({(got.event["id"]) for got in partner.got}) == len(partner.got) == 400
    assert {row.attempts for row in await at_work.rows(tables.deliveries)} == {1}


async def _deliver_all(at_work: Notifications, channel: Webhooks) -> None:
    async with working(Deliverer(at_work.database, channel).run()):

        async def done() -> bool:
            return all(row.status == "delivered" for row in await at_work.rows(tables.deliveries))

        await eventually(done, within=60)


async def test_an_endpoint_with_much_to_get_leaves_room_for_the_others(
    at_work: Notifications, partner: Receiver
) -> None:
    async with webhooks(partner.address) as channel:
        much, little = await _endpoints(at_work, channel, partner.address, 2)
        await owe(at_work, much, subjects=200)
        await owe(at_work, little, subjects=2, first=500)
        with quicker(Deliverer, LANES=4, BATCH=8):
            await Deliverer(at_work.database, channel).run_due()
    rows = await at_work.rows(tables.deliveries)
    assert [row.status for row in rows if row.endpoint_id == little.id] == ["delivered", "delivered"]


async def test_a_request_that_waits_for_a_connection_loses_none_of_its_time(
    partner: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red with the wait for a connection inside the time of the request."""
    monkeypatch.setattr(channel_module, "TIMEOUT", 2.0)
    monkeypatch.setattr(channel_module, "MOST_CONNECTIONS", 2)

    async def takes_its_time(got: Got) -> Response:
        del got
        await asyncio.sleep(0.8)
        return Response(status_code=204)

    partner.answer = takes_its_time
    async with webhooks(partner.address) as channel:
        url = f"{partner.url}/hook"
        sent = (channel.deliver(url, event_id=str(n), body=b"{}", secrets=["whsec_c2VjcmV0"]) for n in range(6))
        answers = await asyncio.gather(*sent)
    assert [(answer.status, answer.failure) for answer in answers] == [(204, None)] * 6


async def test_receivers_that_hang_leave_room_for_those_that_answer(at_work: Notifications, partner: Receiver) -> None:
    """Seen red with no bound on what receivers that do not answer in time have under way."""
    release = asyncio.Event()

    async def hangs(got: Got) -> Response:
        if int(got.event["subject"].removeprefix("contract/")) < 500:
            await release.wait()
        return Response(status_code=204)

    partner.answer = hangs
    async with webhooks(partner.address) as channel:
        hanging = await _endpoints(at_work, channel, partner.address, 5)
        (good,) = await _endpoints(at_work, channel, partner.address, 1)
        await owe(at_work, good, subjects=1, first=500)
        with quicker(Deliverer, LANES=12):
            deliverer = Deliverer(at_work.database, channel)
            await rounds(deliverer)
            for endpoint in hanging:
                await owe(at_work, endpoint, subjects=60)
            async with working(deliverer.run()):

                async def half_is_taken() -> bool:
                    rows = await at_work.rows(tables.deliveries)
                    return sum(row.lease is not None for row in rows) >= 6

                await eventually(half_is_taken, within=60)
                await owe(at_work, good, subjects=1, first=501)

                async def taken() -> bool:
                    return [got.event["subject"] for got in partner.got] == ["contract/500", "contract/501"]

                await eventually(taken, within=60)
                ended = [row.reason for row in await at_work.rows(tables.deliveries) if row.reason]
                assert ended == [], "room was there before any that hung had to be given up"
                release.set()


async def test_a_claim_reads_as_much_however_many_deliveries_wait(at_work: Notifications, partner: Receiver) -> None:
    """Many that wait for their next attempt, and a subject with thousands behind one another.

    Seen red with an ``OR`` in the bound of ``due_at``, which no index serves: it read every one of them."""
    async with webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)
        await owe(at_work, endpoint, subjects=3)
        await at_work.run(
            "INSERT INTO deliveries (id, endpoint_id, event_id, position, subject, status, due_at, planned_at, behind)"
            " SELECT gen_random_uuid(), :endpoint, gen_random_uuid(), 1000 + n, CASE WHEN n > 20000 THEN 'contract/0'"
            " ELSE 'waits/' || n END, 'pending', now() + CASE WHEN n > 20000 THEN interval '0' ELSE interval '1 h' END,"
            " now(), n > 20000 FROM generate_series(1, 30000) AS n",
            endpoint=endpoint.id,
        )
        await at_work.run("ANALYZE deliveries")
        about = {
            "now": at_work.database.clock.now(),
            "room": 100,
            "seconds": 45.0,
            "token": endpoint.id,
            "suspect": 2,
            "each": 32,
            "strangers": 128,
            "swift": [],
            "probes": 64,
            "soon": at_work.database.clock.now(),
            "never": at_work.database.clock.now(),
            "busy": [],
            "counts": [],
        }
        assert await rows_touched(at_work.database, claims._CLAIM, about) < 100
        await at_work.run("DELETE FROM deliveries WHERE position >= 1000")  # the feed has no such events
        assert await Deliverer(at_work.database, channel).run_due() == 3
