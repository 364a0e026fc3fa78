"""When time passes: each deadline has its effect once, in order of its time, through crashes and failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from common.persistence.deadlines import DeadlineLoop, Deadlines
from common.persistence.lease import SUSPECT
from common.persistence.transaction import Tx, uuid7
from events.flow import DiscardOrdered, EventDiscarded, EventParked, EventsRedriven, RedriveOrdered
from tests.support.plumbing import CONSUMER, Ears, ears_at, quicker, record_of, working
from tests.support.postgres import FreshDatabase
from tests.support.sample import eventually, new_id, rows_in, write_down


class Reactions:
    """One kind of deadline, whose reaction a test may replace."""

    def __init__(self, ears: Ears) -> None:
        self.ears, self.react = ears, self.note
        self.deadlines = Deadlines()
        self.deadlines.on("remind")(self._call)

    async def _call(self, about: UUID, tx: Tx) -> None:
        await self.react(about, tx)

    async def note(self, about: UUID, tx: Tx) -> None:
        await write_down(about, "due", tx)

    async def bug(self, about: UUID, tx: Tx) -> None:
        await self.note(about, tx)
        raise ZeroDivisionError

    def loop(self) -> DeadlineLoop:
        return DeadlineLoop(self.ears.database, self.deadlines)

    async def remind(self, about: UUID, days: float = 0.0) -> None:
        async with self.ears.database.begin(actor="test") as tx:
            await tx.set_deadline("remind", about, tx.now + timedelta(days=days), case=about)

    async def due_again(self) -> None:
        """The lease or the backoff is over."""
        await self.ears.sql("UPDATE deadlines SET leased_until = now() - interval '1 second'")


@pytest.fixture
async def due(fresh_database: FreshDatabase) -> AsyncIterator[Reactions]:
    async with ears_at(await fresh_database()) as ears:
        yield Reactions(ears)


async def test_a_deadline_waits_for_its_time_and_then_has_its_effect_once(due: Reactions) -> None:
    about = new_id()
    await due.remind(about, days=15)
    loop = due.loop()
    assert await loop.run_due() == 0
    due.ears.database.clock.offset = timedelta(days=15, seconds=1)
    assert (await loop.run_due(), await loop.run_due()) == (1, 0)
    assert await due.ears.heard() == [(about, "due")]


async def test_two_loops_never_run_one_deadline_twice(due: Reactions) -> None:
    """Seen red without the lease in the claim and ``lease`` in the completion; either of them alone keeps this true,
    and each has its own test below."""
    for _ in range(40):
        await due.remind(new_id())
    with quicker(DeadlineLoop, BATCH=5):
        loops = [due.loop() for _ in range(3)]
        await asyncio.gather(*(loop.run_due() for loop in loops for _ in range(9)))
    heard = await due.ears.heard()
    assert len(heard) == len(set(heard)) == 40


async def test_rows_that_another_worker_claims_hold_up_no_worker(due: Reactions) -> None:
    """Seen red without ``SKIP LOCKED``."""
    taken, free = new_id(), new_id()
    await due.remind(taken)
    await due.remind(free)
    async with due.ears.database.begin(actor="another worker") as tx:
        await tx.execute(text("SELECT FROM deadlines WHERE about = :about FOR UPDATE"), {"about": taken})
        async with asyncio.timeout(10):
            assert await due.loop().run_due() == 1
    assert await due.ears.heard() == [(free, "due")]


async def test_effect_and_completion_are_one_transaction(due: Reactions) -> None:
    """Seen red with the completion in a transaction of its own, and with claim, effect and completion in one."""
    due.react = due.bug
    await due.remind(new_id())
    await due.loop().run_due()
    assert (await due.ears.heard(), await due.ears.count("deadlines")) == ([], 1)


async def test_the_claim_is_committed_before_the_effect_so_that_a_crash_is_counted(due: Reactions) -> None:
    """And another worker takes over after the lease, not before.

    Seen red with claim, effect and completion in one transaction, without the lease in the claim, and with a lease
    that never ends (``leased_until IS NULL`` alone)."""
    at_work, about = asyncio.Event(), new_id()

    async def never_ends(about: UUID, tx: Tx) -> None:
        await write_down(about, "half", tx)
        at_work.set()
        await asyncio.Event().wait()

    due.react = never_ends
    await due.remind(about)
    crash = asyncio.create_task(due.loop().run_due())
    await at_work.wait()
    crash.cancel()
    await asyncio.gather(crash, return_exceptions=True)
    due.react = due.note
    other = due.loop()
    assert await other.run_due() == 0
    assert [row.attempts for row in await due.ears.sql("SELECT attempts FROM deadlines")] == [1]
    await due.due_again()
    assert await other.run_due() == 1
    assert await due.ears.heard() == [(about, "due")]


async def test_a_worker_whose_lease_expired_has_no_effect(due: Reactions) -> None:
    """Seen red without ``lease`` in the completion (the lease was over, and both did it), and with a completion
    after the reaction."""
    await due.remind(new_id())
    slow, quick = due.loop(), due.loop()
    claims = await slow.claim(5, alone=False)
    await due.due_again()
    assert len(await quick.claim(5, alone=False)) == 1
    await slow.work(claims[0])
    assert await due.ears.heard() == []
    assert await due.ears.count("deadlines") == 1


async def test_a_failure_backs_off_and_in_the_end_parks_and_announces(due: Reactions) -> None:
    """Seen red without ``leased_until`` in the backoff (it spun)."""
    due.react, about = due.bug, new_id()
    await due.remind(about)
    loop = due.loop()
    for _ in range(loop.TRIES):
        assert await loop.run_due() == 1
        assert await loop.run_due() == 0
        await due.due_again()
    assert await loop.run_due() == 0
    (told,) = await due.ears.told(EventParked)
    assert (told.consumer, told.topic, told.parked_key) == (f"{CONSUMER}.deadlines", "remind", str(about))
    assert (told.attempts, told.case_id, told.why) == (loop.TRIES, str(about), "failed")
    assert told.reason.startswith("ZeroDivisionError at ")


async def test_a_deadline_that_ends_its_worker_every_time_is_parked_as_well(due: Reactions) -> None:
    """Seen red: only what failed in an orderly way was ever parked, and this one took worker after worker."""
    await due.remind(new_id())
    loop = due.loop()
    for deaths in range(loop.DEATHS):
        assert len(await loop.claim(5, alone=deaths >= SUSPECT)) == 1  # and then the process is gone
        await due.due_again()
    assert await loop.run_due() == 1
    assert await due.ears.heard() == []
    (told,) = await due.ears.told(EventParked)
    assert told.reason == "WorkerDied"


async def test_a_failure_of_a_deadline_moved_meanwhile_is_not_announced(due: Reactions) -> None:
    """Seen red: it announced as parked what was not."""
    about = new_id()
    await due.remind(about)
    loop = due.loop()
    await due.ears.sql("UPDATE deadlines SET attempts = :tries - 1", tries=loop.TRIES)
    claims = await loop.claim(5, alone=False)
    await due.remind(about, days=3)
    await loop.failed(claims[0], ZeroDivisionError())
    assert await due.ears.told(EventParked) == []


async def _parked(due: Reactions) -> UUID:
    due.react, about = due.bug, new_id()
    await due.remind(about)
    await due.ears.sql("UPDATE deadlines SET attempts = 7")
    await due.loop().run_due()
    due.react = due.note
    return about


async def test_an_order_restarts_a_parked_deadline_and_its_success_is_announced(due: Reactions) -> None:
    """Seen red: the operator's list kept showing it as parked."""
    about = await _parked(due)
    order = RedriveOrdered(
        flow_key=f"{CONSUMER}.deadlines/remind/{about}",
        order_id=uuid7(),
        service=CONSUMER,
        consumer=f"{CONSUMER}.deadlines",
        topic="remind",
        parked_key=str(about),
    )
    assert await due.loop().run_due() == 0
    await due.ears.dispatch.batch([record_of(order, topic="hto.operations.events")])
    assert await due.loop().run_due() == 1
    assert await due.ears.heard() == [(about, "due")]
    (parked,), (solved,) = await due.ears.told(EventParked), await due.ears.told(EventsRedriven)
    assert (solved.flow_key, solved.left) == (parked.flow_key, 0)


async def test_an_order_discards_a_parked_deadline_and_that_is_announced(due: Reactions) -> None:
    """Seen red without ``AND parked`` in the discard (it took what still runs), and without its announcement."""
    about, runs = await _parked(due), new_id()
    await due.remind(runs, days=1)
    for one in (about, runs):
        order = DiscardOrdered(
            flow_key=f"{CONSUMER}.deadlines/remind/{one}",
            order_id=uuid7(),
            service=CONSUMER,
            consumer=f"{CONSUMER}.deadlines",
            topic="remind",
            parked_key=str(one),
            event_id=None,
            reason="not needed",
        )
        await due.ears.dispatch.batch([record_of(order, topic="hto.operations.events")])
    assert [row.about for row in await due.ears.sql("SELECT about FROM deadlines")] == [runs]
    (told,) = await due.ears.told(EventDiscarded)
    assert told.parked_key == str(about)


async def test_a_parked_deadline_that_was_cancelled_is_announced_as_over(due: Reactions) -> None:
    """Seen red with a ``forget`` that tells nothing."""
    about = await _parked(due)
    async with due.ears.database.begin(actor="test") as tx:
        await tx.cancel_deadline("remind", about)
        await tx.cancel_deadline("remind", new_id())
    assert [(told.handled, told.left) for told in await due.ears.told(EventsRedriven)] == [(0, 0)]


async def test_a_jump_of_the_clock_runs_them_in_the_order_of_their_time(due: Reactions) -> None:
    """Seen red without the sorting of the claims."""
    abouts = [new_id() for _ in range(12)]
    for days, about in sorted(enumerate(abouts), key=lambda pair: pair[1].int * 7919 % 1009):
        await due.remind(about, days=days + 1)
    due.ears.database.clock.offset = timedelta(days=400)
    with quicker(DeadlineLoop, BATCH=5):
        while await due.loop().run_due():
            pass
    assert [about for about, _ in await due.ears.heard()] == abouts


async def test_a_reaction_may_set_its_own_deadline_again(due: Reactions) -> None:
    """Seen red with a completion after the reaction that does not look at ``lease``: it deleted what had just been
    set."""
    about = new_id()

    async def again(about: UUID, tx: Tx) -> None:
        await write_down(about, "due", tx)
        await tx.set_deadline("remind", about, tx.now + timedelta(days=30))

    due.react = again
    await due.remind(about)
    for months in range(3):
        due.ears.database.clock.offset = timedelta(days=31 * months)
        assert await due.loop().run_due() == 1
    assert len(await due.ears.heard()) == 3
    assert await due.ears.count("deadlines") == 1


async def test_a_deadline_that_was_moved_or_dropped_does_not_run(due: Reactions) -> None:
    moved, dropped = new_id(), new_id()
    await due.remind(moved)
    await due.remind(dropped)
    await due.remind(moved, days=1)
    async with due.ears.database.begin(actor="test") as tx:
        await tx.cancel_deadline("remind", dropped)
    assert await due.loop().run_due() == 0


async def test_a_deadline_of_a_name_that_this_code_does_not_know_is_left_to_those_who_do(due: Reactions) -> None:
    """As while a new version is rolled out. Seen red with a claim of every name."""
    async with due.ears.database.begin(actor="test") as tx:
        await tx.set_deadline("of the next version", new_id(), tx.now)
    assert await due.loop().run_due() == 0
    assert [row.attempts for row in await due.ears.sql("SELECT attempts FROM deadlines")] == [0]


async def test_the_loop_goes_on_after_its_connections_were_ended(due: Reactions) -> None:
    """Seen red where the loop did not go on after an error of its claim."""
    async with working(due.loop().run()) as (task,):
        await due.remind(new_id())

        async def ran(times: int) -> bool:
            return len(await due.ears.heard()) == times

        await eventually(lambda: ran(1))
        await due.remind(new_id(), days=1)
        await _end_connections(due.ears.database.url)
        # From here on nobody else uses the pool: the loop finds each of its broken connections itself.
        due.ears.database.clock.offset = timedelta(days=2)

        async def ran_again() -> bool:
            return await rows_in(due.ears.database.url, "heard") == 2

        await eventually(ran_again)
        assert not task.done()
    await due.loop().measure()


async def _end_connections(url: str) -> None:
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
