"""One bad letter, delivery or receiver stops no other: it raises, hangs, kills its worker, talks nonsense or grows."""

from __future__ import annotations

import asyncio
import json
import re
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.responses import Response

from common.persistence.lease import LeasedQueue
from common.persistence.transaction import uuid7
from events.flow import EventParked, EventsRedriven
from events.registry import TrainerAvailable
from notifications.endpoint import tables as endpoint_tables
from notifications.endpoint.channels import webhooks as channel_module
from notifications.endpoint.model.signing import signed_headers
from notifications.endpoint.usecases import endpoints
from notifications.endpoint.usecases.asking import Questions
from notifications.endpoint.usecases.delivering import Deliverer
from notifications.failure import Failure
from notifications.message import tables as message_tables
from notifications.message.channels.mail import MailChannel, Sender, SmtpChannel, Tls
from notifications.message.usecases import mailing
from notifications.message.usecases.mailing import Letters
from notifications.tables import metadata
from tests.integration.notifications.at_work import Cast, Got, Notifications, Receiver, webhooks
from tests.integration.notifications.message.test_letters_sent import Box, mail_server
from tests.integration.notifications.raw_receivers import NONSENSE, listening, owe, raw
from tests.support.plumbing import quicker, working
from tests.support.sample import eventually


async def _statuses(at_work: Notifications, endpoint_id: UUID) -> set[str]:
    return {row.status for row in await at_work.rows(endpoint_tables.deliveries) if row.endpoint_id == endpoint_id}


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_a_receiver_that_answers_nonsense_stops_no_other_and_its_reason_is_seen(
    at_work: Notifications, partner: Receiver, nonsense: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "TIMEOUT", 1.5)
    async with raw(NONSENSE[nonsense]) as address, webhooks(partner.address, address) as channel:
        bad = await listening(at_work, channel, address)
        good = await listening(at_work, channel, partner.address)
        await owe(at_work, bad, subjects=5)
        await owe(at_work, good, subjects=20, first=10)
        tracemalloc.start()
        async with working(Deliverer(at_work.database, channel).run()) as (task,):

            async def settled() -> bool:
                rows = await at_work.rows(endpoint_tables.deliveries)
                seen = [row for row in rows if row.endpoint_id == bad.id and row.reason]
                return bool(seen) and await _statuses(at_work, good.id) == {"delivered"}

            await eventually(settled, within=60)
            await owe(at_work, good, subjects=5, first=50)

            async def goes_on() -> bool:
                return await _statuses(at_work, good.id) == {"delivered"}

            await eventually(goes_on, within=60)
            assert not task.done()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 60_000_000, "what one receiver sends is not collected"
    (health,) = (row for row in await at_work.rows(endpoint_tables.health) if row.endpoint_id == bad.id)
    assert health.failing_since is not None
    assert health.reason in set(Failure) or re.fullmatch(r"answered \d+", health.reason), health.reason


@pytest.mark.parametrize("poison", [OverflowError("x"), MemoryError(), asyncio.CancelledError(), SystemExit(1)])
async def test_any_exception_of_a_delivery_fails_that_delivery_alone(
    at_work: Notifications, partner: Receiver, poison: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = signed_headers

    def signed(secrets: Any, *, event_id: str, timestamp: int, body: bytes) -> Any:
        if b"contract/0" in body:
            raise poison
        return real(secrets, event_id=event_id, timestamp=timestamp, body=body)

    monkeypatch.setattr(channel_module, "signed_headers", signed)
    async with webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)
        await owe(at_work, endpoint, subjects=20)
        async with working(Deliverer(at_work.database, channel).run()) as (task,):

            async def settled() -> bool:
                rows = await at_work.rows(endpoint_tables.deliveries)
                return [row.subject for row in rows if row.status != "delivered" and row.reason] == ["contract/0"]

            await eventually(settled, within=60)
            assert not task.done()
    assert (
        await at_work.rows(endpoint_tables.health) == []
        or (await at_work.rows(endpoint_tables.health))[0].failing_since is None
    )


@pytest.mark.parametrize("poison", [OverflowError("x"), MemoryError(), asyncio.CancelledError(), SystemExit(1), None])
async def test_a_question_that_raises_or_hangs_fails_alone(
    at_work: Notifications, partner: Receiver, poison: BaseException | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Questions, "LONGEST", 1.0)
    async with webhooks(partner.address) as channel:
        real = channel.ask

        async def asked(url: str) -> Any:
            if url.endswith("?bad"):
                if poison is not None:
                    raise poison
                await asyncio.Event().wait()
            return await real(url)

        monkeypatch.setattr(channel, "ask", asked)
        bad = await at_work.register(uuid7(), f"{partner.url}/hook?bad")
        good = [await at_work.register(uuid7(), f"{partner.url}/hook") for _ in range(5)]
        async with working(Questions(at_work.database, channel).run()) as (task,):

            async def settled() -> bool:
                reasons = {row.endpoint_id: row.reason for row in await at_work.rows(endpoint_tables.health)}
                enabled = [(await at_work.endpoint(each)).status == "enabled" for each in good]
                return all(enabled) and reasons[bad.id] == Failure.OURS

            await eventually(settled, within=20)
            assert not task.done()
        assert (await at_work.endpoint(bad)).status == "pending"
        monkeypatch.setattr(channel, "ask", real)
        at_work.pass_time(seconds=10)
        assert await Questions(at_work.database, channel).run_due() == 1
    assert (await at_work.endpoint(bad)).status == "enabled"


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_an_address_that_answers_its_question_with_nonsense_stops_no_other(
    at_work: Notifications, partner: Receiver, nonsense: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "TIMEOUT", 1.5)
    async with raw(NONSENSE[nonsense], allows=False) as address, webhooks(partner.address, address) as channel:
        bad = await at_work.register(uuid7(), f"http://{address}/hook")
        good = await at_work.register(uuid7(), f"{partner.url}/hook")
        tracemalloc.start()
        assert await Questions(at_work.database, channel).run_due() == 2
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 60_000_000, "what one receiver sends is not collected"
    assert [(await at_work.endpoint(each)).status for each in (bad, good)] == ["pending", "enabled"]
    reasons = {row.endpoint_id: row.reason for row in await at_work.rows(endpoint_tables.health)}
    assert reasons[bad.id] in set(Failure) or re.fullmatch(r"answered \d+ without allowing deliveries", reasons[bad.id])


async def test_a_question_that_ended_its_workers_is_asked_no_more_until_its_partner_says_so(
    at_work: Notifications, partner: Receiver
) -> None:
    bad = await at_work.register(uuid7(), f"{partner.url}/hook")
    good = await at_work.register(uuid7(), f"{partner.url}/hook")
    await at_work.run(
        "UPDATE questions SET lease = gen_random_uuid(), leased_until = now() - interval '1 second',"
        " deaths = CASE WHEN endpoint_id = :bad THEN :most ELSE 3 END",
        bad=bad.id,
        most=LeasedQueue.DEATHS,
    )
    async with webhooks(partner.address) as channel:
        questions = Questions(at_work.database, channel)
        while await questions.run_due():
            pass
        assert (await at_work.endpoint(good)).status == "enabled"
        (health,) = [row for row in await at_work.rows(endpoint_tables.health) if row.endpoint_id == bad.id]
        assert ((await at_work.endpoint(bad)).status, health.reason) == ("pending", Failure.OURS)
        assert await at_work.rows(endpoint_tables.questions) == []
        async with at_work.database.begin(actor="test") as tx:
            await endpoints.resume(tx, bad)
        assert await questions.run_due() == 1
    assert (await at_work.endpoint(bad)).status == "enabled"


@pytest.mark.parametrize("allows", ["hto.example", None])
async def test_an_endpoint_removed_while_it_is_asked_stays_removed(
    at_work: Notifications, partner: Receiver, allows: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.allows = allows
    endpoint = await at_work.register(uuid7(), f"{partner.url}/hook")
    monkeypatch.setattr(Questions, "LONGEST", 1.0)
    async with webhooks(partner.address) as channel:
        real = channel.ask

        async def removed_meanwhile(url: str) -> Any:
            async with at_work.database.begin(actor="test") as tx:
                await endpoints.remove(tx, endpoint)
            return await real(url)

        monkeypatch.setattr(channel, "ask", removed_meanwhile)
        assert await Questions(at_work.database, channel).run_due() == 1
    assert (await at_work.endpoint(endpoint)).status == "removed"
    assert await at_work.rows(endpoint_tables.health) == []


async def test_an_endpoint_that_is_no_longer_pending_is_not_asked(at_work: Notifications, partner: Receiver) -> None:
    endpoint = await at_work.register(uuid7(), f"{partner.url}/hook")
    await at_work.run("UPDATE endpoints SET status = 'disabled' WHERE id = :id", id=endpoint.id)
    async with webhooks(partner.address) as channel:
        assert await Questions(at_work.database, channel).run_due() == 1
    assert (partner.asked, await at_work.rows(endpoint_tables.questions)) == ([], [])


async def test_a_removed_endpoint_is_asked_no_more(at_work: Notifications, partner: Receiver) -> None:
    endpoint = await at_work.register(uuid7(), f"{partner.url}/hook")
    async with at_work.database.begin(actor="test") as tx:
        await endpoints.remove(tx, endpoint)
    async with webhooks(partner.address) as channel:
        assert await Questions(at_work.database, channel).run_due() == 0
    assert (partner.asked, await at_work.rows(endpoint_tables.questions)) == ([], [])


async def test_a_delivery_that_ended_its_workers_is_kept_and_the_next_of_its_subject_follows(
    at_work: Notifications, partner: Receiver
) -> None:
    async with webhooks(partner.address) as channel:
        endpoint = await listening(at_work, channel, partner.address)
        await owe(at_work, endpoint, subjects=3, each=2)
        deliverer = Deliverer(at_work.database, channel)
        # Its workers died with all three under way, again and again; two of these are innocent.
        await at_work.run(
            "UPDATE deliveries SET lease = gen_random_uuid(), leased_until = now() - interval '1 second',"
            " deaths = CASE WHEN subject = 'contract/0' THEN :most ELSE 3 END WHERE NOT behind",
            most=LeasedQueue.DEATHS,
        )
        at_once, most = 0, 0

        async def count(got: Got) -> Response:
            nonlocal at_once, most
            del got
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.02)
            at_once -= 1
            return Response(status_code=204)

        partner.answer = count
        with quicker(Deliverer, BATCH=3):
            assert await deliverer.run_due() == 3
        assert most == 1, "suspects run alone"
        while await deliverer.run_due():
            pass
    rows = await at_work.rows(endpoint_tables.deliveries, endpoint_tables.deliveries.c.position)
    (kept,) = [row for row in rows if row.status != "delivered"]
    assert (kept.status, kept.reason, kept.subject) == ("kept", "failed on our side", "contract/0")


async def _letters(at_work: Notifications, number: int) -> list[Cast]:
    casts = [Cast() for _ in range(number)]
    for cast in casts:
        await at_work.hear(cast.contact("trainer", email=f"{cast.trainer}@example.org"), cast.event(TrainerAvailable))
    return casts


class SlowBox(Box):
    """A mail server that takes its time over each letter."""

    pause = 0.0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        await asyncio.sleep(self.pause)
        return await super().handle_DATA(server, session, envelope)

    @property
    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in self.mails]


@dataclass
class Post:
    """The way to a real mail server, on which one letter breaks."""

    box: SlowBox
    bad: UUID | None = None
    does: BaseException | str | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Sender]:
        async with SmtpChannel(host="127.0.0.1", port=self.box.port, tls=Tls.OPPORTUNISTIC).open() as self._sender:
            yield _Breaking(self._sender, self)


@dataclass
class _Breaking:
    sender: Sender
    post: Post

    async def send(self, mail: EmailMessage) -> None:
        if self.post.bad and str(self.post.bad) in mail["To"]:
            if isinstance(self.post.does, BaseException):
                raise self.post.does
            await asyncio.Event().wait()
        await self.sender.send(mail)

    async def is_open(self) -> bool:
        return await self.sender.is_open()


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with mail_server(SlowBox()) as box:
        assert isinstance(box, SlowBox)
        yield Post(box)


async def test_two_workers_and_a_slow_server_send_no_letter_twice(at_work: Notifications, post: Post) -> None:
    """All letters together take far longer than a lease: none is claimed before a connection is free for it."""
    await _letters(at_work, 24)
    post.box.pause = 0.25
    with quicker(Letters, LEASE=1.0, LANES=1):
        async with AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(working(Letters(at_work.database, post, at_work.settings).run()))

            async def all_sent() -> bool:
                return await at_work.rows(message_tables.outgoing) == []

            await eventually(all_sent, within=60)
    assert len(post.box.ids) == len(set(post.box.ids)) == 24


async def test_a_letter_that_takes_longer_than_its_lease_is_sent_once(at_work: Notifications, post: Post) -> None:
    """Its lease is renewed while it is under way."""
    await _letters(at_work, 2)
    post.box.pause = 2.5
    with quicker(Letters, LEASE=0.9):
        workers = [Letters(at_work.database, post, at_work.settings) for _ in range(2)]
        async with working(*(worker.run() for worker in workers)):

            async def all_sent() -> bool:
                return await at_work.rows(message_tables.outgoing) == []

            await eventually(all_sent, within=60)
    assert len(post.box.ids) == len(set(post.box.ids)) == 2


async def test_a_worker_whose_lease_expired_before_the_effect_has_no_effect(at_work: Notifications, post: Post) -> None:
    """As where its process stood still between claim and hand-over."""
    await _letters(at_work, 1)
    with quicker(Letters, LEASE=-1.0):
        await Letters(at_work.database, post, at_work.settings).run_due()
    assert post.box.ids == []
    at_work.pass_time(minutes=5)
    await at_work.send(post)
    assert len(post.box.ids) == 1


@pytest.mark.parametrize(
    "does", [OverflowError("x"), MemoryError(), asyncio.CancelledError(), SystemExit(1), "hang"], ids=repr
)
async def test_one_letter_that_cannot_be_sent_stops_no_other(
    at_work: Notifications, post: Post, does: BaseException | str
) -> None:
    casts = await _letters(at_work, 12)
    post.bad, post.does = casts[0].trainer, does
    with quicker(Letters, LONGEST=6.0 if does == "hang" else Letters.LONGEST):
        async with working(Letters(at_work.database, post, at_work.settings).run()) as (task,):

            async def settled() -> bool:
                return [bool(row.reason) for row in await at_work.rows(message_tables.outgoing)] == [True]

            await eventually(settled, within=60)
            assert not task.done()
    assert len(post.box.ids) == 11


async def test_a_letter_that_ends_its_workers_is_parked_shown_and_tried_again_by_order(
    at_work: Notifications, post: Post
) -> None:
    (cast,) = await _letters(at_work, 1)
    await at_work.run(
        "UPDATE outgoing SET lease = gen_random_uuid(), leased_until = now() - interval '1 second', deaths = :most",
        most=LeasedQueue.DEATHS - 1,
    )
    await at_work.send(post)
    (row,) = await at_work.rows(message_tables.outgoing)
    assert (row.parked, row.reason) == (True, "failed on our side")
    await _letters(at_work, 1)
    assert await at_work.send(post) == 1
    async with at_work.database.begin(actor="test") as tx:
        await mailing.try_again(tx, "available", row.message_id)
    assert await at_work.send(post) == 1
    del cast
    outbox = await at_work.rows(metadata.tables["outbox"])
    (parked,) = [json.loads(row.payload) for row in outbox if row.type == EventParked.type]
    assert (parked["topic"], parked["attempts"]) == ("available", LeasedQueue.DEATHS)
    told = await at_work.told()
    for kind in (EventParked, EventsRedriven):
        assert kind.type.removeprefix("nl.hybride-techniekopleiders.") in told


@asynccontextmanager
async def _odd_server(talk: bytes, *, forever: bool) -> AsyncIterator[MailChannel]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(talk)
            while forever and not writer.is_closing():
                writer.write(talk)
                await writer.drain()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield SmtpChannel(host="127.0.0.1", port=server.sockets[0].getsockname()[1], tls=Tls.OPPORTUNISTIC)
    finally:
        server.close()


@pytest.mark.parametrize(
    ("talk", "forever"),
    [(b"220-welcome\r\n" * 50, True), (b"x" * 65536, True), (b"\xff\xfe\r\n", False), (b"999 what\r\n", False)],
    ids=["a greeting without end", "a line without end", "no SMTP", "an absurd code"],
)
async def test_a_mail_server_that_answers_nonsense_costs_no_letter_and_no_memory(
    at_work: Notifications,
    post: Post,
    talk: bytes,
    forever: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    await _letters(at_work, 3)
    tracemalloc.start()
    async with _odd_server(talk, forever=forever) as channel:
        with quicker(Letters, LONGEST=3.0):
            assert await at_work.send(channel) == 0
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 60_000_000
    assert {bool(row.reason) for row in await at_work.rows(message_tables.outgoing)} == {True}
    assert {row.status for row in await at_work.rows(message_tables.messages)} == {"planned"}
    at_work.pass_time(hours=1)
    assert await at_work.send(post) == 3
