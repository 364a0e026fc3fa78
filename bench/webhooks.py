"""Webhooks to many endpoints at once: whether each gets everything once, in order and at the first attempt.

    python -m bench.webhooks [--endpoints 400] [--events 32] [--subjects 8] [--hang 0] [--error 0] [--throttle 0] …

The partners, the worker that delivers (``hto worker notifications``) and PostgreSQL are processes of their own; this
one owes the events, starts the worker, and asks once a second how many are left. Some endpoints may be troubled: they
hang, answer 500 or 429, drip, go on for ever, redirect; then it ends when the others have everything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import structlog

from bench.machine import describe, table
from bench.receivers import KINDS
from common.persistence.transaction import uuid7
from common.runtime import event_loop
from common.runtime.settings import Settings, load
from hto.process import migrate
from hto.services import all_services
from notifications.app import service
from notifications.endpoint.model.endpoint import Endpoint
from notifications.endpoint.usecases.asking import Questions
from tests.faults.cluster import environment_of, hto_command
from tests.integration.notifications.at_work import notifications, webhooks
from tests.integration.notifications.raw_receivers import owe
from tests.support.postgres import throwaway

TROUBLES: Final = tuple(kind for kind in KINDS if kind not in {"healthy", "closing"})
GIVEN_UP: Final = 900.0
"""Seconds after which whatever did not come never will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is measured."""

    endpoints: Mapping[str, int]
    """How many of each kind."""
    events: int
    """Of each endpoint."""
    subjects: int
    """Of each endpoint: its events are about these in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the healthy ones got, and what it took."""

    owed: int
    delivered: int
    attempts: Counter[int]
    """How many deliveries took how many attempts."""
    reasons: Counter[str]
    """Of attempts that failed."""
    doubled: int
    disordered: int
    """Came before one of the same subject that happened earlier."""
    waits: Sequence[float]
    """Seconds from the worker's start until each came."""
    processor: float
    """Seconds of a processor that the worker took."""


class Partners:
    """The partners' process."""

    def __init__(self, process: asyncio.subprocess.Process, ports: Mapping[str, Sequence[int]]) -> None:
        """Know where each of them is."""
        self._process, self.ports = process, ports

    @classmethod
    async def start(cls, wanted: Mapping[str, int]) -> Partners:
        """Start so many of each kind."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.receivers",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**20,
        )
        process.stdin.write(json.dumps(wanted).encode() + b"\n")  # type: ignore[union-attr] # it has pipes
        return cls(process, json.loads(await process.stdout.readline()))  # type: ignore[union-attr] # as above

    async def end(self) -> list[list[Any]]:
        """End it, and return what they got: moment, port, event, subject, number."""
        out, _ = await self._process.communicate(b"")  # which closes its input
        return [json.loads(line) for line in out.splitlines()]


@asynccontextmanager
async def worker(settings: Settings, said: Path) -> AsyncIterator[int]:
    """Have the worker of notifications run while the block does; yields its process's number."""
    with said.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            hto_command(), "worker", service.name, env=environment_of(settings, "0"), stdout=log, stderr=log
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


def processor_seconds(pid: int) -> float:
    """The time on a processor of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(asked: Asked, folder: Path) -> Outcome:
    """Owe, deliver, and look at what came."""
    partners = await Partners.start(asked.endpoints)
    allowed = tuple(f"127.0.0.1:{port}" for ports in partners.ports.values() for port in ports)
    with throwaway(durable=True) as server:
        settings = load(
            database_url=server.address("hooks_{service}"),
            log_url=server.address("hooks_log"),
            environment="development",
            data_dir=folder,
            mail_url=f"folder://{folder / 'mail'}",
            webhook_allow=allowed,
        )
        await migrate(settings, all_services())
        watching = await asyncpg.connect(settings.database_of(service.name))
        try:
            await watching.execute(_NOTE_REASONS)
            healthy = await owe_all(asked, partners.ports, settings)
            began = time.time()
            async with worker(settings, folder / "worker.log") as pid:
                await until_delivered(watching, healthy)
                processor = processor_seconds(pid)
            rows = await watching.fetch(_RESULT, healthy)
            reasons = await watching.fetch(_REASONS, healthy)
        finally:
            await watching.close()
            got = await partners.end()
    came = [one for one in got if one[1] in _healthy_ports(partners.ports)]
    return outcome(rows, {row["reason"]: row["number"] for row in reasons}, came, began, processor)


def _healthy_ports(ports: Mapping[str, Sequence[int]]) -> set[int]:
    return {port for kind in set(ports) - set(TROUBLES) for port in ports[kind]}


async def owe_all(asked: Asked, ports: Mapping[str, Sequence[int]], settings: Settings) -> list[Any]:
    """Register every endpoint, have it allow deliveries, and owe it its events; return the healthy ones' ids."""
    healthy = []
    url = settings.database_of(service.name)
    async with (
        notifications(url, settings.data_dir, environment="development") as at_work,
        webhooks(*settings.webhook_allow) as channel,
    ):
        made: list[Endpoint] = []
        for kind, numbers in ports.items():
            for port in numbers:
                made.append(await at_work.register(uuid7(), f"http://127.0.0.1:{port}/hook"))
                if kind not in TROUBLES:
                    healthy.append(made[-1].id)
        while await Questions(at_work.database, channel).run_due():
            pass
        for endpoint in made:
            await owe(at_work, endpoint, subjects=asked.subjects, each=asked.events // asked.subjects)
    return healthy


async def until_delivered(watching: asyncpg.Connection[Any], healthy: Sequence[Any]) -> None:
    """Wait until nothing is left for the healthy ones, with one light question a second."""
    ends = time.monotonic() + GIVEN_UP
    while time.monotonic() < ends:
        left = await watching.fetchval(_LEFT, healthy)
        print(f"{left} left, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
        if not left:
            return
        await asyncio.sleep(1)


def outcome(
    rows: Sequence[Any], reasons: Mapping[str, int], got: Sequence[Sequence[Any]], began: float, processor: float
) -> Outcome:
    """Put together what the database and the partners know."""
    times = Counter((port, event) for _, port, event, _, _ in got)
    last: dict[tuple[int, str], int] = {}
    disordered = 0
    for _, port, _, subject, number in got:
        disordered += last.get((port, subject), -1) > number
        last[port, subject] = max(number, last.get((port, subject), -1))
    return Outcome(
        owed=len(rows),
        delivered=sum(row["status"] == "delivered" for row in rows),
        attempts=Counter(row["attempts"] for row in rows),
        reasons=Counter(reasons),
        doubled=sum(number > 1 for number in times.values()),
        disordered=disordered,
        waits=[came - began for came, *_ in got],
        processor=processor,
    )


# An endpoint also gets what is said of itself: that it was registered and enabled.
_OURS: Final = "deliveries WHERE endpoint_id = ANY($1) AND subject LIKE 'contract/%'"
_LEFT: Final = f"SELECT count(*) FROM {_OURS} AND status = 'pending'"
_RESULT: Final = f"SELECT status, attempts FROM {_OURS}"
# A delivery forgets why it failed once it is taken.
_NOTE_REASONS: Final = """
    CREATE TABLE failed_attempts (endpoint_id uuid, reason text);
    CREATE FUNCTION note_reason() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO failed_attempts VALUES (NEW.endpoint_id, NEW.reason);
        RETURN NULL;
    END $$;
    CREATE TRIGGER note_reason AFTER UPDATE ON deliveries
    FOR EACH ROW WHEN (NEW.reason IS NOT NULL) EXECUTE FUNCTION note_reason();
"""
_REASONS: Final = """
    SELECT reason, count(*) AS number FROM failed_attempts WHERE endpoint_id = ANY($1) GROUP BY reason ORDER BY 2 DESC
"""


def report(asked: Asked, found: Outcome) -> str:
    """A table of what came of it."""
    waits = sorted(found.waits)
    cuts = statistics.quantiles(waits, n=100)
    kinds = ", ".join(f"{number} {kind}" for kind, number in asked.endpoints.items() if number)
    attempts = ", ".join(f"{number:,} took {times}" for times, number in sorted(found.attempts.items()))
    return table(
        (f"{kinds}; {asked.events} events each, of {asked.subjects} subjects", "figure"),
        [
            ("delivered to the healthy ones", f"{found.delivered:,} of {found.owed:,}"),
            ("attempts", attempts),
            ("why more than one", ", ".join(f"{why}: {number}" for why, number in found.reasons.items()) or "-"),
            ("came twice", str(found.doubled)),
            ("came out of order", str(found.disordered)),
            ("seconds until it came, p50, p99, last", f"{cuts[49]:.1f}, {cuts[98]:.1f}, {waits[-1]:.1f}"),
            ("deliveries a second", f"{len(waits) / waits[-1]:.0f}"),
            ("the worker, seconds of a processor", f"{found.processor:.1f}"),
        ],
    )


async def main() -> None:
    """Measure, and print a table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoints", type=int, default=400, help="all of them, the troubled ones included")
    parser.add_argument("--events", type=int, default=32, help="of each endpoint")
    parser.add_argument("--subjects", type=int, default=8, help="of each endpoint")
    for kind in KINDS:
        if kind != "healthy":
            parser.add_argument(f"--{kind}", type=int, default=0, help="so many of the endpoints do this")
    chosen = vars(parser.parse_args())
    kinds = {kind: chosen[kind] for kind in KINDS if kind != "healthy"}
    kinds["healthy"] = chosen["endpoints"] - sum(kinds.values())
    asked = Asked(endpoints=kinds, events=chosen["events"], subjects=chosen["subjects"])
    with tempfile.TemporaryDirectory() as folder:
        found = await measure(asked, Path(folder))
    print(describe())
    print(report(asked, found))


if __name__ == "__main__":
    event_loop.run(main())
