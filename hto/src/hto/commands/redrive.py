"""`hto redrive`: have parked events tried again, in order, or the first of a key passed over."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hto.commands.parked import named, show
from hto.startup import AsJson, Keys, Url, as_operator, client_for, failed, put_json, run, wrong

if TYPE_CHECKING:
    from hto.client import Client

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Order that a key's parked events are tried again, in order, or that the first of them is passed over; the "
    "order travels as an event.\n\n"
    "Examples: hto redrive 0192f3c4-…; hto redrive --all --dry-run; hto redrive --all; "
    "hto redrive 0192f3c4-… --discard 'sent by mistake'"
)
def redrive(
    parked_id: Annotated[UUID | None, typer.Argument(metavar="[ID]", help="One of `hto parked`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are parked.")] = False,
    discard: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="Do not try it again: pass over the key's first event, or the deadline, for ever. The reason is "
            "kept. A letter or a tombstone is owed, and is tried again instead.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Discard without being asked whether that is meant.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be ordered.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Order it."""
    if (parked_id is not None) == every:
        raise wrong("Name one ID of `hto parked`, or --all.")
    if discard is not None and (every or not discard.strip()):
        raise wrong("--discard takes a reason and one ID: look at what is passed over.")
    asks = discard is not None and not yes and not dry_run
    if asks and not sys.stdin.isatty():
        raise wrong("What is discarded does not come back: add --yes where nobody can be asked.")
    items = run(_order(client_for(url, keys), parked_id, discard, dry_run=dry_run, asks=asks))
    if parked_id is not None and not items:
        typer.echo(f"Nothing is parked under {parked_id}.", err=True)
        raise typer.Exit(1)
    if as_json:
        put_json(items)
        return
    if not items:
        typer.echo("Nothing is parked.")
        return
    show(items)
    counted = f"{len(items)} {'key' if len(items) == 1 else 'keys'}"
    what = "a redrive of" if discard is None else "a discard of the first event of"
    if dry_run:
        typer.echo(f"Would order {what} {counted}.")
    else:
        typer.echo(f"Ordered {what} {counted}; `hto parked` shows when that is solved.")


async def _order(
    client: Client, parked_id: UUID | None, reason: str | None, *, dry_run: bool, asks: bool
) -> list[dict[str, Any]]:
    async with client:
        operator = as_operator(client)
        found = [
            item async for item in operator.all("/operations/v1/parked-events", limit=500) if item["state"] != "solved"
        ]
        chosen = [item for item in found if parked_id is None or item["id"] == str(parked_id)]
        if dry_run:
            return chosen
        for item in chosen if asks else ():
            if not typer.confirm(f"Pass over {named(item)} of {item['parkedKey']} for ever?", err=True):
                raise failed("Nothing was ordered.")
        order, body = ("_redrive", None) if reason is None else ("_discard", {"reason": reason.strip()})
        return [await operator.post(f"/operations/v1/parked-events/{item['id']}/{order}", body) for item in chosen]
