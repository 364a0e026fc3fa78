"""How every command begins: settings and addresses that are right, or one line that says what is not."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from common.runtime import event_loop

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from common.runtime.settings import Settings
    from hto.client import Acting, Client

T = TypeVar("T")

WRONG_INPUT: Final = 2
NO_DATABASE: Final[dict[str, object]] = {"database_url": "postgresql:///none", "database_password_file": None}
"""For a command that needs no database, whatever the environment says of one."""
NO_LOG: Final[dict[str, object]] = {
    "log_url": "postgresql:///none",
    "log_password": None,
    "log_password_file": None,
    "log_ca_file": None,
    "log_certificate_file": None,
    "log_admin_url": None,
    "log_admin_password": None,
    "log_admin_password_file": None,
    "log_admin_certificate_file": None,
}
"""The same of the event log."""
INTERRUPTED: Final = 130
"""Something was broken off before its end: by Ctrl-C, or because nobody reads what it prints."""

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="HTO_URL",
        metavar="URL",
        help="Where the system is: one address, or a pattern with {service} or {n} (1 to 5, the issuer is 0) where "
        "each service has its own, such as 'http://localhost:800{n}'. Default: what `hto run` serves here.",
        show_default=False,
    ),
]
Keys = Annotated[
    Path | None,
    typer.Option(
        "--keys",
        envvar="HTO_KEYS",
        metavar="FOLDER",
        help="The issuer's folder with the development clients' keys. Default: issuer in HTO_DATA_DIR (.hto).",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


class ServiceName(StrEnum):
    """The five services, as an argument."""

    REGISTRY = "registry"
    MATCHING = "matching"
    CONTRACTS = "contracts"
    NOTIFICATIONS = "notifications"
    OPERATIONS = "operations"


def settings_or_exit(**overrides: object) -> Settings:
    """Read the environment; where it is wrong, say so on standard error and end with status 2."""
    from common.runtime.settings import SettingsError, load

    try:
        return load(**overrides)
    except SettingsError as error:
        raise wrong(str(error)) from None


def data_folder() -> Path:
    """Where this installation keeps its data."""
    return Path(os.environ.get("HTO_DATA_DIR", ".hto"))


def client_for(url: str | None, keys: Path | None) -> Client:
    """Return a client of the system at an address, by default of what runs on this data folder."""
    from hto.addresses import Addresses, BadAddress, announced
    from hto.client import Client

    address = url or announced(data_folder()).get("url") or "http://localhost:8000"
    try:
        return Client(Addresses.of(address), keys or data_folder() / "issuer", patience=5)
    except BadAddress as error:
        raise wrong(str(error)) from None


def as_operator(client: Client) -> Acting:
    """Return the system as whoever watches over it sees it."""
    from hto.client import Who

    return client.acting_as(Who(client="operator"))


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; what can be expected to go wrong ends as one line on standard error, with status 1."""
    from hto.business_time import ClocksDiffer
    from hto.client import NoKey, Refusal, Refused, Unreachable
    from hto.process import CannotServe

    try:
        return event_loop.run(work)
    except (NoKey, Refusal, Refused, Unreachable, ClocksDiffer, CannotServe) as error:
        raise failed(str(error)) from None


def run_part(work: Coroutine[Any, Any, T]) -> T:
    """Run a part of the system to its end; what its surroundings refuse it is one line on standard error."""
    import asyncpg
    from sqlalchemy.exc import DBAPIError

    from common.messaging.log import LogUnavailable, NotPermitted
    from common.persistence.databases import UnusableServer
    from common.runtime.settings import SettingsError
    from hto.process import CannotServe

    try:
        return event_loop.run(work)
    except SettingsError as error:
        raise wrong(str(error)) from None
    except (CannotServe, UnusableServer) as error:
        raise failed(str(error)) from None
    except NotPermitted as error:
        raise failed(f"The event log refuses: {error}") from None
    except LogUnavailable as error:
        raise failed(f"The event log at HTO_LOG_URL does not answer: {error or type(error).__name__}") from None
    except DBAPIError as error:
        raise failed(f"The database at HTO_DATABASE_URL refuses: {error.orig}") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise failed(f"The database at HTO_DATABASE_URL does not answer: {error or type(error).__name__}") from None


def wrong(message: str) -> typer.Exit:
    """Say on standard error what is wrong with the input; raise what this returns."""
    typer.echo(message, err=True)
    return typer.Exit(WRONG_INPUT)


def failed(message: str) -> typer.Exit:
    """Say on standard error what did not work; raise what this returns."""
    typer.echo(message, err=True)
    return typer.Exit(1)


def put_json(document: object) -> None:
    """Write a document for machines on standard output."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def is_terminal() -> bool:
    """Whether a person sees standard error as it is written."""
    return sys.stderr.isatty()
