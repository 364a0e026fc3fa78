"""Signing in: an access token in a cookie that scripts cannot read and other sites cannot send."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import TYPE_CHECKING, Final

from common.caller import Caller
from common.web.auth import KeysUnavailable, Unauthenticated
from operations.console import store as sign_outs

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from common.web import ApiContext

COOKIE: Final = "hto_console"
SECURE_COOKIE: Final = f"__Secure-{COOKIE}"
"""Where the console is served by https: a browser takes this name from no page that was served without it."""
_SECRET: Final = token_bytes(32)
"""Of this process: a form that was opened before a restart must be opened again."""
_LONGEST: Final = timedelta(days=7)
"""For how long a token that signed out is refused; every token that an issuer of ours gives ends sooner."""


async def caller_of(request: Request, context: ApiContext) -> Caller | None:
    """Return who signed in; None where nobody did, signed out, or where the token's time is over."""
    return await caller_with(_token(request), context)


async def caller_with(token: str, context: ApiContext) -> Caller | None:
    """Return whom a token speaks for; None where it is not one that we take, or has signed out."""
    try:
        caller = await context.verifier.verify(token)
    except (Unauthenticated, KeysUnavailable):
        return None
    async with context.database.begin(actor=caller.actor) as tx:
        return None if await sign_outs.has(tx, _hash(token)) else caller


def sign_in(response: Response, token: str, *, secure: bool) -> None:
    """Keep the token in the browser for as long as the browser is open."""
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(name, token, httponly=True, samesite="strict", secure=secure, path="/console")


async def sign_out(request: Request, response: Response, context: ApiContext) -> None:
    """Forget the token, in the browser and wherever else it is still used for the console."""
    secure = _is_secure(request)
    response.delete_cookie(
        SECURE_COOKIE if secure else COOKIE, path="/console", secure=secure, httponly=True, samesite="strict"
    )
    # Not its cookies: those of other applications at the same site are none of ours.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    caller = await caller_of(request, context)
    if caller is not None:
        async with context.database.begin(actor=caller.actor) as tx:
            await sign_outs.add(tx, _hash(_token(request)), _LONGEST)


def form_key(request: Request) -> str:
    """Return what a form must send back, so that only our own pages can post."""
    return hmac.new(_SECRET, _token(request).encode(), sha256).hexdigest()


def is_from_here(request: Request) -> bool:
    """Whether no page of another site sends this, as far as the browser says where it comes from.

    No other site signs anybody in under a token of its own, or out.
    """
    return request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}


def is_ours(request: Request, key: str) -> bool:
    """Whether a posted form came from one of our pages."""
    return hmac.compare_digest(form_key(request).encode(), key.encode(errors="replace"))


def _token(request: Request) -> str:
    return request.cookies.get(SECURE_COOKIE if _is_secure(request) else COOKIE, "")


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _hash(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()
