"""`hto cases`: how far every case is, and what happened in one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hto.startup import AsJson, Keys, Url, as_operator, client_for, put_json, run, wrong
from hto.tables import show_table

if TYPE_CHECKING:
    from hto.client import Client

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_KINDS = ("vacancy", "trainer", "organisation")


@app.command(
    help="List the cases that changed last, each with its next step, who owes it and until when; or show one case "
    "with every step across all services.\n\n"
    "Examples: hto cases; hto cases --kind vacancy --overdue; hto cases 0192f3c4-…; hto cases --json"
)
def cases(
    case: Annotated[UUID | None, typer.Argument(help="One case, or any id that an event of it carried.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of a vacancy, trainer or organisation.")] = None,
    region: Annotated[str | None, typer.Option(help="Only of a labour-market region, such as AM28.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only where something is owed.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only where that is late.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=500)] = 20,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Do one of the two."""
    if kind not in {None, *_KINDS}:
        raise wrong(f"There are no cases of a {kind}; there are {', '.join(_KINDS)}.")
    if case is not None:
        found = run(_one(client_for(url, keys), case))
        put_json(found) if as_json else _show(found)
        return
    asked = {"kind": kind, "region": region, "isOpen": only_open or None, "overdue": overdue or None, "limit": limit}
    page = run(_list(client_for(url, keys), asked))
    put_json(page) if as_json else _list_them(page)


async def _list(client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    async with client:
        page: dict[str, Any] = await as_operator(client).get("/operations/v1/cases", **asked)
        return page


async def _one(client: Client, given: UUID) -> dict[str, Any]:
    async with client:
        operator = as_operator(client)
        involving = await operator.get("/operations/v1/cases", involving=given, limit=500)
        # An id that several cases carry names the latest of them; a case's own id names that case.
        ids = [item["id"] for item in involving["items"]]
        case_id = str(given) if str(given) in ids or not ids else ids[0]
        found: dict[str, Any] = await operator.get(f"/operations/v1/cases/{case_id}")
        steps = [step async for step in operator.all(f"/operations/v1/cases/{case_id}/steps", limit=500)]
        return {**found, "steps": steps}


def _list_them(page: dict[str, Any]) -> None:
    if not page["items"]:
        typer.echo("No such cases.")
        return
    show_table(
        ("case", "what", "latest", "when", "next step", "owner", "until"), [_row(item) for item in page["items"]]
    )


def _row(item: dict[str, Any]) -> tuple[str, ...]:
    step = item["nextStep"] or {"textEn": "", "owners": [], "dueAt": None}
    case = (item["id"], item["kind"], item["latest"].rpartition(".v")[0], _when(item["latestAt"]))
    return (*case, step["textEn"], ", ".join(step["owners"]), _when(step["dueAt"]))


def _show(case: dict[str, Any]) -> None:
    typer.secho(f"{case['kind']} {case['id']}, since {_when(case['openedAt'])}", bold=True)
    for owed in case["owed"]:
        due = f" until {_when(owed['dueAt'])}" if owed["dueAt"] else ""
        typer.echo(f"  to do: {owed['textEn']} ({owed['textNl']}), by {', '.join(owed['owners'])}{due}")
    for other in case["related"]:
        typer.echo(f"  see also: {other['kind']} {other['id']}")
    rows = [
        (
            _when(step["at"]),
            step["service"],
            step["event"],
            step["subject"],
            ", ".join(f"{name} {_text(value)}" for name, value in step["facts"].items()),
        )
        for step in case["steps"]
    ]
    show_table(("when", "service", "event", "about", "facts"), rows)


def _text(value: Any) -> str:
    return "/".join(map(_text, value)) if isinstance(value, list) else str(value)


def _when(moment: str | None) -> str:
    if moment is None:
        return ""
    from common.clock import AMSTERDAM

    return f"{datetime.fromisoformat(moment).astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"
