"""What every bench says of the machine, and the broker that some of them need."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.support.containers import Kafka
from tests.support.postgres import free_port


def describe() -> str:
    """The machine and the date, for the head of a table of figures."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine}, Python {platform.python_version()}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@contextmanager
def kafka(kind: str) -> Iterator[str | None]:
    """A broker in a container for the kind ``kafka``; None for the other log."""
    if kind != "kafka":
        yield None
        return
    with secured_kafka() as broker:
        yield f"kafka://localhost:{broker.port}"


@contextmanager
def secured_kafka() -> Iterator[Kafka]:
    """A broker in a container that can be entered with or without a login."""
    broker = Kafka(relayed=free_port())
    broker.start()
    broker.wait()
    try:
        yield broker
    finally:
        broker.stop()
