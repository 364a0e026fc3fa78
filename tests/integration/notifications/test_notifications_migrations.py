"""A feed that was written by an earlier version is as blind after the upgrade as one written today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from common.envelope import Envelope
from common.persistence.database import engine_of
from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from events import CATALOGUE, Event, name_of
from events.contracts import EndingEvent
from events.matching import (
    AppealEvent,
    CounterEvent,
    ProposalAccepted,
    ProposalConverted,
    ProposalEvent,
    ProposalProlonged,
    ProposalTermsChanged,
    ProposalUnreached,
    SearchEvent,
    SideWorkAgreed,
)
from events.parties import Parties
from events.sides import SHARED, TELLING
from hto.documents.event_schemas import sample_of
from notifications.app import service
from notifications.feed.model import bodies_of
from tests.support.migrations import differences
from tests.support.postgres import FreshDatabase

AT: Final = datetime(2026, 9, 1, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
REASONS: Final = ("trainer_left", "trainer_paused", "vacancy_changed")
LATER: Final = (
    SideWorkAgreed
    | AppealEvent
    | CounterEvent
    | ProposalTermsChanged
    | ProposalProlonged
    | ProposalUnreached
    | EndingEvent
)
"""Published since later."""
RULES: Final = "rules"
"""A fact of a withdrawn proposal since later."""
KINDS: Final = [kind for kind in CATALOGUE.values() if kind.taking_part and not issubclass(kind, LATER)]
"""What has no parties is on nobody's feed."""
_INSERT: Final = text(
    "INSERT INTO feed (event_id, event, subject, recorded_at, owners, body)"
    " VALUES (:event_id, :event, :subject, :recorded_at, :owners, :body)"
)


def written_before() -> list[tuple[Event, Envelope, Parties]]:
    """One event of every kind, with ids of its own; a withdrawn proposal once for each kind of reason."""
    found: list[tuple[Event, Envelope, Parties]] = []
    for kind in KINDS:
        for reason in REASONS if name_of(kind.type) == "proposal.withdrawn" else (None,):
            data: dict[str, Any] = {**sample_of(kind), **({"reason": reason} if reason else {})}
            for name, field in kind.model_fields.items():
                if name in {"trainer_id", "company_id"}:
                    data[str(field.alias)] = str(uuid7())
            event = kind.model_validate_json(json.dumps(data))
            envelope = Envelope(
                id=uuid7(), source="urn:hto:test", type=kind.type, subject=f"thing/{len(found)}",
                time=AT + len(found) * SECOND, key="1", cause=uuid7(), trace=f"00-{len(found)}-2-00",
            )  # fmt: skip
            sides = Parties(board=uuid7(), school=uuid7(), location=uuid7(), company=uuid7(), organisation=uuid7())
            named = {**sides.only(*kind.taking_part).by_role(), **Parties.named_in(event).by_role()}
            found.append((event, envelope, Parties(**named)))  # type: ignore[arg-type]
    return found


def data_of_then(event: Event) -> dict[str, Any]:
    data: dict[str, Any] = event.model_dump(mode="json", by_alias=True)
    return {name: value for name, value in data.items() if name != RULES}


async def fill(connection: AsyncConnection, rows: list[tuple[Event, Envelope, Parties]]) -> None:
    """Write the feed as the first version wrote it: one body, with everything."""
    for event, envelope, parties in rows:
        body = envelope.structured(data_of_then(event))
        row = {
            "event_id": envelope.id,
            "event": name_of(envelope.type),
            "subject": envelope.subject,
            "recorded_at": envelope.time,
            "owners": sorted(parties.ids()),
            "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        }
        await connection.execute(_INSERT, row)


async def feed_of(url: str) -> Mapping[UUID, Any]:
    engine = engine_of(url)
    try:
        async with engine.connect() as connection:
            rows = (await connection.execute(text("SELECT * FROM feed"))).all()
    finally:
        await engine.dispose()
    return {row.event_id: row for row in rows}


async def filled(url: str, revision: str) -> list[tuple[Event, Envelope, Parties]]:
    """Bring a database to a version with a row of every kind of event in its feed."""
    await runner.upgrade(service, url, revision)
    rows, engine = written_before(), engine_of(url)
    try:
        async with engine.begin() as connection:
            await fill(connection, rows)
    finally:
        await engine.dispose()
    return rows


async def test_every_row_of_before_is_as_blind_as_one_written_now(fresh_database: FreshDatabase) -> None:
    """Whatever the event: what a party reads after the upgrade is no more than what it would read today."""
    url = await fresh_database()
    rows = await filled(url, "0003")
    await runner.upgrade(service, url)
    found = await feed_of(url)
    assert len(found) == len(rows) == len(KINDS) + len(REASONS) - 1
    for event, envelope, parties in rows:
        row, now = found[envelope.id], bodies_of(envelope, event, parties)
        whole, shown = json.loads(row.whole_body or row.body), json.loads(row.body)
        assert whole["data"] == data_of_then(event), "staff lose nothing"
        today = json.loads(now.shown)
        assert shown.keys() == today.keys()
        assert [name for name, value in shown["data"].items() if value not in (None, today["data"][name])] == []
        assert hides_no_more_than_it_must(event, shown["data"], today["data"])
        for party, own in (row.party_bodies or {}).items():
            assert UUID(party) == parties.trainer
            written_now = json.loads(now.by_party[UUID(party)])
            written_now["data"].pop(RULES, None)
            assert json.loads(own) == written_now


def hides_no_more_than_it_must(event: Event, shown: dict[str, Any], today: dict[str, Any]) -> bool:
    """What a row of before lost beyond what is hidden today is a reason or finding that not all sides may read."""
    lost = {name for name, value in shown.items() if value is None and today[name] is not None}
    told = SHARED.get(name_of(event.type), {})
    return all(name in TELLING and set(told[name]) != {"trainer", "school", "company"} for name in lost)


async def test_no_proposal_of_before_names_its_trainer_after_the_upgrade(fresh_database: FreshDatabase) -> None:
    url = await fresh_database()
    rows = await filled(url, "0003")
    await runner.upgrade(service, url)
    found = await feed_of(url)
    for event, envelope, _ in rows:
        if not isinstance(event, ProposalEvent | SearchEvent):
            continue
        row, trainer = found[envelope.id], getattr(event, "trainer_id", None)
        revealed = isinstance(event, ProposalAccepted | ProposalConverted)
        assert trainer is None or (str(trainer) in row.body) is revealed
        assert str(envelope.cause) not in row.body
        assert trainer is None or revealed or str(trainer) in row.party_bodies[str(trainer)]


async def test_a_filled_feed_goes_up_and_down_and_up_again(fresh_database: FreshDatabase) -> None:
    """From every version of before that kept a feed."""
    url = await fresh_database()
    rows = await filled(url, "0009")
    await runner.upgrade(service, url)
    once = await feed_of(url)
    assert await differences(service, url) == []
    await runner.downgrade(service, url, "0009")
    await runner.upgrade(service, url)
    again = await feed_of(url)
    assert {key: json.loads(row.body) for key, row in again.items()} == {
        key: json.loads(row.body) for key, row in once.items()
    }
    assert len(again) == len(rows)
    await runner.downgrade(service, url, "0003")
    assert {row.body for row in (await feed_of(url)).values()}


async def test_a_reason_of_before_is_in_words_after_the_upgrade(fresh_database: FreshDatabase) -> None:
    """Partners read them; also after going back and up again."""
    url = await fresh_database()
    await runner.upgrade(service, url, "0017")
    before = {
        "TimeoutError": "no answer in time",
        "RemoteProtocolError": "answer cannot be read",
        "NotPublic": "address is not public",
        "OverflowError at delivering.py:12": "failed on our side",
        "WorkerDied": "failed on our side",
        "answered 500": "answered 500",
    }
    connection = await asyncpg.connect(url)
    insert = "INSERT INTO endpoint_health (endpoint_id, reason) VALUES (gen_random_uuid(), $1)"
    await connection.executemany(insert, [(reason,) for reason in before])
    for version in ("0018", "0017", "0018"):
        await (runner.downgrade if version == "0017" else runner.upgrade)(service, url, version)
    found = [row["reason"] for row in await connection.fetch("SELECT reason FROM endpoint_health")]
    await connection.close()
    assert sorted(found) == sorted(before.values())


async def test_a_vacancy_that_ended_before_the_upgrade_is_over_after_it(fresh_database: FreshDatabase) -> None:
    """Also after going back and up again."""
    url, ended, reopened = await fresh_database(), uuid7(), uuid7()
    await runner.upgrade(service, url, "0018")
    connection = await asyncpg.connect(url)
    insert = (
        "INSERT INTO feed (event_id, event, subject, recorded_at, owners, body)"
        " VALUES (gen_random_uuid(), $2, 'vacancy/' || $1::text, now(), '{}', '{}')"
    )
    for vacancy, name in [
        (ended, "vacancy.posted"), (ended, "vacancy.filled"), (reopened, "vacancy.expired"),
        (ended, "vacancy.closed"), (reopened, "vacancy.reopened"),
    ]:  # fmt: skip
        await connection.execute(insert, str(vacancy), name)
    for version in ("0019", "0018", "0019"):
        await (runner.downgrade if version == "0018" else runner.upgrade)(service, url, version)
    found = {row["id"]: row["events"] for row in await connection.fetch("SELECT id, events FROM vacancies")}
    await connection.close()
    assert found == {
        ended: ["vacancy.filled", "vacancy.closed"],
        reopened: ["vacancy.expired", "vacancy.reopened"],
    }


async def test_an_endpoint_to_be_asked_before_the_upgrade_is_asked_after_it(fresh_database: FreshDatabase) -> None:
    """Also after going back and up again; one that answered is not."""
    url, pending = await fresh_database(), uuid7()
    await runner.upgrade(service, url, "0019")
    connection = await asyncpg.connect(url)
    insert = "INSERT INTO endpoint_health (endpoint_id, ask_at, asked) VALUES ($1, $2, $3)"
    await connection.executemany(insert, [(pending, AT, 3), (uuid7(), None, 1)])
    for version in ("0020", "0019", "0020"):
        await (runner.downgrade if version == "0019" else runner.upgrade)(service, url, version)
    found = [tuple(row) for row in await connection.fetch("SELECT endpoint_id, due_at, attempts FROM questions")]
    await connection.close()
    assert found == [(pending, AT, 3)]
