"""Dependencies of routes by annotation, and their declarations: scope and roles, or why no token is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.params import Depends as Dependency

from common import caller
from common.persistence.transaction import Tx
from common.web import auth, language
from common.web.problems import HttpProblem, challenge
from common.web.request_context import RequestContext


class NoToken(HttpProblem, status=401, code="no-token"):
    """Send an access token in the Authorization header."""


class InvalidToken(HttpProblem, status=401, code="invalid-token"):
    """{why}."""


async def authenticate(request: Request) -> caller.Caller:
    """Return who calls, by the Authorization header and nothing else.

    Raises:
        HttpProblem: 401, with the challenge that RFC 6750 asks for.
    """
    exchange = RequestContext.of(request)
    if exchange.caller is None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NoToken(headers={"WWW-Authenticate": challenge()})
        try:
            exchange.caller = await exchange.context.verifier.verify(token.strip())
        except auth.Unauthenticated as error:
            headers = {"WWW-Authenticate": challenge("invalid_token", error_description=error)}
            raise InvalidToken(headers=headers, why=error.why) from None
    return exchange.caller


async def _language(request: Request, response: Response) -> language.Language:
    found = language.of(request)
    response.headers.update(language.headers(found))
    return found


async def _begin(request: Request) -> Tx:
    return await RequestContext.of(request).begun()


async def _now(tx: Annotated[Tx, Depends(_begin)]) -> datetime:
    return tx.now


Caller = Annotated[caller.Caller, Depends(authenticate)]
"""Who calls."""
InTx = Annotated[Tx, Depends(_begin)]
"""The request's transaction; it commits before the answer leaves, and a lost race runs the route again."""
Now = Annotated[datetime, Depends(_now)]
"""The business moment of the request, UTC: the transaction's."""


Language = Annotated[language.Language, Depends(_language)]
"""The language that the caller prefers; the answer says which one it is in."""


@dataclass(frozen=True)
class Declaration(Dependency):
    """Something that a route says of itself; it does nothing when the route runs."""


@dataclass(frozen=True)
class Scope(Declaration):
    """The scope that a token must have."""

    name: str = ""


@dataclass(frozen=True)
class Roles(Declaration):
    """The roles of which a caller needs one."""

    names: frozenset[caller.CallerRole] = frozenset()


@dataclass(frozen=True)
class Public(Declaration):
    """No token is needed, for a reason."""

    reason: str = ""


@dataclass(frozen=True)
class Creates(Declaration):
    """A PUT at an address that the caller chose, or of a fact that cannot change: repeating it changes nothing."""


@dataclass(frozen=True)
class Largest(Declaration):
    """How many bytes a request's body may have."""

    size: int = 0


def scope(name: str) -> Any:
    """Declare the scope that the route's callers need, such as ``vacancies:write``."""
    return Scope(_declared, name=name)


def roles(*names: caller.CallerRole) -> Any:
    """Declare the roles of which the route's callers need one; every write declares them.

    Any other role of the same token counts for nothing while the route runs.
    """
    return Roles(_declared, names=frozenset(names))


def public(reason: str) -> Any:
    """Declare that the route needs no token, and why; the reason is in the document."""
    return Public(_declared, reason=reason)


def creates_resource() -> Any:
    """Declare a PUT that needs no If-Match: a client-chosen UUIDv7, or a fact such as a signature."""
    return Creates(_declared)


def max_body_size(size: int) -> Any:
    """Declare that the route takes bodies of up to that many bytes, such as an import's file."""
    return Largest(_declared, size=size)


async def _declared() -> None:
    """Do nothing: a declaration is read when the route is made."""
