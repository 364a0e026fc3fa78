"""A closed case goes some years after its last step, with all that belongs to it; an open one stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from common.persistence.transaction import uuid7
from common.service.retention import forget_all
from events.registry import VacancyPosted
from operations.app import service
from operations.case import tables
from operations.case.usecases import retention
from operations.parked_event import tables as parked_tables
from operations.parked_event import usecases as parked_usecases
from operations.tables import metadata
from tests.integration.operations.cases_at_work import START, Opening
from tests.support.plumbing import have_rule
from tests.support.postgres import FreshDatabase
from tests.support.serving import Serving, serving

OF_A_CASE = ("cases", "case_parties", "steps", "links", "open_steps")
CASES, PARKED = retention.PURGE, parked_usecases.PURGE


@pytest.fixture
async def operations(fresh_database: FreshDatabase) -> AsyncIterator[Serving]:
    async with serving(service, await fresh_database()) as at_work:
        await have_rule(at_work.database, "retention.cases", {"daysAfterLastStep": 100})
        await have_rule(at_work.database, "retention.parked_history", {"daysAfterSolved": 10})
        yield at_work


async def counts(at_work: Serving) -> dict[str, int]:
    async with at_work.database.begin(actor="test") as tx:
        return {
            name: int((await tx.execute(select(func.count()).select_from(metadata.tables[name]))).scalar_one())
            for name in OF_A_CASE
        }


async def closed(at_work: Serving, latest_at: datetime) -> Opening:
    opening = Opening(at_work)
    await opening.happens(VacancyPosted)
    async with at_work.database.begin(actor="test") as tx:
        mine = tables.cases.c.id == opening.vacancy
        await tx.execute(update(tables.cases).where(mine).values(open=False, latest_at=latest_at))
    return opening


def set_now(at_work: Serving, now: datetime) -> None:
    at_work.database.clock.offset = now - at_work.database.clock.real_now()


async def test_a_closed_case_goes_with_all_that_belongs_to_it(operations: Serving) -> None:
    now = START + timedelta(days=400)
    set_now(operations, now)
    await closed(operations, now - timedelta(days=101))
    assert min((await counts(operations)).values()) >= 1
    assert await forget_all(operations.database, CASES) == 1
    assert await counts(operations) == dict.fromkeys(OF_A_CASE, 0)


async def test_open_cases_and_those_within_their_term_stay(operations: Serving) -> None:
    now = START + timedelta(days=400)
    set_now(operations, now)
    await closed(operations, now - timedelta(days=99))
    await Opening(operations).happens(VacancyPosted)
    assert await forget_all(operations.database, CASES) == 0
    assert (await counts(operations))["cases"] == 2


async def test_solved_keys_are_purged_and_parked_ones_stay(operations: Serving) -> None:
    now = START + timedelta(days=400)
    set_now(operations, now)
    async with operations.database.begin(actor="test") as tx:
        for state, days in (("solved", 11), ("solved", 9), ("parked", 300)):
            changed = now - timedelta(days=days)
            row: dict[str, Any] = {
                column.name: "x"
                for column in parked_tables.parked.c
                if column.name not in {"id", "event_id", "case_id"}
            }
            row |= {"id": uuid7(), "flow_key": f"{state}{days}", "state": state, "attempts": 1, "waiting": 1}
            await tx.execute(insert(parked_tables.parked).values({**row, "since": changed, "changed_at": changed}))
    assert await forget_all(operations.database, PARKED) == 1
    async with operations.database.begin(actor="test") as tx:
        left = list(
            (
                await tx.execute(select(parked_tables.parked.c.flow_key).order_by(parked_tables.parked.c.flow_key))
            ).scalars()
        )
    assert left == ["parked300", "solved9"]
