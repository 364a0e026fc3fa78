"""The last lines of `hto run`: where everything is, a token, and a first request to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hto.client import Who
from hto.services import NAMES

if TYPE_CHECKING:
    from rich.console import Console

    from common.runtime.settings import Settings
    from hto.client import Client

READER: Final = Who(client="programme", roles=("programme", "operator"))
"""Sees every case and the figures, and changes nothing but what an operator may."""


async def show_closing(client: Client, settings: Settings, address: str, console: Console, *, held: bool) -> None:
    """Print it; the token is good for a quarter of an hour. ``held``: the journey did, or none was played."""
    token = await client.token(READER, fresh=True)
    state = "Everything runs." if held else "The five services serve, but the journey did not hold (see above)."
    console.print(f"\n{state} Ctrl-C stops it; `hto run` finds its data again.\n", style="bold" if held else "bold red")
    rows = [("console", f"{address}/console")]
    rows += [(name, f"{address}/{name}/v1/docs") for name in NAMES]
    if settings.mail_url.startswith("folder://"):
        rows.append(("mails", settings.mail_url.removeprefix("folder://")))
    for name, where in rows:
        console.print(f"  {name:<14} {where}", soft_wrap=True)
    console.print("\nA token for a quarter of an hour (`hto token` makes more), and a first request:\n")
    console.print(f"  TOKEN={token}", soft_wrap=True, style="dim")
    console.print(
        f'  curl -H "Authorization: Bearer $TOKEN" {address}/operations/v1/figures/programme\n', soft_wrap=True
    )
