"""A caller's list of cases, page by page: each case once, by what is newest to this caller in whatever capacity."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import insert

from common.caller import Caller, CallerRole
from common.persistence.database import Database
from common.persistence.listing import Window, page_of
from common.persistence.migrations import runner
from common.persistence.transaction import uuid7
from operations.app import service
from operations.case.queries import case_list, newest_cases
from operations.case.tables import case_parties, cases
from tests.support.at_work import database_at
from tests.support.postgres import FreshDatabase

START: Final = datetime(2026, 9, 1, tzinfo=UTC)
IDS: Final = [UUID(int=number) for number in range(1, 5)]
TRAINER: Final = UUID(int=99)
CALLERS: Final[dict[str, dict[str, Any]]] = {
    "a school that is a board and a location as well": {"roles": {CallerRole.SCHOOL}, "organisations": IDS[:2]},
    "a portal of two organisations": {"roles": {CallerRole.PORTAL}, "organisations": IDS[1:3]},
    "a trainer": {"roles": {CallerRole.TRAINER}, "trainer": TRAINER},
    "a desk": {"roles": {CallerRole.DESK}, "regions": {"AM01"}},
    "a desk that is a party as well": {"roles": {CallerRole.DESK}, "regions": {"AM01"}, "organisations": IDS[:1]},
    "a desk of no region that is a party": {"roles": {CallerRole.DESK}, "organisations": IDS[:1]},
    "a company of a desk": {
        "roles": {CallerRole.DESK, CallerRole.COMPANY},
        "regions": {"AM28"},
        "organisations": IDS[2:],
    },
    "the programme": {"roles": {CallerRole.PROGRAMME}},
    "the programme as a school": {"roles": {CallerRole.PROGRAMME, CallerRole.SCHOOL}, "organisations": IDS[:1]},
    "nobody": {"roles": {CallerRole.SCHOOL}},
}


@dataclass
class World:
    """Cases and their parties' views of them, as written."""

    database: Database
    cases: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)

    def make(self, chance: random.Random) -> None:
        tokens = [f"{role}={id_}" for role in ("board", "school", "location", "company", "organisation") for id_ in IDS]
        for _ in range(150):
            case = {"id": uuid7(), "kind": chance.choice(["vacancy", "trainer"]), **_state(chance)}
            self.cases.append({**case, "region": chance.choice(["AM01", "AM28", None])})
            for token in chance.sample([*tokens, f"trainer={TRAINER}"], chance.randint(0, 6)):
                self.views.append({"case_id": case["id"], "party": token, **_state(chance)})

    def expected(self, caller: Caller, *, is_open: bool | None) -> list[tuple[datetime, UUID]]:
        found = []
        for case in self.cases:
            whole = bool(caller.roles & {CallerRole.PROGRAMME}) or (
                CallerRole.DESK in caller.roles and case["region"] in caller.regions
            )
            mine = [view for view in self.views if view["case_id"] == case["id"] and view["party"] in caller.parties()]
            if not whole and not mine:
                continue
            seen = case if whole else max(mine, key=lambda one: (one["latest_at"], one["open"], one["party"]))
            if is_open is None or seen["open"] is is_open:
                found.append((seen["latest_at"], case["id"]))
        return sorted(found, reverse=True)


def _state(chance: random.Random) -> dict[str, Any]:
    at = START + timedelta(hours=chance.randint(0, 40))
    return {"opened_at": START, "latest_at": at, "latest": "x", "open": chance.random() < 0.4}


@pytest.fixture
async def world(fresh_database: FreshDatabase) -> AsyncIterator[World]:
    url = await fresh_database()
    await runner.upgrade(service, url)
    made = World(database_at(service, url))
    made.make(random.Random(5))
    async with made.database.begin(actor="test") as tx:
        await tx.execute(insert(cases), made.cases)
        await tx.execute(insert(case_parties), made.views)
    yield made
    await made.database.close()


def caller_as(name: str) -> Caller:
    claims: dict[str, Any] = dict(CALLERS[name])
    several: dict[str, Any] = {key: frozenset(claims.pop(key, ())) for key in ("roles", "organisations", "regions")}
    return Caller(client="portal", subject="x", **several, **claims)


def _places(rows: Sequence[Any]) -> list[tuple[datetime, UUID]]:
    return [(row.latest_at, row.id) for row in rows]


@pytest.mark.parametrize("name", CALLERS)
async def test_pages_hold_each_case_once_by_what_is_newest_to_the_caller(world: World, name: str) -> None:
    caller = caller_as(name)
    async with world.database.begin(actor="test") as tx:
        for is_open in (None, True):
            expected = world.expected(caller, is_open=is_open)
            found: list[tuple[datetime, UUID]] = []
            for _ in range(len(expected) // 7 + 1):
                window = Window(7, found[-1] if found else None, newest_first=True)
                found += _places((await tx.execute(page_of(case_list(caller, is_open=is_open), window))).all())
            assert found == expected


@pytest.mark.parametrize("name", ["the programme", "a desk", "a desk that is a party as well"])
async def test_the_console_goes_on_behind_the_case_it_ended_with(world: World, name: str) -> None:
    caller = caller_as(name)
    expected = world.expected(caller, is_open=None)
    async with world.database.begin(actor="test") as tx:
        rows = await newest_cases(tx, caller, is_open=None, overdue_at=None, before=expected[9][1], limit=20)
        assert _places(rows) == expected[10:30]
        from_the_start = await newest_cases(tx, caller, is_open=None, overdue_at=None, before=uuid7(), limit=5)
        assert _places(from_the_start) == expected[:5]
