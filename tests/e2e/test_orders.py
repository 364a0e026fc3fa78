"""What an operator orders reaches what it is about, through the public API and the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.e2e.system import TRAINER, System, at_the_beginning, through

_POISONED = text("""
    WITH again AS (
        UPDATE messages SET status = 'planned', ended_at = NULL
        WHERE id = (SELECT id FROM messages WHERE status = 'sent' AND recipient_id = :recipient ORDER BY id LIMIT 1)
        RETURNING id
    )
    INSERT INTO outgoing (message_id, due_at, leased_until, lease, deaths)
    SELECT id, now(), now() - interval '1 second', gen_random_uuid(), 6 FROM again RETURNING message_id
""")


async def test_a_letter_that_ended_its_workers_goes_out_when_an_operator_orders_it(on_postgresql: System) -> None:
    """Seen red: the order looked among parked events only, and the letter stayed where it was."""
    on = on_postgresql.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER)
    database = on_postgresql.running.services["notifications"].database
    letters: list[Any] = []

    async def was_sent() -> bool:
        letters.extend(await database.execute(_POISONED, {"recipient": on.cast.trainer}))
        return bool(letters)

    await on.until("a letter to the trainer", was_sent)
    shown: list[dict[str, Any]] = []

    async def is_shown(state: str) -> bool:
        parked = [one async for one in on.operator.all("/operations/v1/parked-events", state=state)]
        shown[:] = [one for one in parked if one["parkedKey"] == str(letters[0].message_id)]
        return bool(shown)

    await on.until("the parked letter among parked events", lambda: is_shown("parked"))
    assert (shown[0]["consumer"], shown[0]["reason"]) == ("notifications.letters", "WorkerDied")
    await on.operator.post(f"/operations/v1/parked-events/{shown[0]['id']}/_redrive")

    async def went_out() -> bool:
        status = text("SELECT status FROM messages WHERE id = :id")
        return bool((await database.execute(status, {"id": letters[0].message_id}))[0].status == "sent")

    await on.until("the letter on its way", went_out)
    await on.until("the order as carried out", lambda: is_shown("solved"))
