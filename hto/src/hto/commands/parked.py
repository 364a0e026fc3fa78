"""`hto parked`: which events could not be handled, why, and how many wait behind each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hto.startup import AsJson, Keys, Url, as_operator, client_for, put_json, run
from hto.tables import show_table

if TYPE_CHECKING:
    from hto.client import Client

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class State(StrEnum):
    """How far a parked key is."""

    PARKED = "parked"
    ORDERED = "ordered"
    SOLVED = "solved"
    ANY = "any"


@app.command(
    help="List the keys whose events are parked: in which service, why, since when, and how many wait behind.\n\n"
    "Examples: hto parked; hto parked --state any --json; then: hto redrive ID"
)
def parked(
    state: Annotated[State, typer.Option(help="Which ones.")] = State.PARKED,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """List them."""
    items = run(_list(client_for(url, keys), None if state is State.ANY else state.value))
    if as_json:
        put_json(items)
    elif not items:
        typer.echo("Nothing is parked." if state is State.PARKED else "There are none.")
    else:
        show(items)


def named(item: dict[str, Any]) -> str:
    """Return what stands first in a key; a row of a queue is no event: its topic says what it is, as which letter."""
    return str(item["eventType"] or item.get("topic") or "?").removeprefix("nl.hybride-techniekopleiders.")


def show(items: list[dict[str, Any]]) -> None:
    """Print them for a person."""
    rows = []
    for item in items:
        key = (item["id"], item["consumer"], named(item), item["parkedKey"])
        rows.append((*key, item["why"], item["reason"], str(item["waiting"]), item["state"]))
    show_table(("id", "consumer", "event", "key", "why", "reason", "waiting", "state"), rows)


async def _list(client: Client, state: str | None) -> list[dict[str, Any]]:
    async with client:
        return [item async for item in as_operator(client).all("/operations/v1/parked-events", state=state, limit=500)]
