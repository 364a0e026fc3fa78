"""The console as an ASGI application, mounted at ``/console``; it works without JavaScript."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import structlog
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from common import inputs
from common.caller import Authority, Caller, CallerRole
from common.clock import AMSTERDAM
from common.decision import MissingDependency
from common.errors import DomainError, Forbidden, Message, NotFound
from common.runtime.telemetry import error_location
from common.web import HttpProblem
from common.web.idempotency import holder_of
from common.web.limits import RateLimit, address_of
from common.web.problems import MissingFact, NotCarriedOut
from common.web.wording import text as problems_in_words
from events import CATALOGUE, name_of
from operations import words
from operations.case import queries, wording
from operations.case.usecases.looking import record_look
from operations.console.forms import TooLarge, read_form
from operations.console.session import caller_of, caller_with, form_key, is_from_here, is_ours, sign_in, sign_out
from operations.figure import queries as counted
from operations.parked_event import queries as kept
from operations.parked_event import usecases as parking

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from common.web import ApiContext

log = structlog.get_logger()

_HERE: Final = Path(__file__).parent
_PAGE: Final = 50
_LOOK_EVERY: Final = 1.0
_LOOK_WITHIN: Final = 5.0
"""Seconds after which a look that does not end ends its stream; the browser opens it again."""
_STREAMS: Final = 200
"""So many pages of one process follow changes at once: each asks the database every second."""
_STAFF: Final = frozenset({CallerRole.PROGRAMME, CallerRole.OPERATOR, CallerRole.DESK})
SEE_CASES: Final = Authority("cases:read", _STAFF)
SEE_FIGURES: Final = Authority("figures:read", _STAFF)
SEE_PARKED: Final = Authority("flow:read", frozenset({CallerRole.OPERATOR, CallerRole.PROGRAMME}))
ORDER: Final = Authority("flow:write", frozenset({CallerRole.OPERATOR}))
"""What each page asks of a token: what the API asks for the same, and never less."""
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}

Page = Callable[["Request", Caller], Awaitable[Response]]


class OpenAgain(HttpProblem, status=403):
    """Open the page again and repeat."""


class Console:
    """The pages, over the same queries and use cases as the API."""

    def __init__(self, context: ApiContext) -> None:
        """Take what the API stands on."""
        self._context = context
        self._streams = 0
        self._limit = RateLimit(context.settings.rate_limit, per_client=context.settings.rate_limit_per_client)
        self._pages = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True
        )
        self._pages.filters["moment"] = _moment

    def app(self) -> Starlette:
        """Return the application; its paths begin at ``/``."""
        return Starlette(
            routes=[
                Route("/", self._signed_in(self.cases, SEE_CASES)),
                Route("/cases/{case_id:uuid}", self._signed_in(self.case, SEE_CASES)),
                Route("/figures", self._signed_in(self.figures, SEE_FIGURES)),
                Route("/parked", self._signed_in(self.parked, SEE_PARKED)),
                Route("/parked/{parked_id:uuid}", self._signed_in(self.order, ORDER), methods=["POST"]),
                Route("/changes", self._signed_in(self.changes, SEE_CASES)),
                Route("/sign-in", self._guarded(self.sign_in), methods=["GET", "POST"]),
                Route("/sign-out", self._guarded(self.sign_out), methods=["POST"]),
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
            case = await queries.one_case(tx, caller, request.path_params["case_id"])
            await record_look(tx, caller, case, await queries.people_in(tx, case["id"]))
            steps = await queries.all_steps(tx, caller, case)
            return self._page(request, "case.html", case=case, steps=steps, now=tx.now)

    async def figures(self, request: Request, caller: Caller) -> Response:
        """Show the programme's figures."""
        async with self._context.database.begin(actor=caller.actor) as tx:
            return self._page(request, "figures.html", figures=await counted.programme_figures(tx), now=tx.now)

    async def parked(self, request: Request, caller: Caller) -> Response:
        """Show what could not be handled."""
        async with self._context.database.begin(actor=caller.actor) as tx:
            rows = await kept.all_parked(tx)
            may_order = CallerRole.OPERATOR in caller.roles and ORDER.scope in caller.scopes
            return self._page(request, "parked.html", rows=rows, now=tx.now, may_order=may_order)

    async def order(self, request: Request, caller: Caller) -> Response:
        """Order a redrive or a discard."""
        form = await read_form(request)
        if not is_ours(request, form.get("key", "")):
            return self._error(request, OpenAgain())
        async with self._context.database.begin(actor=caller.actor) as tx:
            parked_id = request.path_params["parked_id"]
            if form.get("order") == "discard":
                await parking.order_discard(tx, parked_id, inputs.note(form.get("reason", "").strip() or "-"))
            else:
                await parking.order_redrive(tx, parked_id)
        return RedirectResponse(request.url_for("parked"), status_code=303)

    async def changes(self, request: Request, caller: Caller) -> Response:
        """Tell a page when something happened, as server-sent events, until the token ends or signs out."""

        async def stream() -> AsyncIterator[str]:
            self._streams += 1
            try:
                seen: Any = None
                while not await request.is_disconnected() and await caller_of(request, self._context) is not None:
                    newest = await self._newest(caller)
                    # That something happened, not what: the newest step may be of a case that is not the caller's.
                    yield "data: changed\n\n" if seen is not None and newest != seen else ": \n\n"
                    seen = newest
                    await asyncio.sleep(_LOOK_EVERY)
            except Exception as error:  # noqa: BLE001 - this stream ends, and the browser asks again
                log.warning("console.stream-ended", reason=error_location(error))
            finally:
                self._streams -= 1

        if self._streams >= _STREAMS:
            return Response(status_code=503, headers={"Retry-After": "30"})
        return StreamingResponse(stream(), media_type="text/event-stream", headers=_HEADERS)

    async def _newest(self, caller: Caller) -> Any:
        async with asyncio.timeout(_LOOK_WITHIN), self._context.database.begin(actor=caller.actor) as tx:
            return await queries.newest_step(tx)

    async def sign_in(self, request: Request) -> Response:
        """Take a token."""
        await self._limit.count_address(address_of(request))
        if request.method == "GET":
            return self._page(request, "sign_in.html", refused=False, now=None)
        token = (await read_form(request)).get("token", "").strip()
        caller = await caller_with(token, self._context)
        if caller is None or caller.roles.isdisjoint(_STAFF):
            return self._page(request, "sign_in.html", status=401, refused=True, now=None)
        answer = RedirectResponse(f"{request.scope['root_path']}/", status_code=303)
        sign_in(answer, token, secure=request.url.scheme == "https")
        return answer

    async def sign_out(self, request: Request) -> Response:
        """Forget the token."""
        answer = RedirectResponse(f"{request.scope['root_path']}/sign-in", status_code=303)
        await sign_out(request, answer, self._context)
        return answer

    def _signed_in(self, page: Page, authority: Authority) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            caller = await caller_of(request, self._context)
            if caller is None or caller.roles.isdisjoint(_STAFF):
                await self._limit.count_address(address_of(request))
                return RedirectResponse(f"{request.scope['root_path']}/sign-in", status_code=303)
            await self._limit.count(caller.client, holder_of(caller))
            return await page(request, authority.check(caller))

        answer.__name__ = page.__name__
        return self._guarded(answer)

    def _guarded(self, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Show a refusal as a page."""

        async def endpoint(request: Request) -> Response:
            if request.method == "POST" and not is_from_here(request):
                return self._error(request, OpenAgain())
            try:
                return await page(request)
            except HttpProblem as problem:
                return self._error(request, problem)
            except (DomainError, MissingDependency, ValueError) as error:
                return self._refused(request, error)

        endpoint.__name__ = page.__name__
        return endpoint

    def _error(self, request: Request, problem: HttpProblem) -> Response:
        page = self._explained(request, problem.status, problem.message)
        page.headers.update(problem.headers)
        return page

    def _refused(self, request: Request, error: Exception) -> Response:
        status = next(status for kind, status in _REFUSALS if isinstance(error, kind))
        if isinstance(error, DomainError):
            return self._explained(request, status, error.message)
        problem = MissingFact(fact=error.fact) if isinstance(error, MissingDependency) else NotCarriedOut()
        return self._explained(request, status, problem.message)

    def _explained(self, request: Request, status: int, message: Message) -> Response:
        text = problems_in_words(message, _language(request))
        return self._page(request, "error.html", status=status, text=text, now=None)

    def _page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        language = _language(request)
        text = self._pages.get_template(template).render(
            **values,
            root=request.scope["root_path"],
            lang=language,
            w=lambda name: words.word(name, language),
            kind_text=lambda code: wording.kind(code, language),
            step_text=lambda code: wording.step(code, language),
            known=_is_known,
            form_key=form_key(request),
            path=request.url.path,
        )
        return HTMLResponse(text, status_code=status, headers=_HEADERS)


def create_console(context: ApiContext) -> Starlette:
    """Return the console over one operations database."""
    return Console(context).app()


def _language(request: Request) -> words.Language:
    return "en" if request.query_params.get("lang") == "en" else "nl"


_REFUSALS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (TooLarge, 413),
    (NotFound, 404),
    (MissingDependency, 503),
    (Forbidden, 403),
    (Exception, 400),
)


def _moment(value: datetime | None) -> str:
    return value.astimezone(AMSTERDAM).strftime("%d-%m-%Y %H:%M") if value else ""


def _is_known(event: str) -> bool:
    """Whether this version knows the event of this name."""
    return any(name_of(type_) == event for type_ in CATALOGUE)
