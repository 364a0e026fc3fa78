<<<<<<< HEAD
"""What the containers of `docker compose up` take while nothing happens, in percent of one core."""
=======
"""What a worker costs that has nothing to do: its own processor time, PostgreSQL's for it, and its transactions.

    python -m bench.idle [--service notifications] [--seconds 60]

On the PostgreSQL log, as a process of its own as operators run it. Processor time is read from /proc: Linux only.
"""
>>>>>>> 781f895 (feat(common): what an hour forgets is forgotten function by function, and a bad one stops no other)

from __future__ import annotations

import argparse
<<<<<<< HEAD
import time

from testcontainers.core.docker_client import DockerClient

from bench.machine import describe, table

LABEL = "com.docker.compose.service"


def processor_seconds(project: str) -> dict[str, float]:
    """The time on a processor of each running container of a Compose project, as the engine counts it."""
    containers = DockerClient().client.containers.list(filters={"label": f"com.docker.compose.project={project}"})
    return {
        container.labels[LABEL]: container.stats(stream=False, one_shot=True)["cpu_stats"]["cpu_usage"]["total_usage"]
        / 1e9
        for container in containers
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--project", default="hto")
    options = parser.parse_args()
    began, before = time.monotonic(), processor_seconds(options.project)
    time.sleep(options.seconds)
    took, after = time.monotonic() - began, processor_seconds(options.project)
    shares = {name: 100 * (after[name] - before[name]) / took for name in after if name in before}
    print(f"{describe()}; {took:.0f} seconds\n")
    print(table(["container", "% of a core"], [[name, f"{share:.1f}"] for name, share in sorted(shares.items())]))
    print(f"\nall together: {sum(shares.values()):.1f} %")


if __name__ == "__main__":
    main()
=======
import asyncio
import os
import sys
import tempfile
from pathlib import Path

import asyncpg

from bench.machine import describe, table
from common import event_loop
from common.settings import Settings
from hto.process import migrate
from hto.services import all_services
from tests.postgres import Postgres, throwaway

_TICK = os.sysconf("SC_CLK_TCK")
WARM_UP = 10.0


def processor_seconds(pid: int) -> float:
    """Of a process and all that it started, those that have ended included."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        own = int(path.parent.name)
        if own == pid or int(fields[1]) == pid:
            total += (
                int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]) if own == pid else 0)
            ) / _TICK
    return total


async def transactions(server: Postgres) -> int:
    connection = await asyncpg.connect(server.address("postgres"))
    try:
        return int(await connection.fetchval("SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database"))
    finally:
        await connection.close()


async def measure(service: str, seconds: float) -> tuple[float, float, float]:
    """Return percent of a core of the worker and of PostgreSQL, and transactions per second."""
    with throwaway(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=server.address("hto_{service}"), log_url=server.address("hto_log"), data_dir=Path(folder)
        )
        await migrate(settings, all_services())
        told = {"DATABASE_URL": settings.database_url, "LOG_URL": settings.log_url, "DATA_DIR": folder}
        worker = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).parent / "hto"),
            "worker",
            service,
            env={
                **os.environ,
                **{f"HTO_{name}": value for name, value in told.items()},
                "HTO_ENVIRONMENT": "development",
            },
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await asyncio.sleep(WARM_UP)
            assert worker.returncode is None, "the worker ended"
            postmaster = server.server.pid
            assert postmaster
            before = processor_seconds(worker.pid), processor_seconds(postmaster), await transactions(server)
            await asyncio.sleep(seconds)
            after = processor_seconds(worker.pid), processor_seconds(postmaster), await transactions(server)
        finally:
            worker.kill()
            await worker.wait()
    own, theirs, count = (now - then for now, then in zip(after, before, strict=True))
    return 100 * own / seconds, 100 * theirs / seconds, count / seconds


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", action="append")
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    rows = []
    for service in given.service or ["notifications", "matching"]:
        own, theirs, count = await measure(service, given.seconds)
        rows.append([service, f"{own:.1f} %", f"{theirs:.1f} %", f"{count:.1f}"])
    print(describe())
    print(table(["idle worker", "of a core", "of a core in PostgreSQL", "transactions/s"], rows))


if __name__ == "__main__":
    event_loop.run(main())
>>>>>>> 781f895 (feat(common): what an hour forgets is forgotten function by function, and a bad one stops no other)
