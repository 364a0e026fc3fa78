"""`hto policies`: the rules as data, which must be read again, and what differs between two days or rows."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hto.committed import write_or_check
from hto.startup import AsJson, Keys, Url, as_operator, client_for, failed, put_json, run, wrong
from hto.tables import show_table

if TYPE_CHECKING:
    from hto.client import Client
    from hto.policies import Rows

app = typer.Typer(
    name="policies",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="The rules as data: each row with its source and owner, and whether it was compared with the text of today. "
    "They are those of the running system, or with --built-in those that this version ships.",
)
BuiltIn = Annotated[bool, typer.Option("--built-in", help="The rows that this version ships; nothing need run.")]
Code = Annotated[str | None, typer.Option(metavar="CODE", help="Only this rule, or a subject such as vat.")]
_WHY = {"never": "never compared with the text", "long-ago": "read too long ago", "ends": "ends without a next row"}


@app.command(
    name="list",
    help="List every row: code, period, owner, verified by and on, source.\n\n"
    "Examples: hto policies list --built-in; hto policies list --code vat --on 2027-01-01 --json",
)
def list_(
    code: Code = None,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="Only rows that hold on that day.")] = None,
    built_in: BuiltIn = False,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """List them."""
    from hto.policies import holding

    day = None if on is None else _day(on, "--on")
    rows = _of(_rows(url, keys, built_in=built_in), code)
    held = rows if day is None else [row for _, row in sorted(holding(rows, day).items())]
    if as_json:
        put_json(held)
    elif not held:
        typer.echo("There are none.")
    else:
        show_table(
            ("code", "from", "until", "owner", "verified by", "verified on", "source"),
            [_line(row, row["verifiedBy"] or "-", row["verifiedOn"] or "-") for row in held],
        )


@app.command(
    help="List the rows that must be read again: never compared, too long ago, or ending without a next row.\n\n"
    "Examples: hto policies due --built-in; hto policies due --code vat --months 6 --json"
)
def due(
    code: Code = None,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="As of that day; default: today.")] = None,
    months: Annotated[int, typer.Option(min=1, max=120, help="For how many months a reading counts.")] = 12,
    built_in: BuiltIn = False,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """List them."""
    from hto.policies import due as found_due

    day = _today() if on is None else _day(on, "--on")
    found = found_due(_of(_rows(url, keys, built_in=built_in), code), day, months)
    if as_json:
        put_json(found)
    elif not found:
        typer.echo("Nothing has to be read again.")
    else:
        show_table(("code", "from", "until", "owner", "why", "source"), [_line(row, _WHY[row["due"]]) for row in found])


@app.command(
    help="Show what differs between two days, or between a row (CODE@FIRST-DAY) and the one before it.\n\n"
    "Examples: hto policies diff 2026-12-31 2027-01-01 --built-in; hto policies diff vog@2025-08-01 --json"
)
def diff(
    first: Annotated[str, typer.Argument(metavar="DAY|CODE@DAY", help="A day, or a row by its code and first day.")],
    second: Annotated[str | None, typer.Argument(metavar="[DAY]", help="The other day.")] = None,
    code: Code = None,
    built_in: BuiltIn = False,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Show it."""
    from hto.policies import against_predecessor, between, shown

    row_code, at, first_day = first.rpartition("@")
    if (second is None) is not bool(at):
        raise wrong("Give two days, or one row as CODE@DAY.")
    days = [_day(first_day, "CODE@DAY" if at else "DAY")] + ([] if second is None else [_day(second, "DAY")])
    rows = _of(_rows(url, keys, built_in=built_in), code)
    found = against_predecessor(rows, row_code, first_day) if at else between(rows, days[0], days[1])
    if found is None:
        raise failed(f"There is no row {first}; see hto policies list --code {row_code}.")
    if as_json:
        put_json([asdict(each) for each in found])
    elif not found:
        typer.echo("Nothing differs.")
    else:
        lines = [(each.code, each.what, shown(each.before), shown(each.after)) for each in found]
        show_table(("code", "what", "before", "after"), lines)


@app.command(help="Print the page of all rules in English; or write or check both pages in docs/rules.")
def page(
    write: Annotated[bool, typer.Option("--write", help="Write them.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where the committed pages differ.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the pages are.")] = Path("docs/rules"),
) -> None:
    """Do one of the three."""
    from hto.documents.policies import PAGES
    from hto.documents.policies import page as made
    from hto.policies import built_in

    rows = built_in()
    if write or check:
        write_or_check({folder / name: made(rows, language) for language, name in PAGES.items()}, write=write)
    typer.echo(made(rows, "en"), nl=False)


def _rows(url: str | None, keys: Path | None, *, built_in: bool) -> Rows:
    from hto.policies import built_in as shipped
    from hto.policies import newest

    return shipped() if built_in else newest(run(_list(client_for(url, keys))))


async def _list(client: Client) -> list[dict[str, Any]]:
    async with client:
        return [item async for item in as_operator(client).all("/registry/v1/policies", limit=500)]


def _of(rows: Rows, code: str | None) -> Rows:
    return [row for row in rows if code is None or row["code"] == code or row["code"].startswith(f"{code}.")]


def _line(row: dict[str, Any], *more: str) -> tuple[str, ...]:
    """Return a row of a table; the source is last, since it is long."""
    return (row["code"], row["validFrom"], row["validUntil"] or "-", row["ownerEn"], *more, row["source"])


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong(f"{where}: {text} is no day such as 2027-01-01.") from None


def _today() -> date:
    from common.clock import business_day

    return business_day(datetime.now(UTC))
