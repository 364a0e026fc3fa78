"""`hto import`: take in lists of schools, institutions and postcodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hto.startup import AsJson, Keys, Url, client_for, is_terminal, put_json, run, wrong

if TYPE_CHECKING:
    from rich.console import Console

    from hto.client import Client

app = typer.Typer(
    name="import",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Take in a file: what is new is added, what changed is changed, a second time changes nothing.",
)
_SHOWN = 20
_SEPARATORS = {";": "semicolons", ",": "commas", "\t": "tabs"}

File = Annotated[
    Path, typer.Argument(help="UTF-8 or windows-1252; separated by comma, semicolon or tab.", show_default=False)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only report what would change.")]
AllOrNothing = Annotated[
    bool, typer.Option("--all-or-nothing", help="Take in nothing, and exit 1, where any line has a problem.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List everything, not only the first of each.")]


@app.command(
    help="Take in a list of school locations (DUO), with their schools and boards.\n\n"
    "Examples: hto import schools scholen_vo.csv --dry-run; hto import schools scholen_vo.csv --json"
)
def schools(
    file: File,
    dry_run: DryRun = False,
    all_or_nothing: AllOrNothing = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Take them in."""
    content = _read(file)
    report = run(_send(client_for(url, keys), "schools", content, dry_run=dry_run, all_or_nothing=all_or_nothing))
    _print(report, file, as_json=as_json, verbose=verbose)


@app.command(
    help="Take in a list of institutions without locations, such as those of mbo.\n\n"
    "Example: hto import institutions instellingen_mbo.csv --all-or-nothing"
)
def institutions(
    file: File,
    dry_run: DryRun = False,
    all_or_nothing: AllOrNothing = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Take them in."""
    content = _read(file)
    report = run(_send(client_for(url, keys), "institutions", content, dry_run=dry_run, all_or_nothing=all_or_nothing))
    _print(report, file, as_json=as_json, verbose=verbose)


@app.command(
    help="Take in a postcode reference; whoever is in an area that is drawn anew moves with it.\n\n"
    "Example: hto import postcodes pc4.csv --dry-run"
)
def postcodes(
    file: File,
    dry_run: DryRun = False,
    all_or_nothing: AllOrNothing = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Take them in."""
    content = _read(file)
    report = run(_send(client_for(url, keys), "postcodes", content, dry_run=dry_run, all_or_nothing=all_or_nothing))
    _print(report, file, as_json=as_json, verbose=verbose)


def _read(file: Path) -> bytes:
    """Read as much as the service takes: what is larger, or has no end, is refused here."""
    from registry.file_import.model.encoding import MAX_BYTES

    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise wrong(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise wrong(f"{file} is larger than {MAX_BYTES // 1024**2} MB, and no such list is.")
    return content


async def _send(client: Client, what: str, content: bytes, *, dry_run: bool, all_or_nothing: bool) -> dict[str, Any]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from hto.client import Who

    console = Console(stderr=True)
    parts = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    async with client:
        programme = client.acting_as(Who(client="programme"))
        with Progress(*parts, console=console, transient=True, disable=not is_terminal()) as progress:
            progress.add_task("Comparing and writing" if not dry_run else "Comparing", total=None)
            report: dict[str, Any] = await programme.upload(
                f"/registry/v1/imports/{what}",
                content,
                "text/csv",
                dryRun=dry_run,
                skipBadRows=not all_or_nothing,
            )
            return report


def _print(report: dict[str, Any], file: Path, *, as_json: bool, verbose: bool) -> None:
    if as_json:
        put_json(report)
        _end(report)
        return
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    state = "taken in" if report["applied"] else "dry run: nothing was changed"
    written = f" ({report['encoding']}, separated by {_SEPARATORS[report['separator']]})" if report["encoding"] else ""
    console.print(f"{file.name}{written}: {report['rows']} rows, {report['usable']} usable; {state}", markup=False)
    for kind, counts in report["counts"].items():
        console.print(
            f"  {kind:<14} {counts['added']:>6} added {counts['changed']:>6} changed {counts['unchanged']:>6} unchanged"
        )
    most = None if verbose else _SHOWN
    repeats = [_repeat(one) for one in report["repeats"]]
    problems = [_problem(one) for one in report["problems"]]
    changes = [f"{one['kind']} {one['code']}: {', '.join(one['fields'])}" for one in report["changes"]]
    absent = [f"{code}" for code in report["absent"]]
    changed = sum(counts["changed"] for counts in report["counts"].values())
    for title, lines, count in (
        ("changes", changes, changed),
        ("repeats, of which the first line counts", repeats, report["repeatCount"]),
        ("problems", problems, report["problemCount"]),
        ("known schools and locations that the file leaves out: perhaps closed", absent, report["absentCount"]),
    ):
        _list(console, title, lines, count, most)
    if report["absentCount"] and report["nameless"]:
        console.print(f"    {report['nameless']} lines cannot be read: some of these may be named there")
    _end(report)


def _end(report: dict[str, Any]) -> None:
    """Exit 1 where a file has no row that can be used: a dry run says so before anybody relies on it."""
    if not report["usable"]:
        raise typer.Exit(1)


def _list(console: Console, title: str, lines: list[str], count: int, most: int | None) -> None:
    if not count:
        return
    console.print(f"  {count} {title}")
    for line in lines[:most]:
        console.print(f"    {line}", markup=False)
    shown = len(lines[:most])
    if count > shown:
        more = " (--verbose lists more)" if shown < len(lines) else ""
        console.print(f"    … and {count - shown} more{more}")


def _repeat(one: dict[str, Any]) -> str:
    differs = f", which differs in {', '.join(one['differs'])}" if one["differs"] else ""
    return f"line {one['line']}: {one['code']} stands on line {one['firstLine']} already{differs}"


def _problem(one: dict[str, Any]) -> str:
    where = "the file" if one["line"] is None else f"line {one['line']}"
    field = f", {one['field']}" if one["field"] else ""
    return f"{where}{field}: {one['reason']}"
