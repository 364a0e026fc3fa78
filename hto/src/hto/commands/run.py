"""`hto run`: everything on this machine, the journey played, and then it keeps serving."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_BEGAN = time.monotonic()
"""Before anything large is imported: what is said to take some seconds takes them all together."""


@app.command(
    help="Start everything on this machine (PostgreSQL, event log, token issuer, five services on one port), play "
    "one case from vacancy to first lesson, and keep serving. Starting again finds its data again and plays only "
    "what --again asks for.\n\n"
    "HTO_DATABASE_URL and HTO_LOG_URL name a server or a Kafka of your own instead.\n\n"
    "Examples: hto run; hto run --once; HTO_PORT=9000 hto run --again"
)
def run(
    once: Annotated[bool, typer.Option("--once", help="Stop after the journey: exit 0 where all of it held.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Play the journey although it was played before.")] = False,
    port: Annotated[int, typer.Option(envvar="HTO_PORT", help="Where to serve; 0 is any.", min=0, max=65535)] = 8000,
    data: Annotated[Path, typer.Option(envvar="HTO_DATA_DIR", help="Where its data are kept.")] = Path(".hto"),
) -> None:
    """Run until stopped, or until the journey is over."""
    from common.runtime import event_loop
    from hto.embedded import Plan, start

    plan = Plan(once=once, again=again, port=port or _free_port(), data=data, began=_BEGAN, alone=True)
    raise typer.Exit(event_loop.run(start(plan)))


def _free_port() -> int:
    """Choose one now: tokens name the address at which everything is."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
