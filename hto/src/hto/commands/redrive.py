"""`hto redrive`: have parked events tried again, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hto.commands.parked import show
from hto.startup import AsJson, Keys, Url, as_operator, client_for, put_json, run, wrong

if TYPE_CHECKING:
    from hto.client import Client

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Order that a key's parked events are tried again, in order; the order travels as an event.\n\n"
    "Examples: hto redrive 0192f3c4-…; hto redrive --all --dry-run; hto redrive --all"
)
def redrive(
    parked_id: Annotated[UUID | None, typer.Argument(metavar="[ID]", help="One of `hto parked`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are parked.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be ordered.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Order it."""
    if (parked_id is not None) == every:
        raise wrong("Name one ID of `hto parked`, or --all.")
    items = run(_redrive(client_for(url, keys), parked_id, dry_run=dry_run))
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
    if dry_run:
        typer.echo(f"Would order a redrive of {counted}.")
    else:
        typer.echo(f"Ordered a redrive of {counted}; `hto parked` tells when that is solved.")


async def _redrive(client: Client, parked_id: UUID | None, *, dry_run: bool) -> list[dict[str, Any]]:
    async with client:
        operator = as_operator(client)
        found = [
            item async for item in operator.all("/operations/v1/parked-events", limit=500) if item["state"] != "solved"
        ]
        chosen = [item for item in found if parked_id is None or item["id"] == str(parked_id)]
        if dry_run:
            return chosen
        return [await operator.post(f"/operations/v1/parked-events/{item['id']}/_redrive") for item in chosen]
