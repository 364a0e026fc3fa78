"""`hto demo`: play the journey against a system that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hto.output import OutputClosed
from hto.startup import INTERRUPTED, AsJson, Keys, Url, client_for, put_json, run, wrong

if TYPE_CHECKING:
    from demo.report import Reporter
    from hto.client import Client

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Play one case from vacancy to first lesson through the public API, and check what must follow from each "
    "step. Exit 0 where every step held, else 1 with the step that failed.\n\n"
    "Examples: hto demo; hto demo --url http://localhost:8000 --receiver host.docker.internal:9000; "
    "hto demo --url 'http://localhost:800{n}' --json"
)
def demo(
    url: Url = None,
    keys: Keys = None,
    receiver: Annotated[
        str,
        typer.Option(
            envvar="HTO_RECEIVER",
            metavar="HOST:PORT",
            help="How the system reaches this machine to deliver webhooks; it must stand in its HTO_WEBHOOK_ALLOW.",
        ),
    ] = "127.0.0.1:9000",
    number: Annotated[
        int, typer.Option(help="Journeys that play at once need different numbers: each in its own town.", min=0)
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Play it."""
    host, _, port = receiver.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:  # noqa: PLR2004 - a port
        raise wrong(f"--receiver is HOST:PORT, such as 127.0.0.1:9000, not {receiver!r}.")
    from rich.console import Console

    from demo.report import Reporter

    reporter = Reporter(Console(stderr=as_json, highlight=False))
    try:
        held = run(_play(client_for(url, keys), reporter, host, int(port), number))
    except OutputClosed:
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        put_json(reporter.document(held=held))
    raise typer.Exit(0 if held else 1)


async def _play(client: Client, reporter: Reporter, host: str, port: int, number: int) -> bool:
    from demo.play import play
    from demo.receiver import receiving

    async with client, receiving(host, port) as receiver:
        return await play(client, receiver, reporter, number=number)
