"""One request, one transaction: it commits before the answer leaves, and a lost race runs it again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fastapi import Response
from sqlalchemy import event, text
from sqlalchemy.exc import InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection

from common.caller import CallerRole
from common.errors import StaleVersion
from common.persistence.transaction import Tx, uuid7
from common.web import InTx, Router, roles, scope
from tests.support.http_sample import SCHOOL, Sample, sample
from tests.support.postgres import FreshDatabase, throwaway


async def _sql(notes: Sample, *statements: str) -> None:
    async with notes.database.begin(actor="test") as tx:
        for statement in statements:
            await tx.execute(text(statement))


async def test_a_write_answered_with_2xx_has_been_committed(notes: Sample) -> None:
    response = await notes.write()
    assert response.status_code == 201
    assert await notes.rows() == 1
    assert await notes.rows("outbox") == 1
    assert await notes.rows("audit") == 1


async def test_a_commit_that_fails_is_a_500_and_leaves_nothing(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    """Seen red with a commit after the answer had left, with the outbox in a transaction of its own, and with the
    stored answer in one of its own."""
    async with sample(await fresh_database(), tmp_path) as notes:
        await _a_failing_commit_leaves_nothing(notes)


async def _a_failing_commit_leaves_nothing(notes: Sample) -> None:
    # The database itself refuses at COMMIT, after every statement of the route succeeded.
    await _sql(
        notes,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not at commit'; END $$",
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    response = await notes.write("a-key")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["api-version"] == "1.0.0"
    assert response.json()["title"] == "Internal server error"
    assert "not at commit" not in response.text
    for table in ("notes", "outbox", "audit", "idempotency_keys"):
        assert await notes.rows(table) == 0, table


async def test_a_refusal_leaves_nothing(notes: Sample) -> None:
    response = await notes.write("a-key", text="1\n2\n3\n4")
    assert (response.status_code, response.json()["facts"]) == (422, {"most": 3, "lines": 4})
    assert await notes.rows("idempotency_keys") == 0


async def test_a_lost_race_runs_the_route_again(notes: Sample) -> None:
    """Seen red with ``StaleVersion`` treated as any error."""

    async def lose_twice(tx: Tx) -> None:
        if notes.hooks.runs < 3:
            raise StaleVersion("somebody else was first")

    notes.hooks.before_answer = lose_twice
    response = await notes.write()
    assert (response.status_code, notes.hooks.runs) == (201, 3)
    assert await notes.rows() == 1


async def test_a_race_that_is_lost_every_time_is_not_now(notes: Sample) -> None:
    async def lose(tx: Tx) -> None:
        raise StaleVersion("somebody else was first")

    notes.hooks.before_answer = lose
    response = await notes.write()
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert await notes.rows() == 0


async def test_two_writers_of_one_new_id_agree(notes: Sample) -> None:
    """Both see nothing there, one wins; the other's duplicate key runs it again, and it finds the winner's."""
    both = asyncio.Barrier(2)

    async def meet(tx: Tx) -> None:
        if notes.hooks.runs <= 2:
            await both.wait()

    notes.hooks.before_answer = meet
    address, body = f"/notes/{uuid7()}", {"schoolId": str(SCHOOL), "title": "Lathe"}
    answers = await asyncio.gather(*(notes.client.put(address, json=body, headers=notes.headers()) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert notes.hooks.runs == 3


async def test_a_deadlock_runs_the_route_again(notes: Sample) -> None:
    both, locks = asyncio.Barrier(2), [(1, 2), (2, 1), (1, 2)]

    async def cross(tx: Tx) -> None:
        first, second = locks[notes.hooks.runs - 1]
        await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": first})
        if notes.hooks.runs <= 2:
            await both.wait()
        await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": second})

    notes.hooks.before_answer = cross
    answers = await asyncio.gather(notes.write(), notes.write())
    assert [answer.status_code for answer in answers] == [201, 201]
    assert notes.hooks.runs == 3
    assert await notes.rows() == 2


async def test_a_connection_that_breaks_before_the_commit_is_replaced(notes: Sample) -> None:
    async def break_once(tx: Tx) -> None:
        if notes.hooks.runs == 1:
            pid = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            async with notes.database.begin(actor="test") as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            await tx.execute(text("SELECT 1"))

    notes.hooks.before_answer = break_once
    response = await notes.write()
    assert (response.status_code, notes.hooks.runs) == (201, 2)
    assert await notes.rows() == 1


async def test_a_connection_that_breaks_in_the_commit_is_not_tried_again(
    notes: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have committed: only the caller's own repetition, by its key, is safe.

    Seen red without ``not exchange.committing``."""

    async def broken(connection: AsyncConnection) -> None:
        raise InterfaceError("COMMIT", {}, Exception("connection is closed"))

    with monkeypatch.context() as patch:
        patch.setattr(AsyncConnection, "commit", broken)
        response = await notes.write()
    assert (response.status_code, notes.hooks.runs) == (503, 1)
    assert await notes.rows() == 0


async def test_without_a_database_the_answer_is_503_and_afterwards_all_is_well(tmp_path: Path) -> None:
    with throwaway(durable=True) as server:
        async with sample(server.dsn, tmp_path) as notes:
            assert (await notes.write()).status_code == 201
            server.kill()
            away = await notes.write("the-key")
            assert (away.status_code, away.headers["retry-after"]) == (503, "1")
            assert away.json()["type"].endswith("/service-unavailable")
            server.start()
            assert (await notes.write("the-key")).status_code == 201
            assert await notes.rows() == 2


async def test_a_key_that_is_always_taken_is_our_mistake(notes: Sample) -> None:
    async def collide(tx: Tx) -> None:
        await tx.execute(text("INSERT INTO notes SELECT * FROM notes LIMIT 1"))

    assert (await notes.write()).status_code == 201
    notes.hooks.before_answer = collide
    assert (await notes.write()).status_code == 500


async def test_an_error_that_is_returned_instead_of_raised_is_not_committed(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """Seen red without the look at the answer's status."""
    router = Router(tags=["Wrong"])

    @router.post("/wrongs", dependencies=[scope("notes:write"), roles(CallerRole.SCHOOL)])
    async def wrong(tx: InTx) -> Response:
        """Write something and return an error."""
        await tx.execute(text("INSERT INTO notes VALUES (gen_random_uuid(), gen_random_uuid(), '', null, now(), 1)"))
        return Response(status_code=409)

    async with sample(await fresh_database(), tmp_path, routers=[router]) as notes:
        response = await notes.client.post("/wrongs", headers=notes.headers(Idempotency_Key="a"))
        assert response.status_code == 500
        assert await notes.rows() == 0


async def test_bad_input_never_reaches_the_database(notes: Sample) -> None:
    """Seen red with a transaction that is begun before the request is let in."""
    engine, taken, told = notes.database.engine.sync_engine, list[object](), list[object]()
    event.listen(engine, "checkout", lambda *about: taken.append(about))
    event.listen(engine, "before_cursor_execute", lambda *about: told.append(about))
    assert (await notes.client.get("/notes")).status_code == 401
    assert (await notes.client.get("/notes", headers=notes.headers(notes.token(scope="")))).status_code == 403
    assert (await notes.client.get("/notes?limt=1", headers=notes.headers())).status_code == 400
    assert taken == []
    assert (await notes.client.get("/notes?limit=0", headers=notes.headers())).status_code == 400
    assert told == []
    assert (await notes.client.get("/notes", headers=notes.headers())).status_code == 200
    assert told


async def test_the_audit_trail_names_the_client(notes: Sample) -> None:
    await notes.write()
    async with notes.database.begin(actor="test") as tx:
        assert (await tx.execute(text("SELECT actor FROM audit"))).scalars().all() == ["school-hr"]
