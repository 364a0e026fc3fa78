"""The feed is rebuilt: callers' cursors and partners' deliveries go on as if nothing had been."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from common.messaging.log import EventLog, Message
from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from events.contracts import ContractDrafted, ContractSigned
from events.registry import ContactState, TrainerAnonymised, TrainerAvailable, TrainerConfirmed, TrainerEvent
from hto.handover import hand_over
from hto.services import NAMES
from notifications.app import service
from notifications.endpoint.usecases import endpoints
from tests.integration.common.rebuilding import Operations, handle_as_before, operations_on
from tests.integration.notifications.at_work import Cast, made
from tests.support.containers import Kafka, a_broker
from tests.support.postgres import FreshDatabase

FEED = "notifications.feed"
on_postgresql = pytest.mark.parametrize("event_log", ["postgresql"], indirect=True)
FOLLOWED = "SELECT 1 FROM delivery_cursor WHERE position >= (SELECT max(position) FROM feed)"


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    """A broker of the test's own: topics and groups have their names from the services."""
    with a_broker() as broker:
        yield broker


@pytest.fixture(autouse=True)
def _letters_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HTO_DATA_DIR", str(tmp_path))


@pytest.fixture
async def notifications(event_log: EventLog, fresh_database: FreshDatabase) -> AsyncIterator[Operations]:
    async with operations_on(event_log, await fresh_database(), service=service) as at_work:
        yield at_work


async def feed(at_work: Operations) -> dict[UUID, Any]:
    """Each event of the feed: its position, and all else that a reader sees."""
    columns = "position, event, subject, recorded_at, owners, body, whole_body, party_bodies"
    rows = await at_work.do(f"SELECT event_id, {columns} FROM feed ORDER BY position")
    listed = await at_work.do("SELECT event_id, owner_id FROM feed_owners JOIN feed USING (position) ORDER BY 1, 2")
    assert listed == await at_work.do("SELECT event_id, unnest(owners) FROM feed ORDER BY 1, 2")
    return {row.event_id: tuple(row)[1:] for row in rows}


async def send(at_work: Operations, *messages: Message) -> None:
    assert len(await at_work.producer.send(list(messages), within=30)) == len(messages)


def about(at_work: Operations, trainer: UUID, count: int, kind: type[TrainerEvent] = TrainerConfirmed) -> list[Message]:
    """So many events about one trainer, of a kind that has no letter."""
    event = made(kind, trainerId=trainer)
    return [at_work.message("registry", event, str(trainer)) for _ in range(count)]


async def listening(at_work: Operations, owner: UUID) -> None:
    """An endpoint that gets all that is its owner's; nobody takes anything there."""
    async with at_work.database.begin(actor="test") as tx:
        await endpoints.register(
            tx, owner_id=owner, url="https://partner.invalid/hook", event_types=(), right_form=True
        )


async def test_rows_keep_their_positions_and_lost_ones_come_back_behind_all_others(notifications: Operations) -> None:
    await notifications.happen(6)
    await notifications.until_quiet()
    before = await feed(notifications)
    ids = list(before)
    cursor, lost = before[ids[9]][0], {ids[3], ids[12], ids[-1]}
    await notifications.do("DELETE FROM feed WHERE event_id = ANY(:lost)", lost=sorted(lost))
    comparison = await notifications.rebuild(FEED)
    differs = [(one.table, one.added, one.missing, one.changed) for one in comparison.tables]
    owners = sum(len(before[id_][4]) for id_ in lost)
    assert differs == [("feed", 3, 0, 0), ("feed_owners", owners, 0, 0), ("feed_parties", 0, 0, 0)]
    after = await feed(notifications)
    assert {id_: row[1:] for id_, row in after.items()} == {id_: row[1:] for id_, row in before.items()}
    assert {id_: after[id_][0] for id_ in ids if id_ not in lost} == {
        id_: before[id_][0] for id_ in ids if id_ not in lost
    }
    assert min(after[id_][0] for id_ in lost) > max(row[0] for row in before.values())
    await notifications.happen(1)
    await notifications.until_quiet()
    last = await feed(notifications)
    new = last.keys() - before.keys()
    assert len(new) == 4
    assert min(last[id_][0] for id_ in new) > max(row[0] for row in after.values())
    behind = {id_ for id_, row in last.items() if row[0] > cursor}
    assert behind >= set(ids[10:]) | lost | new, "who goes on from a cursor misses nothing"


async def test_where_no_row_was_lost_positions_go_on_as_if_nothing_had_been(notifications: Operations) -> None:
    await notifications.happen(2)
    await notifications.until_quiet()
    before = await feed(notifications)
    await notifications.do("UPDATE feed SET body = 'wrong'")
    comparison = await notifications.rebuild(FEED)
    assert [one.columns for one in comparison.tables] == [{"body": 8}, {}, {}]
    assert await feed(notifications) == before
    await notifications.happen(1)
    await notifications.until_quiet()
    assert max(row[0] for row in (await feed(notifications)).values()) < 1000


async def test_a_feed_that_was_dropped_is_numbered_above_all_that_there_was(notifications: Operations) -> None:
    await notifications.happen(2)
    await notifications.until_quiet()
    before = await feed(notifications)
    await notifications.do("DROP TABLE feed CASCADE")
    await notifications.do("DROP TABLE feed_owners")
    await notifications.rebuild(FEED)
    after = await feed(notifications)
    assert {id_: row[1:] for id_, row in after.items()} == {id_: row[1:] for id_, row in before.items()}
    assert min(row[0] for row in after.values()) > max(row[0] for row in before.values())


async def test_each_event_is_delivered_once_over_a_rebuild_while_events_come_in(notifications: Operations) -> None:
    trainer, other = uuid7(), uuid7()
    await listening(notifications, trainer)
    await send(notifications, *about(notifications, trainer, 20), *about(notifications, other, 20))
    await notifications.until("SELECT 1 FROM deliveries OFFSET 19", there=True)
    # Some that were delivered are lost from the feed, and some that were not.
    await notifications.do("""
        UPDATE deliveries SET status = 'delivered', delivered_at = now(), behind = false
        WHERE id IN (SELECT id FROM deliveries WHERE subject LIKE 'trainer/%' ORDER BY position LIMIT 6)
    """)
    await notifications.do("""
        UPDATE deliveries SET behind = false WHERE id = (
            SELECT id FROM deliveries WHERE status = 'pending' AND subject LIKE 'trainer/%' ORDER BY position LIMIT 1
        )
    """)
    await notifications.do("""
        DELETE FROM feed WHERE position IN (
            SELECT position FROM deliveries WHERE subject LIKE 'trainer/%' ORDER BY 1 LIMIT 12
        )
    """)
    sent = 20

    async def traffic() -> None:
        nonlocal sent
        while True:
            await send(notifications, *about(notifications, trainer, 2), *about(notifications, other, 1))
            sent += 2
            await asyncio.sleep(0.02)

    coming = asyncio.create_task(traffic())
    comparison = await notifications.rebuild(FEED)
    coming.cancel()
    await asyncio.gather(coming, return_exceptions=True)
    assert comparison.tables[0].added == 12
    await notifications.until_quiet()
    await notifications.until(FOLLOWED, there=True)
    rows = await notifications.do("SELECT event_id, subject, status, behind FROM deliveries ORDER BY position")
    theirs = await notifications.do("SELECT event_id FROM feed_owners JOIN feed USING (position)"
                                    " WHERE owner_id = :trainer", trainer=trainer)  # fmt: skip
    assert {row.event_id for row in rows} == {row.event_id for row in theirs}
    assert len(rows) == len(theirs) >= sent
    # The endpoint's own registration is owed to it as well, whenever that comes.
    about_trainer = [row for row in rows if row.subject.startswith("trainer/")]
    assert [row.status for row in about_trainer][:7] == ["delivered"] * 6 + ["pending"]
    heads = [row.behind for row in about_trainer if row.status == "pending"]
    assert (heads[0], set(heads[1:])) == (False, {True}), "in order, and none waits for one that was delivered"
    again = await notifications.rebuild(FEED)
    assert not again.differs, again


@on_postgresql
async def test_an_event_past_its_term_comes_back_only_where_a_delivery_needs_it(notifications: Operations) -> None:
    await notifications.do("""
        UPDATE policies SET value = '{"contentDays": 90, "metadataDays": 365}' WHERE code = 'retention.message_content'
    """)
    owed, old, new = uuid7(), uuid7(), uuid7()
    await listening(notifications, owed)
    notifications.at = datetime.now(UTC) - timedelta(days=400)
    await send(notifications, *about(notifications, owed, 2), *about(notifications, old, 2))
    notifications.at = datetime.now(UTC)
    await send(notifications, *about(notifications, new, 2))
    await notifications.until_quiet()
    await notifications.until("SELECT 1 FROM deliveries OFFSET 1", there=True)
    comparison = await notifications.rebuild(FEED, lambda _: False)
    assert not comparison.differs, comparison
    await notifications.do("DELETE FROM feed")
    await notifications.rebuild(FEED)
    owners = sorted(owner for row in (await feed(notifications)).values() for owner in row[4])
    assert owners == sorted([owed, owed, owed, new, new]), "one more is that the endpoint was registered"


@on_postgresql
async def test_a_rebuild_brings_nothing_personal_back_and_confirms_no_erasure_again(notifications: Operations) -> None:
    trainer = uuid7()
    contact = made(ContactState, partyId=trainer, party="trainer", name="Petra Prikkebeen", email="petra@example.org")
    event = made(TrainerAnonymised, trainerId=trainer)
    await send(notifications, notifications.message("registry", contact, str(trainer)))
    await notifications.until("SELECT 1 FROM contacts", there=True)
    await send(notifications, *about(notifications, trainer, 2))
    await send(notifications, notifications.message("registry", event, str(trainer)))
    confirmed = "SELECT 1 FROM audit WHERE event_type LIKE '%erasure.confirmed%'"
    await notifications.until(confirmed, there=True)
    await notifications.until_quiet()
    before = await feed(notifications)
    await notifications.do("DELETE FROM feed")
    await notifications.rebuild(FEED)
    after = await feed(notifications)
    assert {id_: row[1:] for id_, row in after.items()} == {id_: row[1:] for id_, row in before.items()}
    assert not [word for word in ("Petra", "petra") if word in str(after)]
    assert len(await notifications.do(confirmed)) == 1


@on_postgresql
async def test_events_written_before_envelopes_had_parties_come_back_with_the_same_owners(
    notifications: Operations,
) -> None:
    cast = Cast()
    kinds = (ContractDrafted, ContractSigned)
    await send(notifications, *(notifications.message("contracts", cast.event(kind), "case") for kind in kinds))
    await notifications.until_quiet()
    before = await feed(notifications)
    assert [cast.school in row[4] for row in before.values()] == [True, True]
    await notifications.do("DELETE FROM feed")
    await notifications.do("DELETE FROM feed_parties")
    await notifications.rebuild(FEED)
    after = await feed(notifications)
    assert {id_: row[1:] for id_, row in after.items()} == {id_: row[1:] for id_, row in before.items()}


async def _handle_as_before(at_work: Operations, event_log: EventLog, url: str) -> None:
    """Have one consumer do all, as before the upgrade, and bring the database up to the version with a feed apart."""
    own = [service.handlers, *(projection.handlers for projection in service.projections)]
    await handle_as_before(at_work, event_log, own)
    await runner.downgrade(service, url, "0020")
    await runner.upgrade(service, url)


@pytest.mark.parametrize("margin", ["none", "all there is"])
async def test_the_upgrade_replays_nothing_and_delivers_nothing_again(
    event_log: EventLog, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, margin: str
) -> None:
    if margin == "none":
        monkeypatch.setattr("hto.handover.MARGIN", -timedelta(seconds=1))
    url, trainer = await fresh_database(), uuid7()
    async with operations_on(event_log, url, worker=False, service=service) as at_work:
        await listening(at_work, trainer)
        await send(at_work, *about(at_work, trainer, 5))
        await _handle_as_before(at_work, event_log, url)
        assert await at_work.do("DELETE FROM feed WHERE position = 2 RETURNING 1")  # a replay would bring it back
        moved = await hand_over(service, url, event_log, NAMES)
        assert moved == ([f"hto.{FEED} begins where notifications had read to"] if margin == "none" else [])
        await at_work.running.start(worker=True)
        await send(at_work, *about(at_work, trainer, 2))
        await at_work.until_quiet()
        await at_work.until(FOLLOWED, there=True)
        assert [row[0] for row in (await feed(at_work)).values()][:4] == [1, 3, 4, 5]
        new = await at_work.do("SELECT position FROM feed WHERE position > 5")
        assert len(new) == 3, "the two, and that the endpoint was registered"
        assert await at_work.do("SELECT position FROM deliveries ORDER BY 1") == sorted(new)


@on_postgresql
async def test_events_parked_before_the_upgrade_get_to_the_feed_and_to_the_letters(
    event_log: EventLog, fresh_database: FreshDatabase
) -> None:
    url, trainer = await fresh_database(), uuid7()
    async with operations_on(event_log, url, worker=False, service=service) as at_work:
        await send(at_work, *about(at_work, trainer, 2, TrainerAvailable))  # their letters wait for a contact
        await _handle_as_before(at_work, event_log, url)
        parked = await at_work.do("SELECT consumer FROM parked_keys ORDER BY 1")
        assert [row.consumer for row in parked] == ["notifications", FEED]
        assert await at_work.do("SELECT 1 FROM feed") == []
        await at_work.running.start(worker=True)
        await at_work.until("SELECT 1 FROM feed OFFSET 1", there=True)
        await at_work.until(f"SELECT 1 FROM parked_keys WHERE consumer = '{FEED}'", there=False)
        assert await at_work.do("SELECT 1 FROM messages") == []
        contact = made(ContactState, partyId=trainer, party="trainer")
        await send(at_work, at_work.message("registry", contact, str(trainer)))
        await at_work.until("SELECT 1 FROM messages OFFSET 1", there=True)
