"""Signing in: an access token in a cookie that scripts cannot read and other sites cannot send."""

from __future__ import annotations

import hmac
from hashlib import sha256
from secrets import token_bytes
from typing import TYPE_CHECKING, Final

from common.auth import Caller, KeysUnavailable, Unauthenticated, Verifier

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

COOKIE: Final = "hto_console"
_SECRET: Final = token_bytes(32)
"""Of this process: a form that was opened before a restart must be opened again."""


async def caller_of(request: Request, verifier: Verifier) -> Caller | None:
    """Return who signed in; None where nobody did, or where the token's time is over."""
    return await caller_with(request.cookies.get(COOKIE, ""), verifier)


async def caller_with(token: str, verifier: Verifier) -> Caller | None:
    """Return whom a token speaks for; None where it is not one that we take."""
    try:
        return await verifier.verify(token)
    except (Unauthenticated, KeysUnavailable):
        return None


def sign_in(response: Response, token: str, *, secure: bool) -> None:
    """Keep the token in the browser for as long as the browser is open."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/console")


def sign_out(response: Response) -> None:
    """Forget the token."""
    response.delete_cookie(COOKIE, path="/console")


def form_key(request: Request) -> str:
    """Return what a form must send back, so that only our own pages can post."""
    return hmac.new(_SECRET, request.cookies.get(COOKIE, "").encode(), sha256).hexdigest()


def is_ours(request: Request, key: str) -> bool:
    """Whether a posted form came from one of our pages."""
    return hmac.compare_digest(form_key(request), key)
