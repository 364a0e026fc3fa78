"""A worker forgets the answers that are no longer promised, by itself: they hold what was answered, names included."""

from __future__ import annotations

from sqlalchemy import text

from common.messaging.pglog import PostgresLog
from tests.support.plumbing import make_topics
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, running, teller


async def test_a_worker_forgets_old_answers_without_being_asked(fresh_database: FreshDatabase) -> None:
    """Seen red without the loop: an answer that nobody asks for again stayed for ever."""
    event_log = PostgresLog(await fresh_database())
    await make_topics(event_log)
    async with running(teller(), await fresh_database(), event_log) as here:
        async with here.database.begin(actor="test") as tx:
            for key, days in (("old", 8), ("young", 6)):
                await tx.execute(
                    text("""
                        INSERT INTO idempotency_keys (client, key, fingerprint, status, headers, body, names, stored_at)
                        VALUES ('desk', :key, '', 201, '{}', 'Jan Jansen', '{}', now() - make_interval(days => :days))
                    """),
                    {"key": key, "days": days},
                )
        await here.start(worker=True)

        async def only_the_young_is_left() -> bool:
            async with here.database.begin(actor="test") as tx:
                return list((await tx.execute(text("SELECT key FROM idempotency_keys"))).scalars()) == ["young"]

        await eventually(only_the_young_is_left)
    await event_log.stop()
