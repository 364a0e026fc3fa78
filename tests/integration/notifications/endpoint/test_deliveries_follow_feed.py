"""Deliveries follow the feed: each event of it once, in its order, also where rows went or came back."""

from __future__ import annotations

import asyncio

import pytest

from common.persistence.transaction import uuid7
from events.contracts import ContractDrafted, ContractOffered, ContractSigned
from events.registry import TrainerApplied
from notifications.endpoint import tables
from notifications.endpoint.channels.webhooks import Webhooks
from notifications.endpoint.model.endpoint import Endpoint
from notifications.endpoint.usecases import fan_out
from notifications.endpoint.usecases.delivering import Deliverer
from notifications.feed import tables as feed_tables
from notifications.tables import metadata
from tests.integration.notifications.at_work import Cast, Notifications, Receiver, rounds


def names(partner: Receiver) -> list[str]:
    return [got.event["type"].rpartition("contract.")[2] for got in partner.got]


async def test_new_events_are_enqueued_once_a_batch_at_a_time(
    at_work: Notifications, listening: Endpoint, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "BATCH", 2)
    records = [at_work.record(cast.event(ContractSigned)) for _ in range(5)]
    await at_work.of_feed.batch(records)
    assert [await fan_out.enqueue_new(at_work.database) for _ in range(4)] == [True, True, False, False]
    rows = await at_work.rows(tables.deliveries, tables.deliveries.c.position)
    assert [str(row.event_id) for row in rows] == [record.headers["ce_id"] for record in records]
    assert {row.endpoint_id for row in rows} == {listening.id}
    assert [row.behind for row in rows] == [False, True, True, True, True]


async def test_workers_that_enqueue_at_once_enqueue_each_event_once(
    at_work: Notifications, listening: Endpoint, cast: Cast
) -> None:
    await at_work.of_feed.batch([at_work.record(cast.event(ContractSigned)) for _ in range(5)])
    await asyncio.gather(*(fan_out.enqueue_new(at_work.database) for _ in range(4)))
    rows = await at_work.rows(tables.deliveries)
    assert (len(rows), {row.endpoint_id for row in rows}) == (5, {listening.id})


async def test_an_event_behind_one_that_came_back_does_not_wait_for_it(
    at_work: Notifications, partner: Receiver, channel: Webhooks, listening: Endpoint, cast: Cast
) -> None:
    deliverer = Deliverer(at_work.database, channel)
    await at_work.hear(cast.event(ContractOffered), source="contracts")
    await rounds(deliverer)
    # As a rebuild gives it back, before an event that the partner never got.
    await at_work.run("DELETE FROM feed_owners")
    await at_work.run("UPDATE feed SET position = DEFAULT WHERE event = 'contract.offered'")
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    await rounds(deliverer)
    assert names(partner) == ["offered.v1", "signed.v1"]
    assert {row.status for row in await at_work.rows(tables.deliveries)} == {"delivered"}


async def test_a_delivery_of_an_event_that_left_the_feed_is_kept_and_the_next_of_its_subject_follows(
    at_work: Notifications, partner: Receiver, channel: Webhooks, listening: Endpoint, cast: Cast
) -> None:
    await at_work.hear(cast.event(ContractOffered), cast.event(ContractSigned), source="contracts")
    await at_work.run("DELETE FROM feed WHERE event = 'contract.offered'")
    await rounds(Deliverer(at_work.database, channel))
    rows = await at_work.rows(tables.deliveries, tables.deliveries.c.position)
    assert [(row.status, row.reason) for row in rows] == [
        ("kept", "event is not in the feed any more"),
        ("delivered", None),
    ]
    assert {row.endpoint_id for row in rows} == {listening.id}
    assert names(partner) == ["signed.v1"]


async def test_an_event_that_the_feed_cannot_take_holds_up_no_letter_and_is_delivered_later(
    at_work: Notifications, listening: Endpoint, cast: Cast
) -> None:
    await at_work.run("ALTER TABLE feed ADD CONSTRAINT broken CHECK (event <> 'contract.signed')")
    await at_work.hear(cast.event(ContractSigned), source="contracts")
    assert {template for template, _ in await at_work.messages()} == {"contract-signed"}
    parked = await at_work.rows(metadata.tables["parked_keys"])
    assert [(row.consumer, row.key) for row in parked] == [("notifications.feed", str(cast.contract))]
    await at_work.run("ALTER TABLE feed DROP CONSTRAINT broken")
    assert await at_work.of_feed.redrive(parked[0].topic, parked[0].key) == 1
    await fan_out.enqueue_new(at_work.database)
    (row,) = await at_work.rows(tables.deliveries)
    assert row.endpoint_id == listening.id


async def test_a_letter_that_waits_holds_up_neither_feed_nor_delivery(at_work: Notifications) -> None:
    """Seen red while one consumer did all: the event came to the feed when the contact came."""
    cast = Cast()
    await at_work.register_for(cast.trainer, "https://partner.invalid/hook")
    await at_work.hear(cast.event(TrainerApplied))
    assert await at_work.messages() == {}
    assert len(await at_work.rows(feed_tables.feed)) == 1
    assert len(await at_work.rows(tables.deliveries)) == 1


async def test_parties_are_learned_event_by_event_whatever_the_batch(at_work: Notifications) -> None:
    """Seen red while a batch was learned from as a whole: its first events had the parties of its last ones."""
    cast = Cast()
    moved = Cast(**{**vars(cast), "school": uuid7()})
    old = []
    for one, kind in ((cast, ContractDrafted), (cast, ContractSigned), (moved, ContractDrafted)):
        at_work.casts[:] = [one]
        old.append(at_work.record(one.event(kind), source="contracts"))
    for record in old:
        del record.headers["ce_parties"]  # type: ignore[attr-defined] # a plain dict
    await at_work.of_feed.batch(old)
    rows = await at_work.rows(feed_tables.feed)
    assert [cast.school in row.owners for row in rows] == [True, True, False]
