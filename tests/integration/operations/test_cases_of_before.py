"""Cases written before each party had a view of its own are converted: nobody loses a case, nobody gains a step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from common.persistence.migrations import runner
from operations.app import service
from tests.support.postgres import FreshDatabase
from tests.support.serving import Serving, serving

BOARD, SCHOOL, LOCATION = uuid4(), uuid4(), uuid4()
ALONE, FIRST, SECOND = uuid4(), uuid4(), uuid4()
EMPLOYER, OTHER_EMPLOYER = uuid4(), uuid4()
ONE_CANDIDATE, TWO_CANDIDATES, PERSON = uuid4(), uuid4(), uuid4()


@pytest.fixture
async def operations(fresh_database: FreshDatabase) -> AsyncIterator[Serving]:
    url = await fresh_database()
    await runner.upgrade(service, url, "0002")
    connection = await asyncpg.connect(url)
    try:
        await _write(connection)
    finally:
        await connection.close()
    async with serving(service, url) as at_work:
        yield at_work


async def _write(connection: Any) -> None:
    for case, kind, trainer, company in (
        (ONE_CANDIDATE, "vacancy", ALONE, EMPLOYER),
        (TWO_CANDIDATES, "vacancy", SECOND, OTHER_EMPLOYER),
        (PERSON, "trainer", PERSON, EMPLOYER),
    ):
        school = (None, None, None) if kind == "trainer" else (BOARD, SCHOOL, LOCATION)
        await connection.execute(
            "INSERT INTO cases (id, kind, opened_at, latest_at, latest, board_id, school_id, location_id, company_id,"
            " trainer_id, region, open) VALUES ($1, $2, now(), now(), 'x.y.v1', $3, $4, $5, $6, $7, 'AM28', true)",
            *(case, kind, *school, company, trainer),
        )
    for case, subject, event, number in (
        (ONE_CANDIDATE, f"vacancy/{ONE_CANDIDATE}", "vacancy.posted", 1),
        (ONE_CANDIDATE, "proposal/1", "proposal.made", 2),
        (ONE_CANDIDATE, "message/1", "message.sent", 3),
        (TWO_CANDIDATES, f"vacancy/{TWO_CANDIDATES}", "vacancy.posted", 4),
        (TWO_CANDIDATES, "proposal/2", "proposal.declined", 5),
        (PERSON, f"trainer/{PERSON}", "trainer.available", 6),
        (PERSON, "qualification/1", "qualification.claimed", 7),
    ):
        sender = "notifications" if subject.startswith("message") else "registry"
        await connection.execute(
            "INSERT INTO steps (event_id, case_id, at, recorded_at, service, event, type, subject, facts)"
            " VALUES ($1, $2, now(), now(), $3, $4, $4, $5, '{}')",
            *(UUID(int=number), case, sender, event, subject),
        )
    await connection.execute(
        "INSERT INTO open_steps (subject, case_id, what, owners, waits)"
        " VALUES ('proposal/1', $1, 'answer_proposal', '{school}', false)",
        ONE_CANDIDATE,
    )
    for entity, case, role in (
        (ALONE, ONE_CANDIDATE, "trainer_id"),
        (EMPLOYER, ONE_CANDIDATE, "company_id"),
        (FIRST, TWO_CANDIDATES, "trainer_id"),
        (SECOND, TWO_CANDIDATES, "trainer_id"),
    ):
        await connection.execute("INSERT INTO links VALUES ($1, $2, $3)", entity, case, role)


async def _steps(operations: Serving, case: UUID, headers: dict[str, str]) -> list[str]:
    answer = await operations.get(f"/cases/{case}/steps", headers)
    assert answer.status_code == 200, answer.text
    return [step["event"] for step in answer.json()["items"]]


async def test_each_party_keeps_its_cases_and_what_is_surely_its_own(operations: Serving) -> None:
    school = operations.headers("school-hr", "cases:read", roles=["school"], org=[str(BOARD)])
    alone, first, person = (
        operations.headers("portal", "cases:read", roles=["trainer"], trainer=str(trainer))
        for trainer in (ALONE, FIRST, PERSON)
    )
    employer = operations.headers("company-hr", "cases:read", roles=["company"], org=[str(EMPLOYER)])
    assert await _steps(operations, ONE_CANDIDATE, school) == ["vacancy.posted", "proposal.made"]
    assert await _steps(operations, TWO_CANDIDATES, school) == ["vacancy.posted", "proposal.declined"]
    for looking in (alone, employer):
        assert await _steps(operations, ONE_CANDIDATE, looking) == ["proposal.made"]
        shown = (await operations.get(f"/cases/{ONE_CANDIDATE}", looking)).json()
        assert (shown["open"], shown["nextStep"]["what"]) == (True, "answer_proposal")
    assert await _steps(operations, TWO_CANDIDATES, first) == []
    assert await _steps(operations, PERSON, person) == ["trainer.available", "qualification.claimed"]
    assert await _steps(operations, PERSON, employer) == ["trainer.available"]
    found = (await operations.get(f"/cases?involving={EMPLOYER}", school)).json()["items"]
    assert found == []
