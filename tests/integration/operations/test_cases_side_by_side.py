"""Workers that share cases do not deadlock, and what a newer worker wrote is shown as unknown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from common.messaging.consumer import Received
from common.persistence.transaction import uuid7
from events.contracts import AssignmentStarted
from events.parties import Parties
from events.registry import TrainerAvailable
from operations.app import service
from tests.integration.operations.cases_at_work import START, Candidate, Opening, follow_all, made, received
from tests.support.postgres import FreshDatabase
from tests.support.serving import Serving, serving


@pytest.fixture
async def operations(fresh_database: FreshDatabase) -> AsyncIterator[Serving]:
    async with serving(service, await fresh_database()) as at_work:
        yield at_work


async def _on_two_workers(operations: Serving, table: str, *runs: list[Received]) -> None:
    """Handle runs of events side by side, each statement on ``table`` slowed so that they meet."""
    async with operations.database.begin(actor="test") as tx:
        lingers = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$"
        await tx.execute(text(f"CREATE FUNCTION linger() {lingers}"))
        await tx.execute(text(f"CREATE TRIGGER linger BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION linger()"))

    async def work(run: list[Received]) -> None:
        async with operations.database.begin(actor="worker") as tx:
            await follow_all(tx, run)

    await asyncio.gather(*(work(run) for run in runs))


async def test_two_workers_that_share_cases_in_another_order_do_not_deadlock(operations: Serving) -> None:
    """Seen red while cases were written in the order of their events: one of the two was ended by PostgreSQL."""
    first, second = sorted((uuid7(), uuid7()))

    def happens(*cases: UUID) -> list[Received]:
        return [
            received(made(TrainerAvailable, trainer_id=case), case, Parties(trainer=case), source="registry", at=START)
            for case in cases
        ]

    await _on_two_workers(operations, "cases", happens(first, second), happens(second, first))
    programme = operations.headers("programme", "cases:read", roles=["programme"])
    for case in (first, second):
        assert len((await operations.get(f"/cases/{case}/steps", programme)).json()["items"]) == 2


async def test_two_workers_that_count_the_same_people_in_another_order_do_not_deadlock(operations: Serving) -> None:
    people = [Candidate(), Candidate()]

    def starts(*candidates: Candidate) -> list[Received]:
        return [
            Opening(operations).event(AssignmentStarted, candidate, assignment_id=uuid7()) for candidate in candidates
        ]

    await _on_two_workers(operations, "trainers", starts(*people), starts(*reversed(people)))
    async with operations.database.begin(actor="test") as tx:
        assert (await tx.execute(text("SELECT count(*) FROM assignments"))).scalar_one() == 4


async def test_a_step_that_this_version_does_not_know_yet_is_shown_as_unknown(operations: Serving) -> None:
    """Seen red: one such case answered 500 for the whole page."""
    opening = Opening(operations)
    await opening.happens(TrainerAvailable, Candidate())
    async with operations.database.begin(actor="newer worker") as tx:
        for statement in (
            "UPDATE cases SET kind = 'apprenticeship', next_what = 'weigh_tools', next_owners = '{guild}', open = true",
            "UPDATE open_steps SET what = 'weigh_tools', owners = '{guild}'",
            "UPDATE steps SET event = 'tool.weighed'",
        ):
            await tx.execute(text(statement))
    programme = opening.as_programme()
    unknown = {
        "what": "weigh_tools",
        "textNl": "Onbekende stap (deze versie kent hem nog niet)",
        "textEn": "Unknown step (this version does not know it yet)",
        "owners": ["guild"],
        "dueAt": None,
    }
    (listed,) = (await operations.get("/cases", programme)).json()["items"]
    assert (listed["kind"], listed["nextStep"]) == ("apprenticeship", unknown)
    assert (await operations.get(f"/cases/{opening.vacancy}", programme)).json()["owed"] == [unknown]
    token = operations.token("operator", "cases:read", roles=["operator"])
    await operations.client.post("/console/sign-in", data={"token": token})
    page = (await operations.client.get("/console/?lang=nl")).text
    assert "Onbekende stap" in page
    assert page.count("onbekend (nieuwer dan deze versie)") == 2  # its kind, and who is to act
    case = (await operations.client.get(f"/console/cases/{opening.vacancy}?lang=en")).text
    assert "unknown (newer than this version)" in case
    assert "tool.weighed" in case
