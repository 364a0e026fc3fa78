"""`hto token`: an access token for one of the development clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hto.startup import AsJson, Keys, Url, client_for, put_json, run, wrong

if TYPE_CHECKING:
    from hto.client import Client, Who

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Print an access token of the development issuer, good for 15 minutes.\n\n"
    "Clients: portal, school-hr, company, trainer-app, desk, programme, operator; each has its usual roles.\n\n"
    'Examples: hto token --client operator; hto token --client portal --org ID --scope "vacancies:read '
    'vacancies:write"; curl -H "Authorization: Bearer $(hto token --client programme)" '
    "http://localhost:8000/operations/v1/figures/programme"
)
def token(
    client: Annotated[str, typer.Option(help="Which development client asks.")] = "portal",
    org: Annotated[list[UUID] | None, typer.Option(help="An organisation to act for; may be repeated.")] = None,
    trainer: Annotated[UUID | None, typer.Option(help="The trainer to act as.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Instead of the client's usual roles.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Of a desk: a labour-market region such as AM28.")] = None,
    scope: Annotated[str | None, typer.Option(help="Space-separated; without it everything there is.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    keys: Keys = None,
) -> None:
    """Print it."""
    from hto.client import Who
    from hto.issuer import DEVELOPMENT_CLIENTS

    if client not in DEVELOPMENT_CLIENTS:
        raise wrong(f"There is no development client {client}; there are {', '.join(DEVELOPMENT_CLIENTS)}.")
    who = Who(
        client=client,
        organisations=tuple(map(str, org or ())),
        trainer=str(trainer) if trainer else None,
        roles=tuple(role) if role else None,
        regions=tuple(region or ()),
        scope=scope,
    )
    text = run(_fetch(client_for(url, keys), who))
    if as_json:
        put_json({"accessToken": text, "tokenType": "Bearer", "client": client, **who.claims})
    else:
        typer.echo(text)


async def _fetch(client: Client, who: Who) -> str:
    async with client:
        return await client.token(who)
