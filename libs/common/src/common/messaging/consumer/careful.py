"""After a run that ended without a goodbye: what is begun is written down first, so that what kills is found.

An event whose handler ends the whole process (memory, a native library, ``os._exit``) raises nothing that could be
counted. So a run leaves a row behind and takes it away when it ends. A run that finds the row of the one before it
marks each batch before its effect, which costs two statements a batch, for a minute. If it dies as well, the marked
events run alone in the next one, each counted as it starts, and the killer is parked.
"""

from __future__ import annotations

import asyncio
import math
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from sqlalchemy import text

from common.messaging.log import Record
from common.runtime.backoff import until_it_works
from common.runtime.failures import AWAY

if TYPE_CHECKING:
    from common.persistence.database import Database

Spot = tuple[str, int, int]
"""Topic, partition and offset of a record."""

UNCOUNTED: Final = 1
"""The run whose death made the next one careful began an event as well, and wrote no start down."""


class Careful:
    """The runs of one consumer on one machine."""

    LASTS: ClassVar[float] = 60.0
    """Seconds after what it handled first, and after the last suspect, until a run is one like any other."""
    STARTS: ClassVar[int] = 4
    """An event that was begun so often and never ended is parked: once in a batch, then alone."""
    GRACE: ClassVar[float] = 1.0

    def __init__(self, database: Database, consumer: str) -> None:
        """Know of no death yet: see ``begin``."""
        self._database, self._consumer = database, consumer
        self._host: Final = socket.gethostname()
        self._until = 0.0
        self._marked: set[Spot] = set()
        """What this run marked itself: that it tries again, after an outage say, is no death."""
        self._begun = False
        self._one_at_a_time = asyncio.Lock()

    @property
    def on(self) -> bool:
        """Whether the run before this one died, not long ago."""
        return self._until > 0 and asyncio.get_running_loop().time() < self._until

    async def begin(self) -> None:
        """Leave a row for the next run, and see whether the one before left one."""
        async with self._one_at_a_time:
            if not self._begun:
                died = await until_it_works(self._bury, AWAY)
                self._begun, self._until = True, math.inf if died else 0.0

    async def _bury(self) -> bool:
        """Leave a row, and return whether a run on this machine left one and is no more."""
        own = os.getpid()
        run = {"consumer": self._consumer, "host": self._host, "pid": own, "process": process_of(own)}
        async with self._database.begin(actor="consumer") as tx:
            earlier = (await tx.execute(_EARLIER, run)).all()
            # A container that starts again has the number of the one that died; a neighbour at work has its own.
            gone = [row.pid for row in earlier if row.pid == own or not _at_work(row.pid, row.process)]
            await tx.execute(_GONE, {**run, "gone": gone})
            await tx.execute(_BEGIN, run)
        return bool(gone)

    async def end(self) -> None:
        """Say goodbye; where that fails, the next run is careful for nothing."""
        with suppress(*AWAY, TimeoutError):
            async with asyncio.timeout(self.GRACE):
                run = {"consumer": self._consumer, "host": self._host, "pid": os.getpid()}
                await self._database.execute(_END, run)
                self._begun = False

    async def starts(self, records: Sequence[Record]) -> dict[Spot, int]:
        """Return how often records were begun and not ended; those that never were are left out."""
        rows = await self._database.execute(_STARTS, self._about(records))
        found = {(row.topic, row.partition, row.offset): row.starts for row in rows}
        deaths = {spot: starts - (spot in self._marked) for spot, starts in found.items()}
        suspects = {spot: count for spot, count in deaths.items() if count}
        if suspects:
            self._until = math.inf
        return suspects

    async def mark(self, records: Sequence[Record]) -> None:
        """Count a start of each, before any effect."""
        new = [record for record in records if spot_of(record) not in self._marked]
        if new:
            await self._database.execute(_MARK, self._about(new))
            self._marked |= set(map(spot_of, new))

    async def clear(self, records: Sequence[Record]) -> None:
        """They ended, one way or the other; so did whatever was marked long ago and never came again."""
        await self._database.execute(_CLEAR, self._about(records))
        self._marked -= set(map(spot_of, records))
        self._until = min(self._until, asyncio.get_running_loop().time() + self.LASTS)

    def _about(self, records: Sequence[Record]) -> dict[str, object]:
        topics, partitions, offsets = zip(*map(spot_of, records), strict=True)
        return {
            "consumer": self._consumer,
            "topics": list(topics),
            "partitions": list(partitions),
            "offsets": list(offsets),
        }


def spot_of(record: Record) -> Spot:
    """Return where a record stands."""
    return record.topic, record.partition, record.offset


def process_of(pid: int) -> str:
    """Return what tells the process of that number from every other that ever has it on this machine.

    That is when it began, in ticks since the machine did; nothing where the system does not say, or it is gone.
    """
    with suppress(OSError, IndexError):
        began = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(") ")[2].split()[19]
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{began}"
    return ""


def _at_work(pid: int, process: str) -> bool:
    """Whether a run's process still is; a row of an older version, and another system, name its number only."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, and there
    return not process or process_of(pid) in {process, ""}


_EARLIER: Final = text("SELECT pid, process FROM consumer_runs WHERE consumer = :consumer AND host = :host FOR UPDATE")
_GONE: Final = text(
    "DELETE FROM consumer_runs WHERE consumer = :consumer AND host = :host AND pid = ANY(CAST(:gone AS int[]))"
)
_BEGIN: Final = text(
    "INSERT INTO consumer_runs (consumer, host, pid, process) VALUES (:consumer, :host, :pid, :process)"
    " ON CONFLICT DO NOTHING"
)
_END: Final = text("DELETE FROM consumer_runs WHERE consumer = :consumer AND host = :host AND pid = :pid RETURNING pid")
_SPOTS: Final = """unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:offsets AS bigint[]))
         AS row (topic, partition, "offset")"""
_STARTS: Final = text(f"""
    SELECT topic, partition, "offset", starts FROM started_events JOIN {_SPOTS} USING (topic, partition, "offset")
    WHERE consumer = :consumer
""")  # noqa: S608 - our own words
_MARK: Final = text(f"""
    INSERT INTO started_events (consumer, topic, partition, "offset", starts)
    SELECT :consumer, topic, partition, "offset", 1 FROM {_SPOTS} ORDER BY topic, partition, "offset"
    ON CONFLICT (consumer, topic, partition, "offset") DO UPDATE SET starts = started_events.starts + 1
    RETURNING starts
""")  # noqa: S608 - as above
_CLEAR: Final = text(f"""
    DELETE FROM started_events WHERE consumer = :consumer
    AND ((topic, partition, "offset") IN (SELECT * FROM {_SPOTS}) OR since < now() - interval '1 day')
    RETURNING starts
""")  # noqa: S608 - as above
