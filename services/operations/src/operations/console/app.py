"""The console as an ASGI application, mounted at ``/console``; it works without JavaScript."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from common.auth import Caller, Role
from common.clock import AMSTERDAM
from common.decision import Missing
from common.errors import DomainError, NotFound
from operations import queries
from operations.console.session import caller_of, caller_with, form_key, is_ours, sign_in, sign_out
from operations.console.texts import Language, word
from operations.usecases import parking

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from common.http import Context

_HERE: Final = Path(__file__).parent
_PAGE: Final = 50
_LOOK_EVERY: Final = 1.0
_STAFF: Final = (Role.PROGRAMME, Role.OPERATOR, Role.DESK)
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}

Page = Callable[["Request", Caller], Awaitable[Response]]


class Console:
    """The pages, over the same queries and use cases as the API."""

    def __init__(self, context: Context) -> None:
        """Take what the API stands on."""
        self._context = context
        self._pages = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True
        )
        self._pages.filters["moment"] = _moment

    def app(self) -> Starlette:
        """Return the application; its paths begin at ``/``."""
        return Starlette(
            routes=[
                Route("/", self._signed_in(self.cases)),
                Route("/cases/{case_id:uuid}", self._signed_in(self.case)),
                Route("/figures", self._signed_in(self.figures)),
                Route("/parked", self._signed_in(self.parked)),
                Route("/parked/{parked_id:uuid}", self._signed_in(self.order), methods=["POST"]),
                Route("/changes", self._signed_in(self.changes)),
                Route("/sign-in", self.sign_in, methods=["GET", "POST"]),
                Route("/sign-out", self.sign_out, methods=["POST"]),
                Mount("/static", StaticFiles(directory=_HERE / "static")),
            ]
        )

    async def cases(self, request: Request, caller: Caller) -> Response:
        """List cases, the one that changed last first."""
        asked = request.query_params.get("show", "all")
        before = request.query_params.get("before")
        async with self._context.database.begin(actor=caller.actor) as tx:
            rows = await queries.newest_cases(
                tx,
                caller,
                is_open=True if asked == "open" else None,
                overdue_at=tx.now if asked == "late" else None,
                before=UUID(before) if before else None,
                limit=_PAGE + 1,
            )
            return self._page(request, "cases.html", rows=rows[:_PAGE], more=len(rows) > _PAGE, asked=asked, now=tx.now)

    async def case(self, request: Request, caller: Caller) -> Response:
        """Show one case: what is owed, and every step across all services."""
        async with self._context.database.begin(actor=caller.actor) as tx:
            found = await queries.one_case(tx, caller, request.path_params["case_id"])
            steps = await queries.all_steps(tx, found["id"])
            return self._page(request, "case.html", case=found, steps=steps, now=tx.now)

    async def figures(self, request: Request, caller: Caller) -> Response:
        """Show the programme's figures."""
        async with self._context.database.begin(actor=caller.actor) as tx:
            return self._page(request, "figures.html", figures=await queries.programme_figures(tx), now=tx.now)

    async def parked(self, request: Request, caller: Caller) -> Response:
        """Show what could not be handled."""
        caller.must_be(Role.OPERATOR, Role.PROGRAMME)
        async with self._context.database.begin(actor=caller.actor) as tx:
            rows = await queries.all_parked(tx)
            return self._page(request, "parked.html", rows=rows, now=tx.now, may_order=Role.OPERATOR in caller.roles)

    async def order(self, request: Request, caller: Caller) -> Response:
        """Order a redrive or a discard."""
        caller.must_be(Role.OPERATOR)
        form = await _form(request)
        if not is_ours(request, form.get("key", "")):
            return self._page(request, "error.html", status=403, text="Open the page again and repeat.", now=None)
        async with self._context.database.begin(actor=caller.actor) as tx:
            parked_id = request.path_params["parked_id"]
            if form.get("order") == "discard":
                await parking.order_discard(tx, parked_id, form.get("reason", "").strip() or "-")
            else:
                await parking.order_redrive(tx, parked_id)
        return RedirectResponse(request.url_for("parked"), status_code=303)

    async def changes(self, request: Request, caller: Caller) -> Response:
        """Tell a page that looks at cases when something happened (server-sent events)."""

        async def stream() -> AsyncIterator[str]:
            seen: Any = None
            while not await request.is_disconnected():
                async with self._context.database.begin(actor=caller.actor) as tx:
                    newest = await queries.newest_step(tx)
                yield f"data: {newest}\n\n" if seen is not None and newest != seen else ": \n\n"
                seen = newest
                await asyncio.sleep(_LOOK_EVERY)

        return StreamingResponse(stream(), media_type="text/event-stream", headers=_HEADERS)

    async def sign_in(self, request: Request) -> Response:
        """Take a token."""
        if request.method == "GET":
            return self._page(request, "sign_in.html", refused=False, now=None)
        token = (await _form(request)).get("token", "").strip()
        caller = await caller_with(token, self._context.verifier)
        if caller is None or caller.roles.isdisjoint(_STAFF):
            return self._page(request, "sign_in.html", status=401, refused=True, now=None)
        answer = RedirectResponse(f"{request.scope['root_path']}/", status_code=303)
        sign_in(answer, token, secure=request.url.scheme == "https")
        return answer

    async def sign_out(self, request: Request) -> Response:
        """Forget the token."""
        answer = RedirectResponse(f"{request.scope['root_path']}/sign-in", status_code=303)
        sign_out(answer)
        return answer

    def _signed_in(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            caller = await caller_of(request, self._context.verifier)
            if caller is None or caller.roles.isdisjoint(_STAFF):
                return RedirectResponse(f"{request.scope['root_path']}/sign-in", status_code=303)
            try:
                return await page(request, caller)
            except NotFound as error:
                return self._page(request, "error.html", status=404, text=str(error), now=None)
            except Missing as error:
                return self._page(request, "error.html", status=503, text=str(error), now=None)
            except (DomainError, ValueError) as error:
                return self._page(request, "error.html", status=400, text=str(error), now=None)

        endpoint.__name__ = page.__name__
        return endpoint

    def _page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        language: Language = "en" if request.query_params.get("lang") == "en" else "nl"
        text = self._pages.get_template(template).render(
            **values,
            root=request.scope["root_path"],
            lang=language,
            w=lambda name: word(name, language),
            form_key=form_key(request),
            path=request.url.path,
        )
        return HTMLResponse(text, status_code=status, headers=_HEADERS)


def create_console(context: Context) -> Starlette:
    """Return the console over one operations database."""
    return Console(context).app()


def _moment(value: datetime | None) -> str:
    return value.astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M") if value else ""


async def _form(request: Request) -> Mapping[str, str]:
    body = (await request.body())[:65536]
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
