"""One bad deadline stops no other: whatever it raises, however long it takes, and if it kills its process."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from uuid import UUID

import pytest

from common.persistence.deadlines import DeadlineLoop, Deadlines
from common.persistence.transaction import Tx
from common.runtime.watchdog import STOOD_STILL
from events.flow import EventParked
from tests.support.plumbing import Ears, quicker, working
from tests.support.query_plans import rows_touched
from tests.support.sample import eventually, new_id, write_down


async def _set(ears: Ears, what: str, count: int = 1) -> list[UUID]:
    abouts = [new_id() for _ in range(count)]
    async with ears.database.begin(actor="test") as tx:
        for about in abouts:
            await tx.set_deadline(what, about, tx.now)
    return abouts


async def _reasons(ears: Ears) -> list[str]:
    return [row.reason for row in await ears.sql("SELECT reason FROM deadlines ORDER BY id")]


class _Unheard(BaseException):
    """Not even an Exception."""


_POISONS = [
    OverflowError("a"),
    MemoryError(),
    RecursionError(),
    asyncio.CancelledError(),
    SystemExit(3),
    _Unheard(),
    BaseExceptionGroup("several", [_Unheard()]),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"),
]


@pytest.mark.parametrize("poison", _POISONS, ids=lambda poison: type(poison).__name__)
async def test_any_exception_of_a_deadline_fails_that_deadline_alone(ears: Ears, poison: BaseException) -> None:
    """Seen red for what is no ``Exception``: a cancellation from within ended the loop for good."""
    deadlines = Deadlines()

    @deadlines.on("bad")
    async def bad(about: UUID, tx: Tx) -> None:
        await write_down(about, "half", tx)
        raise poison

    @deadlines.on("good")
    async def good(about: UUID, tx: Tx) -> None:
        await write_down(about, "due", tx)

    await _set(ears, "bad")
    loop = DeadlineLoop(ears.database, deadlines)
    async with working(loop.run()) as (task,):
        for _ in range(3):
            (about,) = await _set(ears, "good")
            await eventually(partial(_heard, ears, about))
        assert not task.done()
    assert {what for _, what in await ears.heard()} == {"due"}
    (reason,) = await _reasons(ears)
    assert reason.split()[0] in {type(poison).__name__, "RuntimeError"}


async def _heard(ears: Ears, about: UUID) -> bool:
    return about in {one for one, _ in await ears.heard()}


async def test_a_deadline_that_hangs_is_cut_off_and_the_others_do_not_wait_for_it(ears: Ears) -> None:
    """Seen red with one deadline after the other and no limit: nothing ran any more."""
    deadlines, hanging = Deadlines(), 0

    @deadlines.on("hangs")
    async def hangs(about: UUID, tx: Tx) -> None:
        nonlocal hanging
        del about, tx
        hanging += 1
        await asyncio.Event().wait()

    @deadlines.on("good")
    async def good(about: UUID, tx: Tx) -> None:
        await write_down(about, "due", tx)

    await _set(ears, "hangs")
    abouts = await _set(ears, "good", 5)
    with quicker(DeadlineLoop, PATIENCE=0.05, LONGEST=3.0):
        loop = DeadlineLoop(ears.database, deadlines)
        async with working(loop.run()):

            async def all_good() -> bool:
                return [about for about, _ in await ears.heard()] == abouts

            await eventually(all_good)
            assert hanging == 1, "it is still under way, and nobody waited for it"

            async def recorded() -> bool:
                return await _reasons(ears) == ["NotEnded"]

            await eventually(recorded)


async def test_more_hanging_deadlines_than_there_are_lanes_end_in_time_and_the_others_run(ears: Ears) -> None:
    deadlines = Deadlines()

    @deadlines.on("hangs")
    async def hangs(about: UUID, tx: Tx) -> None:
        del about, tx
        await asyncio.Event().wait()

    @deadlines.on("good")
    async def good(about: UUID, tx: Tx) -> None:
        await write_down(about, "due", tx)

    await _set(ears, "hangs", 6)
    (about,) = await _set(ears, "good")
    with quicker(DeadlineLoop, PATIENCE=0.01, LONGEST=0.3, LANES=2):
        async with working(DeadlineLoop(ears.database, deadlines).run()):
            await eventually(lambda: _heard(ears, about))


async def _start(ears: Ears, *arguments: str) -> int:
    return (await _started(ears, *arguments))[0]


async def _started(ears: Ears, *arguments: str) -> tuple[int, str]:
    """Run a worker to its end; return its status and its output."""
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.common.dying", ears.database.url, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        written, _ = await worker.communicate()
    assert worker.returncode is not None
    return worker.returncode, written.decode()


async def test_a_deadline_that_kills_its_process_is_parked_and_fifty_others_are_done(ears: Ears) -> None:
    """Seen red where the attempts of a whole batch were counted with its claim: all 51 were parked, none was done."""
    await _set(ears, "good", 25)
    (killer,) = await _set(ears, "kills")
    good = await _set(ears, "good", 25)
    starts = 0
    while await ears.count("deadlines WHERE NOT parked") and starts < 9:
        starts += 1
        await _start(ears)
        await ears.sql("UPDATE deadlines SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL")
    assert len(await ears.heard()) == 50
    assert {about for about, _ in await ears.heard()} >= set(good)
    (told,) = await ears.told(EventParked)
    assert (told.parked_key, told.reason, told.attempts) == (str(killer), "WorkerDied", 5)
    assert [row.parked for row in await ears.sql("SELECT parked FROM deadlines")] == [True]


async def test_a_deadline_that_takes_long_beside_a_killer_is_not_parked_with_it(ears: Ears) -> None:
    """Seen red: suspects that take long were under way beside the killer each time, and all had its deaths."""
    lasting = await _set(ears, "lasts", 3)
    (killer,) = await _set(ears, "kills")
    starts = 0
    while await ears.count("deadlines WHERE NOT parked") and starts < 9:
        starts += 1
        await _start(ears, "0.05")
        await ears.sql("UPDATE deadlines SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL")
    assert sorted(about for about, _ in await ears.heard()) == sorted(lasting)
    assert [told.parked_key for told in await ears.told(EventParked)] == [str(killer)]


async def test_a_deadline_that_holds_the_event_loop_ends_its_process_and_is_parked(ears: Ears) -> None:
    """Seen red without the watchdog: neither its time limit fired nor that of the worker.

    Seen red where the row was begun a sixth time, and where the log did not name it.
    """
    (about,) = await _set(ears, "holds")
    (row,) = await ears.sql("SELECT id FROM deadlines")
    expire = "UPDATE deadlines SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL"
    await ears.sql("UPDATE deadlines SET deaths = 3, lease = gen_random_uuid(), leased_until = now() - interval '1 s'")
    await _set(ears, "good", 3)
    status, written = await _started(ears)
    assert status == STOOD_STILL, "for the fifth time"
    assert f"deadlines {row.id}" in written
    await ears.sql(expire)
    assert await _start(ears) == 0
    assert len(await ears.heard()) == 3
    (told,) = await ears.told(EventParked)
    assert (told.parked_key, told.reason) == (str(about), "WorkerDied")


async def test_neighbours_of_a_killer_are_not_counted_for_its_deaths(ears: Ears) -> None:
    """As after a crash with several under way."""
    deadlines = Deadlines()

    @deadlines.on("good")
    async def good(about: UUID, tx: Tx) -> None:
        await write_down(about, "due", tx)

    at_once = 0
    most = 0

    @deadlines.on("suspect")
    async def suspect(about: UUID, tx: Tx) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        await write_down(about, "due", tx)
        at_once -= 1

    await _set(ears, "suspect", 4)
    await ears.sql("UPDATE deadlines SET deaths = 3, lease = gen_random_uuid(), leased_until = now() - interval '1 s'")
    await _set(ears, "good", 3)
    with quicker(DeadlineLoop, PATIENCE=0.001):
        loop = DeadlineLoop(ears.database, deadlines)
        while await loop.run_due():
            pass
    assert len(await ears.heard()) == 7
    assert most == 1
    assert await ears.told(EventParked) == []


async def test_a_suspect_that_takes_long_holds_up_no_others(ears: Ears) -> None:
    """Seen red by hand: a mail server that was slow with one suspected letter had all others wait for ten minutes."""
    deadlines, hanging, most = Deadlines(), 0, 0

    @deadlines.on("hangs")
    async def hangs(about: UUID, tx: Tx) -> None:
        nonlocal hanging, most
        del about, tx
        hanging += 1
        most = max(most, hanging)
        await asyncio.Event().wait()

    @deadlines.on("good")
    async def good(about: UUID, tx: Tx) -> None:
        await write_down(about, "due", tx)

    await _set(ears, "hangs", 2)
    await ears.sql("UPDATE deadlines SET deaths = 2, lease = gen_random_uuid(), leased_until = now() - interval '1 s'")
    with quicker(DeadlineLoop, PATIENCE=0.001, SLOW=0.2, LOOK_FOR_SUSPECTS=0.2, POLL=0.05):
        async with working(DeadlineLoop(ears.database, deadlines).run()):
            for now_hanging in (1, 2):
                while hanging < now_hanging:  # noqa: ASYNC110 - the loop beside makes it true
                    await asyncio.sleep(0.02)
                (about,) = await _set(ears, "good")
                await eventually(partial(_heard, ears, about))
    assert most == 2, "each suspect had its turn beside the other, which takes long"


async def test_a_stopping_worker_releases_its_rows_at_once(ears: Ears) -> None:
    """Without waiting for its lease, and without counting as a death."""
    deadlines, begun = Deadlines(), asyncio.Event()

    @deadlines.on("hangs")
    async def hangs(about: UUID, tx: Tx) -> None:
        del about, tx
        begun.set()
        await asyncio.Event().wait()

    await _set(ears, "hangs")
    with quicker(DeadlineLoop, GRACE=0.5):
        async with working(DeadlineLoop(ears.database, deadlines).run()):
            await begun.wait()
    (row,) = await ears.sql("SELECT attempts, leased_until, lease, deaths FROM deadlines")
    assert tuple(row) == (0, None, None, 0)


async def test_a_claim_reads_as_much_however_many_wait_for_their_time_or_their_next_try(ears: Ears) -> None:
    """Seen red where the claim compared with ``clock_timestamp()``, which no index serves: it read every row."""
    for due, until in (("-1", "now() + interval '1 hour'"), ("1", "NULL")):
        await ears.sql(
            "INSERT INTO deadlines (id, what, about, due_at, leased_until)"
            f" SELECT gen_random_uuid(), 'good', gen_random_uuid(), now() + interval '{due} day', {until}"
            " FROM generate_series(1, 20000)"
        )
    await _set(ears, "good", 3)
    await ears.sql("ANALYZE deadlines")
    about = {"now": ears.database.clock.now(), "room": 1, "alone": False, "suspect": 2, "seconds": 30.0}
    rows = DeadlineLoop(ears.database, Deadlines()).rows
    assert await rows_touched(ears.database, rows._claim, {**about, "token": new_id(), "known": ["good"]}) < 20
    assert await rows_touched(ears.database, rows._suspects, about) < 5
