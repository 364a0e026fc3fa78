"""`hto rebuild`: make a read model anew from the event log."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hto.startup import data_folder, failed, run_part, settings_or_exit, wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress

    from common.runtime.settings import Settings
    from common.service import Projection, Service
    from hto.rebuild import Comparison

app = typer.Typer(add_completion=False, rich_markup_mode=None)

KEPT_THE_OLD: Final = 3
"""The two differ, and nothing was switched."""


@app.command(
    help="Rebuild a read model: replay the event log beside the old one, compare, report what differs, and switch.\n\n"
    "The services go on meanwhile. Without an address it rebuilds what `hto run` keeps in this data folder.\n\n"
    "Ends with 0: switched, or nothing differed. 1: it could not be done. 3: they differ and the old one was kept. "
    "In every case but the first the old one is as it was.\n\n"
    "Examples: hto rebuild operations.cases --dry-run; hto rebuild operations.figures --yes"
)
def rebuild(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="operations.cases, operations.figures or notifications.feed.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only compare, and keep the old one.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Switch without asking.")] = False,
    accept_loss: Annotated[
        bool,
        typer.Option("--accept-loss", help="Switch although rows would be lost whose events were purged from the log."),
    ] = False,
) -> None:
    """Rebuild it."""
    service, projection = _find(name)
    if not (dry_run or yes or sys.stdin.isatty()):
        raise wrong("Say --dry-run or --yes: nobody is here to be asked.")
    settings = _settings()
    raise typer.Exit(run_part(_Command(settings, service, projection, dry_run, yes, accept_loss).run()))


def _find(name: str) -> tuple[Service, Projection]:
    from hto.services import all_services

    found = {each.name: (service, each) for service in all_services() for each in service.projections}
    if name not in found:
        raise wrong(f"There is no read model {name}; there are {', '.join(found)}.")
    return found[name]


def _settings() -> Settings:
    """Read the environment; where it names no database, take what runs on this data folder."""
    from hto.addresses import announced

    running = announced(data_folder())
    if "HTO_DATABASE_URL" in os.environ or "databaseUrl" not in running:
        return settings_or_exit()
    return settings_or_exit(
        database_url=running["databaseUrl"], log_url=running["logUrl"], test_clock=True, environment="development"
    )


class _Command:
    """One rebuild, seen from the command line."""

    def __init__(
        self,
        settings: Settings,
        service: Service,
        projection: Projection,
        dry_run: bool,
        yes: bool,
        accept_loss: bool,
    ) -> None:
        self._settings, self._service, self._projection = settings, service, projection
        self._dry_run, self._yes, self._accept_loss = dry_run, yes, accept_loss
        self._status = 0
        self._switches = False
        self._progress: Progress

    async def run(self) -> int:
        """Rebuild and return the process's status."""
        import structlog
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        from common.service.runtime import ServiceRuntime
        from hto.process import log_for
        from hto.rebuild import Rebuild, RebuildFailed
        from hto.services import NAMES

        # Standard output is the report's.
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        event_log = log_for(self._settings.log_of(self._service.name))
        running = ServiceRuntime(self._service, self._settings, event_log, NAMES)
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=Console(stderr=True))
        try:
            if self._settings.test_clock:
                await running.read_clock()
            with self._progress:
                show = self._shown(self._progress.add_task(f"{self._projection.name}: events", total=None))
                work = Rebuild(self._projection, running.database, event_log, NAMES, show=show)
                await work.run(self._decide)
            if self._switches:
                typer.echo("The new one has taken its place.")
        except RebuildFailed as error:
            raise failed(f"{self._projection.name} stays as it is: {error}.") from None
        finally:
            await running.stop()
            await event_log.stop()
        return self._status

    def _shown(self, task: object) -> Callable[[int, int], None]:
        def show(done: int, total: int) -> None:
            self._progress.update(task, completed=done, total=total)  # type: ignore[arg-type] # rich's own number

        return show

    def _decide(self, found: Comparison) -> bool:
        """Report what differs, and say whether to switch."""
        self._progress.stop()
        _report(found)
        if not found.differs:
            typer.echo("Both have the same rows: nothing to switch.")
            return False
        self._status = KEPT_THE_OLD
        if self._dry_run:
            typer.echo("The old one is kept (--dry-run).")
            return False
        if found.loses and not self._accept_loss:
            typer.echo(
                f"The old one is kept: events of {', '.join(found.purged)} were purged from the log, and rows would be"
                " lost. --accept-loss switches all the same.",
                err=True,
            )
            return False
        if not (self._yes or typer.confirm("Switch to the new one?", err=True)):
            typer.echo("The old one is kept.")
            return False
        self._status = 0
        self._switches = True
        return True


def _report(found: Comparison) -> None:
    from hto.tables import show_table

    header = ("TABLE", "OLD", "NEW", "ONLY OLD", "ONLY NEW", "CHANGED")
    rows = [(one.table, *map(str, (one.old, one.new, one.missing, one.added, one.changed))) for one in found.tables]
    show_table(header, rows)
    for one in found.tables:
        if one.dropped:
            typer.echo(f"{one.table}: there is no old table")
        if one.columns:
            typer.echo(f"{one.table}: " + ", ".join(f"{column} in {count}" for column, count in one.columns.items()))
        if one.examples:
            typer.echo(f"{one.table}: for example {'; '.join(one.examples)}")
    if found.parked:
        typer.echo(f"{found.parked} parked events are in neither; they stay parked (`hto parked`).")
