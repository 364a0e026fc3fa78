"""`hto openapi`: write, check or print the API documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hto.committed import write_or_check
from hto.startup import ServiceName

if TYPE_CHECKING:
    from common.service import Service

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(help="Print one service's OpenAPI document; or write or check all of them in docs/api.")
def openapi(
    name: Annotated[ServiceName | None, typer.Argument(metavar="[SERVICE]", help="Which one to print.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write them.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where the committed documents differ.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the documents are.")] = Path("docs/api"),
) -> None:
    """Do one of the three."""
    from hto.services import all_services

    services = all_services()
    if write or check:
        write_or_check({folder / f"{each.name}.json": _document(each) for each in services}, write=write)
    for service in services:
        if name is None or name.value == service.name:
            typer.echo(_document(service), nl=False)


def _document(service: Service) -> str:
    from common.persistence.database import Database
    from common.runtime.settings import Settings
    from common.web import Api, ApiContext
    from common.web.auth import Verifier

    # Nothing is opened: the document is the same in every environment.
    nowhere = "postgresql:///none"
    settings = Settings(environment="development", database_url=nowhere, log_url=nowhere)
    database = Database(settings.database_url, service=service.name, metadata=service.tables, oin=settings.oin)
    context = ApiContext(database=database, settings=settings, verifier=Verifier({}, audience=settings.audience))
    return json.dumps(Api(service, context).document, indent=2, ensure_ascii=False) + "\n"
