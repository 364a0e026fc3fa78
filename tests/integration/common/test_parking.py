"""What cannot go on waits with all that follows it; the other keys flow on; nothing is dropped."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Integer, Select, bindparam, select, text

from common.decision import MissingDependency
from common.envelope import Envelope
from common.errors import Refused
from common.messaging.consumer import Handlers, parking
from common.messaging.consumer.dispatch import Dispatch, TryLater
from common.messaging.log import ILLEGIBLE, Record
from common.persistence.database import Database
from common.persistence.transaction import Tx
from events import PREFIX
from events.flow import EventParked
from events.matching import ProposalWithdrawn
from events.registry import TrainerPaused
from tests.support.plumbing import CONSUMER, OIN, TOPIC, Ears, ears_at, left, paused, record_of
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, make_tables, new_id, tables, write_down


class Unwanted(Refused):
    """This is not wanted."""


async def _bug(trainer_id: UUID, what: str, tx: Tx) -> None:
    if what == "paused":
        raise ZeroDivisionError
    await write_down(trainer_id, what, tx)


async def _keys(ears: Ears) -> list[tuple[str, str]]:
    return [(row.key, row.why) for row in await ears.sql("SELECT key, why FROM parked_keys ORDER BY since, key")]


async def test_a_bug_parks_its_event_after_a_few_tries_and_announces_it(ears: Ears) -> None:
    """Seen red without ``_announce``."""
    trainer, tries = new_id(), 0

    async def counts(trainer_id: UUID, what: str, tx: Tx) -> None:
        nonlocal tries
        tries += 1
        message = "Jan Jansen, 06-12345678"
        raise ValueError(message)

    ears.listener.react = counts
    record = paused(trainer)
    await ears.dispatch.batch([record])
    assert tries == 1 + ears.dispatch.TRIES  # together, then alone
    (told,) = await ears.told(EventParked)
    assert (told.parked_key, told.why, told.attempts, told.waiting) == (str(trainer), "failed", 1, 1)
    assert (told.event_id, told.event_type) == (record.headers["ce_id"], TrainerPaused.type)
    assert told.case_id == str(trainer)
    assert told.reason.startswith("ValueError at ")
    assert "Jansen" not in told.model_dump_json()


async def test_later_events_of_the_key_wait_behind_and_other_keys_flow(ears: Ears) -> None:
    """Seen red without the look at the parked keys: the later event overtook the parked one."""
    ears.listener.react = _bug
    bad, good = new_id(), new_id()
    await ears.dispatch.batch([paused(bad)])
    await ears.dispatch.batch([left(bad), left(good)])
    assert await ears.heard() == [(good, "left other")]
    assert await ears.count("parked_events") == 2
    assert [told.waiting for told in await ears.told(EventParked)] == [1, 2]


async def test_a_parked_event_stands_with_its_inbox_row_so_that_redelivery_parks_it_once(ears: Ears) -> None:
    """The relay may send twice, to another offset. Seen red without the inbox in ``_park``: it was parked twice."""
    ears.listener.react = _bug
    record = paused(new_id())
    await ears.dispatch.batch([record])
    await ears.dispatch.batch([replace(record, offset=record.offset + 1000)])
    assert (await ears.count("parked_events"), await ears.announced()) == (1, (1, 0, 0))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"value": b"{"}, "payload: "),
        ({"value": b'{"trainerId": "nobody"}'}, "payload: trainerId: "),
        ({"value": b'{"trainerId": "0192f0c0-0000-7000-8000-000000000000", "name": "x"}'}, "payload: name: "),
        ({"value": b""}, "payload: "),
        ({"value": b"\xff\xfe"}, "payload: "),
        ({"value": b"[]"}, "payload: "),
        ({"value": b"[" * 100_000}, "payload: "),
        ({"value": b'{"trainerId": "' + b"x" * 900_000 + b'"}'}, "payload: trainerId: "),
        ({"value": b'{"trainerId": "' + b"x" * 5_000_000 + b'"}'}, "payload: more than "),
        ({"value": b'{"a\\u0000b": 1}'}, "payload: "),
        ({"ce_specversion": "0.3"}, "headers: a bad value"),
        ({"ce_id": "x"}, "headers: a bad value"),
        ({"ce_time": "yesterday"}, "headers: a bad value"),
        ({"ce_sequence": "first"}, "headers: a bad value"),
        ({"ce_causationid": "because"}, "headers: a bad value"),
        ({"ce_source": "a\0b"}, "headers: a character"),
        ({"ce_a\0b": "x", "value": b"[]"}, "headers: a character"),
    ],
)
async def test_an_unreadable_record_is_parked_at_once_with_its_reason(
    ears: Ears, changed: dict[str, object], reason: str
) -> None:
    """Seen red with the NUL in a header or its name (PostgreSQL refuses it, and the partition stood still for ever) and
    in the name of a field (it was parked as failed, for our own error)."""
    trainer = new_id()
    await ears.dispatch.batch([left(new_id()), paused(trainer, **changed), left(trainer)])
    assert await _keys(ears) == [(str(trainer), "unreadable")]
    assert await ears.count("parked_events") == 2
    first = (await ears.told(EventParked))[0]
    assert first.reason.startswith(reason)
    assert len(await ears.heard()) == 1


async def test_a_payload_that_is_all_wrong_has_a_reason_of_bounded_length(ears: Ears) -> None:
    """Seen red without the limit: the announcement was larger than what it announced."""
    value = json.dumps({f"field-{number}": 1 for number in range(10_000)}).encode()
    await ears.dispatch.batch([paused(new_id(), value=value)])
    (told,) = await ears.told(EventParked)
    assert len(told.reason) < len(value) / 10


async def test_an_unreadable_record_that_comes_again_is_parked_and_announced_once(ears: Ears) -> None:
    """It has no id: topic, partition and offset identify it. Seen red: it was announced again."""
    record = paused(new_id(), ce_id="x")
    await ears.dispatch.batch([record])
    await ears.dispatch.batch([record])
    assert (await ears.count("parked_events"), await ears.announced()) == (1, (1, 0, 0))


async def test_records_that_could_not_be_read_wait_in_order_and_keep_their_reason(ears: Ears) -> None:
    """Seen red on a broker: the second one counted as a tombstone, took the place of the first and was tried again."""
    illegible = [
        Record(
            topic=TOPIC,
            partition=0,
            offset=offset,
            key="",
            value=b"",
            headers={ILLEGIBLE: "UnicodeDecodeError"},
            timestamp=datetime.now(UTC),
        )
        for offset in (7, 8)
    ]
    trainer = new_id()
    await ears.dispatch.batch([left(new_id()), *illegible, left(trainer)])
    assert len(await ears.heard()) == 2
    for attempts in (1, 2):
        rows = await ears.sql("SELECT reason, attempts, retry_at FROM parked_keys")
        assert [tuple(row) for row in rows] == [("record: UnicodeDecodeError", attempts, None)]
        assert [row.offset for row in await ears.sql('SELECT "offset" FROM parked_events ORDER BY position')] == [7, 8]
        assert await ears.dispatch.redrive(TOPIC, "") == 0


async def test_events_before_an_unreadable_one_in_its_batch_have_their_effect(ears: Ears) -> None:
    trainer = new_id()
    await ears.dispatch.batch([left(trainer), paused(trainer, value=b"{"), left(trainer)])
    assert await ears.heard() == [(trainer, "left other")]
    assert await ears.count("parked_events") == 2


async def test_a_newer_version_of_what_is_handled_here_parks_its_key(ears: Ears) -> None:
    """Seen red with an ``UnknownVersion`` that is passed over."""
    trainer = new_id()
    newer = TrainerPaused.type.replace(".v1", ".v9")
    await ears.dispatch.batch([paused(trainer, ce_type=newer), left(trainer)])
    assert await _keys(ears) == [(str(trainer), "newer")]
    assert await ears.heard() == []


async def test_an_event_without_a_handler_here_blocks_no_other_however_new_or_broken(ears: Ears) -> None:
    """Seen red: a newer version of a foreign event parked its key in every service that reads the topic."""
    key = new_id()
    newer = ProposalWithdrawn.type.replace(".v1", ".v9")
    unwanted = [
        paused(key, ce_type=newer),
        paused(key, ce_type=ProposalWithdrawn.type, value=b"{"),
        paused(key, ce_type=f"{PREFIX}unheard.of.v1", value=b"{"),
        paused(key, ce_type="com.example.other"),
    ]
    assert await ears.dispatch.batch(unwanted) == 0
    assert (await _keys(ears), await ears.count("inbox")) == ([], 0)
    await ears.dispatch.batch([left(key)])
    assert await ears.heard() == [(key, "left other")]


async def test_a_refusal_that_a_use_case_did_not_turn_into_an_outcome_is_a_bug_and_parks_at_once(ears: Ears) -> None:
    tries = 0

    async def refuses(trainer_id: UUID, what: str, tx: Tx) -> None:
        nonlocal tries
        tries += 1
        raise Unwanted

    ears.listener.react = refuses
    await ears.dispatch.batch([paused(new_id())])
    assert (tries, [why for _, why in await _keys(ears)]) == (2, ["failed"])


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO heard (trainer_id, what) VALUES (:id, NULL)",
        "INSERT INTO heards DEFAULT VALUES",
        select(bindparam("number", type_=Integer)),
        "SELECT 1 / 0",
    ],
)
async def test_wrong_sql_and_wrong_data_are_bugs_of_their_event_and_do_not_stop_the_partition(
    ears: Ears, statement: str | Select[tuple[int]]
) -> None:
    """Seen red with the number that does not fit: the driver refuses it without an SQLSTATE, and that was taken
    for an outage, for ever."""

    async def wrong(trainer_id: UUID, what: str, tx: Tx) -> None:
        sql = text(statement) if isinstance(statement, str) else statement
        await tx.execute(sql, {"id": trainer_id, "number": 2**40})

    ears.listener.react = wrong
    await ears.dispatch.batch([paused(new_id())])
    assert [why for _, why in await _keys(ears)] == ["failed"]


async def test_a_pool_that_is_exhausted_is_no_fault_of_the_event(fresh_database: FreshDatabase) -> None:
    """SQLAlchemy's TimeoutError is no DBAPIError. Seen red with it left out of ``AWAY`` and ``_is_passing``."""
    database = Database(await fresh_database(), service=CONSUMER, metadata=tables(), oin=OIN, pool_size=1)
    database.engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    await make_tables(database)
    ears = Ears(database)
    record = paused(new_id())
    async with database.begin(actor="holds the only connection"):
        with pytest.raises(TryLater):
            await ears.dispatch.batch([record])
    assert await ears.dispatch.batch([record]) == 1
    assert len(await ears.heard()) == 1
    await database.close()


async def test_an_announcement_that_cannot_be_handled_is_not_announced_itself(fresh_database: FreshDatabase) -> None:
    """Seen red: each parked announcement made the next, without end."""
    async with ears_at(await fresh_database()) as ears:
        handlers = Handlers()

        @handlers.on(EventParked)
        async def fails(event: EventParked, tx: Tx) -> None:
            raise ZeroDivisionError

        told = EventParked(
            flow_key="a/b/c",
            consumer="a",
            topic="b",
            parked_key="c",
            partition=0,
            offset=0,
            event_id=None,
            event_type=None,
            case_id=None,
            why="failed",
            reason="",
            attempts=1,
            waiting=1,
        )
        await Dispatch(ears.database, handlers, CONSUMER).batch([record_of(told)])
        assert (await ears.count("parked_events"), await ears.count("outbox")) == (1, 0)


async def test_the_inbox_is_written_before_the_parked_keys_are_looked_at(ears: Ears) -> None:
    """One process is about to park the first event; another that got both waits for its inbox row, and must then
    see that the key is parked. Seen red with the two exchanged: the second event overtook the first."""
    trainer = new_id()
    first, second = paused(trainer), left(trainer)
    async with ears.database.begin(actor="another process") as tx:
        await tx.sees_first(CONSUMER, [Envelope.from_headers(first.headers)])
        both = asyncio.create_task(ears.dispatch.batch([first, second]))

        async def waits() -> bool:
            return bool(await ears.sql("SELECT 1 FROM pg_locks WHERE NOT granted"))

        await eventually(waits)
        await parking.park(tx, CONSUMER, first, parking.Stop(why="failed"))
    await both
    assert (await ears.heard(), await ears.count("parked_events")) == ([], 2)


async def test_an_announcement_names_its_own_event_as_its_cause(ears: Ears) -> None:
    """Seen red: it inherited the cause of the event that was handled before it in the batch."""
    ears.listener.react = _bug
    bad, good = new_id(), new_id()
    await ears.dispatch.batch([paused(bad)])
    behind = left(bad)
    await ears.dispatch.batch([left(good), behind])
    rows = await ears.sql("SELECT headers->>'ce_causationid' AS cause FROM outbox ORDER BY position DESC LIMIT 1")
    assert rows[0].cause == behind.headers["ce_id"]


async def test_missing_facts_are_parked_in_silence_at_first(ears: Ears) -> None:
    """Seen red with ``MissingDependency`` treated as any bug."""

    async def misses(trainer_id: UUID, what: str, tx: Tx) -> None:
        fact = f"trainer/{trainer_id}"
        raise MissingDependency(fact)

    ears.listener.react = misses
    await ears.dispatch.batch([paused(new_id())])
    assert ([why for _, why in await _keys(ears)], await ears.announced()) == (["waiting"], (0, 0, 0))
