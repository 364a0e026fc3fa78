"""Rows past their term go, a chunk at a time, by policy; what is within it stays."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from common.persistence import terms
from common.persistence.terms import AUDIT, Purge
from common.persistence.transaction import Tx
from common.service.retention import forget_all, run_hourly
from tests.support.plumbing import CONSUMER, Ears, have_rule, working
from tests.support.sample import eventually

LABELS = {"service": CONSUMER, "what": "audit"}


async def audited(ears: Ears, *days_ago: int) -> None:
    for days in days_ago:
        await ears.sql(
            "INSERT INTO audit (at, actor, about, event_id, event_type)"
            " VALUES (now() - make_interval(days => :days), 'a', 'trainer/1', gen_random_uuid(), 'x')",
            days=days,
        )


async def ages(ears: Ears) -> list[int]:
    return [
        row.days for row in await ears.sql("SELECT extract(day FROM now() - at)::int AS days FROM audit ORDER BY id")
    ]


async def test_rows_past_their_term_are_purged_in_chunks_and_the_rest_stay(
    ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "CHUNK", 2)
    await have_rule(ears.database, "retention.audit", {"days": 30})
    await audited(ears, 90, 80, 70, 31, 29, 1)
    before = REGISTRY.get_sample_value("hto_retention_rows_total", LABELS) or 0
    assert await forget_all(ears.database, AUDIT) == 4
    assert await ages(ears) == [29, 1]
    assert REGISTRY.get_sample_value("hto_retention_rows_total", LABELS) == before + 4
    assert time.time() - (REGISTRY.get_sample_value("hto_retention_completed_seconds", LABELS) or 0) < 60


@pytest.mark.parametrize(
    ("value", "stay"),
    [
        ({"days": 30, "inServices": {CONSUMER: 60}}, [40]),
        ({"days": 30, "inServices": {"contracts": 60}}, []),
        ({"forEver": True}, [90, 40]),
    ],
)
async def test_a_policy_may_give_one_service_a_term_of_its_own_or_keep_rows_for_ever(
    ears: Ears, value: dict[str, object], stay: list[int]
) -> None:
    await have_rule(ears.database, "retention.audit", value)
    await audited(ears, 90, 40)
    await forget_all(ears.database, AUDIT)
    assert await ages(ears) == stay


async def test_no_row_is_purged_before_the_policy_has_come(ears: Ears) -> None:
    await audited(ears, 9000)
    assert await forget_all(ears.database, AUDIT) == 0
    assert await ages(ears) == [9000]


async def test_the_term_passes_in_business_time(ears: Ears) -> None:
    await have_rule(ears.database, "retention.audit", {"days": 30})
    await audited(ears, 1)
    ears.database.clock.offset += timedelta(days=30)
    assert await forget_all(ears.database, AUDIT) == 1


async def test_one_process_at_a_time_purges_a_table(ears: Ears) -> None:
    """Seen red without the advisory lock: both were at it at once."""
    inside, go_on = asyncio.Event(), asyncio.Event()
    entered = 0

    async def slow(tx: Tx) -> int:
        del tx
        nonlocal entered
        entered += 1
        inside.set()
        await go_on.wait()
        return 0

    purge = Purge(table="slow", policy="retention.audit", forget=slow)
    async with working(forget_all(ears.database, purge)) as (first,):
        await inside.wait()
        async with asyncio.timeout(10):
            assert await forget_all(ears.database, purge) == 0
        assert entered == 1
        go_on.set()
        await first
    assert await forget_all(ears.database, purge) == 0
    assert entered == 2, "it is free again"


async def test_a_purge_reads_the_head_of_the_table_and_not_the_table(
    ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "CHUNK", 50)
    await have_rule(ears.database, "retention.audit", {"days": 30})
    await ears.sql(
        "INSERT INTO audit (at, actor, about, event_id, event_type)"
        " SELECT now() - make_interval(secs => 20000 - n), 'a', 'trainer/1', gen_random_uuid(), 'x'"
        " FROM generate_series(1, 20000) n"
    )
    read = (
        "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
        " WHERE relname = 'audit'"
    )
    async with ears.database.begin(actor="test") as tx:
        assert await AUDIT(tx) == 0
        assert (await tx.execute(text(read))).scalar_one() <= 200


async def test_the_loop_says_since_when_it_is_behind_before_its_first_success(ears: Ears) -> None:
    """An alert compares the moment with now: a purge that never completed has one as well."""

    async def fails(tx: Tx) -> int:
        del tx
        raise OverflowError

    purge = Purge(table="failing", policy="retention.audit", forget=fails)
    labels = {"service": CONSUMER, "what": "failing"}
    started = time.time()
    async with working(run_hourly(purge)(ears)):  # type: ignore[arg-type] # a loop needs the database only

        async def failed() -> bool:
            return REGISTRY.get_sample_value("hto_retention_failures_total", labels) == 1

        await eventually(failed)
    at = REGISTRY.get_sample_value("hto_retention_completed_seconds", labels)
    assert at is not None
    assert started - 1 < at < time.time() + 1
