"""`hto events`: look at the event log itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hto.output import reader_left
from hto.startup import NO_DATABASE, AsJson, data_folder, failed, wrong

if TYPE_CHECKING:
    from common.messaging.log import EventLog, Record, Subscription
    from common.runtime.log_login import LogLogin

app = typer.Typer(
    name="events",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Look at the event log itself, whichever it is.",
)
_AT_ONCE = 500
_SCHEMES = ("postgresql", "kafka", "kafka+ssl")
_AS = "operations"
"""Where the address is each service's own login: this one reads every service's events."""


@app.command(
    help="Print events as they come: when, what, about what, in which case. Ids only, never what an event says.\n\n"
    "Examples: hto events tail; hto events tail --from-start --no-follow --json; hto events tail --topic "
    "hto.contracts.events"
)
def tail(
    topic: Annotated[list[str] | None, typer.Option(help="Instead of every service's events; may be repeated.")] = None,
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the first event there is.")] = False,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for more, or stop at the end.")] = True,
    log_url: Annotated[
        str | None,
        typer.Option(envvar="HTO_LOG_URL", help="Which log. Default: that of what runs here.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print them."""
    from common.messaging.log import LogUnavailable, NotPermitted, UnknownTopic
    from common.runtime import event_loop
    from common.runtime.settings import SettingsError, check_address, load
    from hto.addresses import announced

    url = log_url or announced(data_folder()).get("logUrl")
    if not url:
        raise wrong("Say which log: HTO_LOG_URL=postgresql://… or kafka://host:9092; nothing runs on this data folder.")
    try:
        check_address(url, *_SCHEMES)
    except ValueError as error:
        raise wrong(f"HTO_LOG_URL {error}.") from None
    try:
        login = load(environment="development", **NO_DATABASE, log_url=url).log_of(_AS)
    except SettingsError as error:
        raise wrong(str(error)) from None
    try:
        event_loop.run(_tail(login, topic, from_start=from_start, follow=follow, as_json=as_json))
    except UnknownTopic as error:
        raise wrong(f"There is no such topic: {error}") from None
    except NotPermitted as error:
        raise failed(f"The event log refuses: {error}") from None
    except (LogUnavailable, OSError) as error:
        typer.echo(f"The event log does not answer: {error or type(error).__name__}", err=True)
        raise typer.Exit(1) from None


async def _tail(login: LogLogin, topics: list[str] | None, *, from_start: bool, follow: bool, as_json: bool) -> None:
    from hto.process import log_for
    from hto.services import NAMES

    log = log_for(login)
    try:
        await log.check()
        wanted = topics or [f"hto.{name}.events" for name in NAMES]
        await _print(log, wanted, from_start=from_start, follow=follow, as_json=as_json)
    finally:
        await log.stop()


async def _print(log: EventLog, topics: list[str], *, from_start: bool, follow: bool, as_json: bool) -> None:
    subscription = await log.subscribe(topics, group=None, from_start=from_start)
    try:
        while True:
            records = await subscription.poll(limit=_AT_ONCE, wait=0.5)
            # Each partition comes in its own order: records of one read are printed in the order of time.
            for record in sorted(records, key=lambda record: record.timestamp):
                typer.echo(_line(record, as_json=as_json))
            if reader_left() or (not (records or follow) and await _at_the_end(subscription)):
                return
    finally:
        await subscription.close()


async def _at_the_end(subscription: Subscription) -> bool:
    lag = await subscription.lag()
    return bool(lag) and all(part.events == 0 for part in lag.values())


def _line(record: Record, *, as_json: bool) -> str:
    attributes = {name.removeprefix("ce_"): value for name, value in record.headers.items() if name.startswith("ce_")}
    if as_json:
        import json

        place: dict[str, Any] = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        return json.dumps({**place, "key": record.key, "recordedAt": record.timestamp.isoformat(), **attributes})
    name = attributes.get("type", "(removed)").removeprefix("nl.hybride-techniekopleiders.")
    about = attributes.get("subject", record.key)
    case = attributes.get("correlationid", "")
    return f"{record.timestamp:%H:%M:%S.%f}  {name:<36} {about:<52} {case}".rstrip()
