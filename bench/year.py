"""A year of a national programme: what lists, the case page, figures and an idle worker cost when all is full.

    python -m bench.year [--scale 0.001]

Rows go straight into the services' tables on a throwaway server; everything is asked over the real HTTP applications,
as each kind of caller. Databases are gone afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy import func, select

from bench.machine import describe, table
from bench.year_rows import HISTORY, Year, statements
from common.decision import MissingDependency
from common.messaging.log import Topic
from common.messaging.pglog import PostgresLog
from common.persistence.database import Database
from common.persistence.terms import Forget, Purge
from common.runtime import event_loop
from common.runtime.settings import Settings
from common.service.retention import name_of
from common.service.runtime import ServiceRuntime
from hto.services import NAMES, service
from notifications.endpoint.store import claims
from tests.support.at_work import seed_policies
from tests.support.filled import id_of
from tests.support.postgres import Postgres, create_database, throwaway
from tests.support.serving import Serving, serving

TIMES: Final = 12
"""Times that a first page is asked for, after one that is not counted; and pages that are read one after the other."""
MOST_CHUNKS: Final = 2_000
TICKS: Final = os.sysconf("SC_CLK_TCK")
SCOPES: Final = " ".join(
    f"{name}:read"
    for name in (
        *("assignments", "cases", "contracts", "events", "figures", "flow", "hours", "messages", "organisations"),
        *("proposals", "rankings", "trainers", "vacancies", "webhooks"),
    )
)
PARTIES: Final = ("school", "location", "board", "company", "desk", "trainer")
LISTS: Final[Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "contracts": (
        ("/contracts", (*PARTIES, "programme")),
        ("/contracts?status=review", ("desk", "programme")),
        ("/contracts/{contract}/decisions", ("programme",)),
        ("/assignments", (*PARTIES, "programme")),
        ("/hours", (*PARTIES, "programme")),
        ("/hours?status=submitted", ("location", "programme")),
    ),
    "matching": (
        ("/proposals", (*PARTIES, "programme")),
        ("/waiting-vacancies", ("school", "location", "board", "desk", "programme")),
    ),
    "registry": (
        ("/organisations", ("school", "company", "desk", "programme")),
        ("/organisations?kind=company", ("company", "programme")),
        ("/trainers", ("company", "desk", "trainer")),
        ("/vacancies", ("school", "location", "board", "desk")),
    ),
    "operations": (
        ("/cases", (*PARTIES, "programme")),
        ("/cases?isOpen=true", ("location", "company", "desk", "programme")),
        ("/cases?overdue=true", ("company", "desk", "programme")),
        ("/cases?involving={location}", ("location", "desk", "programme")),
        ("/cases?involving={trainer}", ("trainer", "company", "programme")),
        ("/cases/{case}", ("location", "desk", "programme")),
        ("/cases/{location}", ("programme",)),
        ("/cases/{case}/steps", ("location", "programme")),
        ("/figures/programme", ("programme",)),
    ),
    "notifications": (
        ("/messages", ("trainer", "programme")),
        ("/messages?status=bounced", ("programme",)),
        ("/messages?status=planned", ("programme",)),
        ("/deliveries", ("location", "programme")),
        ("/deliveries?status=kept", ("location", "programme")),
        ("/events", (*PARTIES[:3], "trainer", "programme")),
        ("/events?subject=contract/7", ("location", "programme")),
    ),
}
"""What is asked, and as whom."""


@dataclass
class Found:
    """What was measured: rows of a table, and whether all aims hold."""

    times: int = TIMES
    purged: list[list[str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    holds: bool = True

    def add(self, what: str, caller: str, took: list[float], worked: float, aim: float | None = None) -> None:
        """Add times in milliseconds; ``worked`` is what a processor worked for one, whatever else it had to do."""
        p50, p95 = took[0], took[0]
        if len(took) > 1:
            p50, p95 = (statistics.quantiles(took, n=20, method="inclusive")[place] for place in (9, 18))
        self.judge([what, caller, f"{p50:.1f}", f"{p95:.1f}", f"{worked:.1f}"], aim, held=aim is None or p95 < aim)

    def judge(self, figures: list[str], aim: float | None, *, held: bool) -> None:
        """Add a row, and whether its aim holds."""
        self.holds = self.holds and held
        self.rows.append([*figures, "" if aim is None else f"< {aim:g}", "yes" if held else "NO"])


@dataclass
class System:
    """The five services on one server, full."""

    server: Postgres
    urls: dict[str, str]
    at: dict[str, Serving]
    log: PostgresLog
    ids: dict[str, str]

    def headers(self, name: str, as_: str) -> dict[str, str]:
        """A token of a caller who has much, where such a one exists."""
        claims: dict[str, Any] = {"roles": [{"location": "school", "board": "school"}.get(as_, as_)]}
        if as_ in {"school", "location", "board", "company"}:
            claims["org"] = [self.ids[as_]]
        elif as_ == "trainer":
            claims["trainer"] = self.ids["trainer"]
        elif as_ == "desk":
            claims["regions"] = ["AM0"]
        return self.at[name].headers("bench", SCOPES, **claims)


@asynccontextmanager
async def full(year: Year) -> AsyncIterator[System]:
    """Services whose tables have a year in them."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(throwaway())
        urls = {name: await create_database(server) for name in (*NAMES, "log")}
        event_log = PostgresLog(urls["log"])
        stack.push_async_callback(event_log.stop)
        await event_log.create_topics(_topics())
        at = {name: await stack.enter_async_context(serving(service(name), urls[name])) for name in NAMES}
        for each in at.values():
            await seed_policies(each.database)
        for name, statement in statements(year):
            await _run(urls[name], statement)
        for url in urls.values():
            await _run(url, "VACUUM ANALYZE")
        yield System(server, urls, at, event_log, await _known(urls["operations"]))


def _topics() -> list[Topic]:
    topics = [topic for name in NAMES for topic in service(name).topics]
    known = {topic.name for topic in topics}
    rest = [*(f"hto.{name}.events" for name in NAMES), HISTORY]
    return [*topics, *(Topic(name=name, partitions=6) for name in rest if name not in known)]


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, timeout=3600)
    finally:
        await connection.close()


async def _known(url: str) -> dict[str, str]:
    """Return ids of callers and of what is asked for: location 0 is one of the fifty large ones."""
    names = {
        "location": id_of("location", 0),
        "school": id_of("school", 0),
        "board": id_of("board", 0),
        "company": id_of("company", 2),
        "trainer": id_of("trainer", 2),
        "case": id_of("vacancy", 150),
        "contract": id_of("contract", 15),
    }
    connection = await asyncpg.connect(url)
    try:
        return {name: str(await connection.fetchval(f"SELECT {value}")) for name, value in names.items()}
    finally:
        await connection.close()


async def lists(system: System, found: Found) -> None:
    """Read every list as every kind of caller: its first page, and pages deep in it."""
    for name, asked in LISTS.items():
        for path, callers in asked:
            for as_ in callers:
                await _one_list(system, found, name, path, as_)


async def _one_list(system: System, found: Found, name: str, path: str, as_: str) -> None:
    address, headers = path.format(**system.ids), system.headers(name, as_)
    serving_, first, deep = system.at[name], list[float](), list[float]()
    _, answer = await _timed(serving_, address, headers)
    aim = 300.0 if "figures" in path else 100.0
    with worked(system, first) as work:
        for _ in range(found.times):
            took, answer = await _timed(serving_, address, headers)
            first.append(took)
    found.add(f"{name} {path}", as_, first, work[0], aim)
    with worked(system, deep) as work:
        for _ in range(found.times):
            cursor = answer.get("nextCursor")
            if cursor is None:
                break
            took, answer = await _timed(serving_, f"{address}{'&' if '?' in address else '?'}cursor={cursor}", headers)
            deep.append(took)
    if deep:
        found.add(f"{name} {path}, deep", as_, deep, work[0], aim)


async def _timed(serving_: Serving, address: str, headers: Mapping[str, str]) -> tuple[float, Any]:
    began = time.perf_counter()
    response = await serving_.get(address, headers)
    took = 1000 * (time.perf_counter() - began)
    if response.status_code != 200:
        raise RuntimeError(f"{address}: {response.status_code} {response.text[:500]}")
    return took, response.json()


async def console(system: System, found: Found) -> None:
    """Read the console's list of cases, from before another case on."""
    serving_, token = system.at["operations"], system.headers("operations", "programme")["Authorization"][7:]
    signed = await serving_.client.post("/console/sign-in", data={"token": token})
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in signed.cookies.items())}
    for path in ("/console/", f"/console/?before={system.ids['case']}", "/console/?show=late", "/console/?show=open"):
        took = list[float]()
        with worked(system, took) as work:
            for _ in range(found.times):
                began = time.perf_counter()
                response = await serving_.client.get(path, headers=cookie)
                took.append(1000 * (time.perf_counter() - began))
                if response.status_code != 200:
                    raise RuntimeError(f"{path}: {response.status_code}")
        found.add(path.split("=")[0] if "before" in path else path, "programme", took, work[0], 100.0)


async def claim_loops(system: System, found: Found) -> None:
    """Claim what is due while all waits for its next try."""
    database = system.at["notifications"].database
    limits = claims.Limits(
        per_endpoint=32, strangers=64, probes=16, probe_every=timedelta(seconds=5), longest_wait=timedelta(hours=24)
    )
    took = list[float]()
    with worked(system, took) as work:
        for _ in range(4 * found.times):
            began = time.perf_counter()
            got = await claims.claim(database, room=64, alone=False, seconds=45, limits=limits, busy={}, swift=())
            took.append(1000 * (time.perf_counter() - began))
            if got:
                raise RuntimeError("something was due: nothing idles")
    found.add("a claim of deliveries", "worker", took, work[0])


async def purge(system: System, found: Found) -> None:
    """Purge what is past its term, as the services do every hour, until nothing is left of it."""
    for name in NAMES:
        settings = Settings(database_url=system.urls[name], log_url=system.urls["log"])
        running = ServiceRuntime(service(name), settings, system.log, NAMES)
        loops = [forget for loop in service(name).loops for forget in getattr(loop, "forgets", ())]
        for forget in (*running._purges(), *loops):  # noqa: SLF001 - what a worker does
            await _purge(system.at[name].database, forget, found)
        await running.database.close()


async def _purge(database: Database, forget: Forget, found: Found) -> None:
    table_ = database.metadata.tables.get(forget.table) if isinstance(forget, Purge) else None
    counted = None if table_ is None else select(func.count().label("rows")).select_from(table_)
    before = None if counted is None else (await database.execute(counted))[0].rows
    took = list[float]()
    for _ in range(MOST_CHUNKS):
        began = time.perf_counter()
        rows = 0
        with suppress(MissingDependency):  # of a consumer that has read nothing, nothing is known to be handled
            async with database.begin(actor="bench") as tx:
                rows = await forget(tx)
        took.append(1000 * (time.perf_counter() - began))
        if not rows:
            break
    if counted is not None:
        after = (await database.execute(counted))[0].rows
        name = f"{database.service}.{name_of(forget)}"
        found.purged.append([name, f"{before:,}", f"{after:,}", f"{len(took)}", f"{statistics.median(took):.0f}"])


async def idle(system: System, found: Found, seconds: float) -> None:
    """Let a worker of notifications run while nothing happens: the time that PostgreSQL spends on it."""
    with TemporaryDirectory() as folder:
        settings = Settings(
            database_url=system.urls["notifications"], log_url=system.urls["log"], data_dir=Path(folder)
        )
        running = ServiceRuntime(service("notifications"), settings, system.log, NAMES)
        await running.start(worker=True)
        try:
            await asyncio.sleep(min(5.0, seconds))
            before, began = processor_seconds(system.server), time.monotonic()
            await asyncio.sleep(seconds)
            share = 100 * (processor_seconds(system.server) - before) / (time.monotonic() - began)
        finally:
            await running.stop()
    found.judge(["an idle worker, % of a core in PostgreSQL", "worker", f"{share:.1f}", "", ""], 5, held=share < 5)


@contextmanager
def worked(system: System, took: Sequence[object]) -> Iterator[list[float]]:
    """Measure how many milliseconds of a processor each of what ``took`` lists took, here and in PostgreSQL."""
    work = list[float]()
    before = processor_seconds(system.server) + time.process_time()
    yield work
    after = processor_seconds(system.server) + time.process_time()
    work.append(1000 * (after - before) / max(1, len(took)))


def processor_seconds(server: Postgres) -> float:
    """Return the time on a processor of the backends that serve somebody: not of what the server does by itself."""
    postmaster, total = str(server.server.pid), 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = path.read_text().rpartition(")")[2].split()
            if rest[1] == postmaster and b"[local]" in (path.parent / "cmdline").read_bytes():
                total += int(rest[11]) + int(rest[12])
        except OSError:
            continue  # it ended meanwhile
    return total / TICKS


async def measure(year: Year, *, seconds: float = 20.0, times: int = TIMES) -> Found:
    """Fill, measure and clean up."""
    found = Found(times)
    began = time.monotonic()
    async with full(year) as system:
        print(f"filled in {time.monotonic() - began:.0f} s", flush=True)
        await lists(system, found)
        await console(system, found)
        await claim_loops(system, found)
        await idle(system, found, seconds)
        await purge(system, found)
    return found


async def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long the idle worker is watched")
    options = parser.parse_args()
    os.environ["HTO_ENVIRONMENT"] = "development"
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    year = Year().scaled(options.scale)
    found = await measure(year, seconds=options.seconds)
    print(f"{describe()}\n{year}\n")
    print(table(["what", "as", "p50 ms", "p95 ms", "of a processor, ms", "aim", "holds"], found.rows))
    print("\nPurged by policy, of rows from the last eight years:\n")
    print(table(["table", "rows before", "rows after", "chunks", "ms a chunk"], found.purged))
    print(f"\n{'Every aim holds.' if found.holds else 'NOT every aim holds.'}")


if __name__ == "__main__":
    event_loop.run(main())
