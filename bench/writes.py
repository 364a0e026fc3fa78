"""Writes a second, and their p95, on `POST /registry/v1/vacancies`: token, idempotency key, outbox and all.

    python -m bench.writes [--seconds 30] [--clients 8]

As operators run it: the API, the worker that relays, the issuer and the database are processes of their own; whoever
asks is one more beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import httpx2

from bench.machine import describe, table
from common.persistence.transaction import uuid7
from common.runtime import event_loop
from demo import journey
from demo.stage import Stage
from tests.faults.cluster import Cluster, cluster
from tests.faults.mini import cast_for


async def measure(running: Cluster, seconds: float, clients: int) -> tuple[float, float, float]:
    """Return writes a second, p50 and p95 in milliseconds."""
    on = Stage(running.client(), cast_for(0), running.receiver)
    await journey.the_school_registers(on)
    await journey.the_school_is_confirmed(on)
    body = dict(on.cast.question)
    body |= {"startsOn": str(body["startsOn"]), "endsOn": str(body["endsOn"])}
    body |= {"locationId": str(body["locationId"]), "supervisorId": str(body["supervisorId"])}
    token = await on.client.token(on.cast.portal_for_school)
    origin = running.addresses.origin("registry")
    took: list[float] = []
    ends = time.perf_counter() + seconds

    async def ask() -> None:
        async with httpx2.AsyncClient(base_url=origin, trust_env=False, timeout=30) as client:
            while time.perf_counter() < ends:
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid7())}
                began = time.perf_counter()
                response = await client.post("/registry/v1/vacancies", json=body, headers=headers)
                if response.status_code != 201:
                    raise RuntimeError(response.text)
                took.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(clients)))
    rate = len(took) / (time.perf_counter() - began)
    cuts = statistics.quantiles(took, n=100)
    return rate, cuts[49] * 1000, cuts[94] * 1000


async def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with cluster("postgresql", Path(folder), ["registry"]) as running:
            rate, p50, p95 = await measure(running, chosen.seconds, chosen.clients)
    print(describe())
    print(
        table(
            ("POST /registry/v1/vacancies", "figure"),
            [("writes/s", f"{rate:,.0f}"), ("p50", f"{p50:.0f} ms"), ("p95", f"{p95:.0f} ms")],
        )
    )


if __name__ == "__main__":
    event_loop.run(main())
