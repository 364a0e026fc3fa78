"""`hto clock`: business time in a test or demonstration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from hto.startup import AsJson, Keys, Url, as_operator, client_for, put_json, run, wrong

if TYPE_CHECKING:
    from datetime import datetime

    from hto.client import Client

T = TypeVar("T")

app = typer.Typer(
    name="clock",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Business time: what deadlines, contracts and mails go by. It moves only where HTO_TEST_CLOCK=1.",
)


@app.command(help="Tell business time and how far it is from real time, for each service.")
def show(as_json: AsJson = False, url: Url = None, keys: Keys = None) -> None:
    """Tell it."""
    _print(run(_show(client_for(url, keys))), as_json=as_json)


@app.command(
    help="Move it on, or back, for all services, and wait until each has followed.\n\n"
    "Examples: hto clock advance 15d; hto clock advance 1d12h; hto clock advance -- -2w",
    context_settings={"ignore_unknown_options": True},
)
def advance(
    by: Annotated[str, typer.Argument(metavar="SPAN", help="Such as 15d, 2w, 6h, 30m or 1d12h; -15d is back.")],
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Move it."""
    from hto.business_time import span

    _print(run(_advance(client_for(url, keys), _read(span, by))), as_json=as_json)


@app.command(
    name="set",
    help="Set it to a moment, from which it goes on; `now` is real time.\n\n"
    "Examples: hto clock set 2026-09-01; hto clock set 2026-09-01T08:30; hto clock set now",
)
def set_(
    to: Annotated[str, typer.Argument(metavar="MOMENT", help="In Amsterdam, unless it has an offset; or now.")],
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Set it."""
    from hto.business_time import moment

    _print(run(_set(client_for(url, keys), None if to == "now" else _read(moment, to))), as_json=as_json)


def _read(reader: Callable[[str], T], text: str) -> T:
    try:
        return reader(text)
    except ValueError as error:
        raise wrong(str(error)) from None


async def _show(client: Client) -> dict[str, Any]:
    from hto.business_time import BusinessClock
    from hto.services import NAMES

    async with client:
        clock = BusinessClock(as_operator(client))
        now = await clock.read()
        services = {name: (await client.state(name)).get("clockOffsetSeconds") for name in NAMES}
    return {"now": now, "offsetSeconds": int(clock.offset.total_seconds()), "services": services}


async def _advance(client: Client, by: timedelta) -> dict[str, Any]:
    from hto.business_time import BusinessClock

    async with client:
        await BusinessClock(as_operator(client)).advance(by)
        return await _show(client)


async def _set(client: Client, to: datetime | None) -> dict[str, Any]:
    from hto.business_time import BusinessClock

    async with client:
        clock = BusinessClock(as_operator(client))
        await (clock.set(timedelta()) if to is None else clock.to(to))
        return await _show(client)


def _print(state: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        put_json({**state, "now": state["now"].isoformat()})
        return
    from common.clock import AMSTERDAM

    typer.echo(f"{state['now'].astimezone(AMSTERDAM):%A %Y-%m-%d %H:%M:%S} in Amsterdam")
    offset = timedelta(seconds=abs(state["offsetSeconds"]))
    typer.echo(
        f"{offset} {'behind' if state['offsetSeconds'] < 0 else 'ahead of'} real time" if offset else "real time"
    )
    late = [name for name, seconds in state["services"].items() if seconds != state["offsetSeconds"]]
    if late:
        typer.echo(f"not followed by: {', '.join(late)}")
