"""A route: who may call it, one transaction around it, committed before the answer leaves."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

from fastapi import APIRouter, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from prometheus_client import Counter
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from common.caller import Authority, Caller
from common.runtime.backoff import backoff
from common.runtime.failures import Failure, failure_of, is_duplicate, is_worth_another_try
from common.web import admission, bodies, etags, idempotency
from common.web.dependencies import Creates, Declaration, Largest, Public, Roles, Scope, authenticate
from common.web.limits import address_of
from common.web.problems import HttpProblem
from common.web.request_context import ANSWERING, RequestContext
from common.web.views import is_list, says_no_kind_of_time

D = TypeVar("D", bound=Declaration)
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

TRIES: Final = 4
"""How often a route is run when it keeps losing a race."""
RUN_AGAIN: Final = Counter("hto_http_retries_total", "Requests run again", ["service", "why"])
LARGEST: Final = 1024 * 1024
"""Bytes of a body, unless a route says otherwise."""
_REFUSED: Final = 400


class Route(APIRoute):
    """One operation, declared completely: what is missing is an error when its module is loaded."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[params.Depends] | None = None,
        **settings: Any,
    ) -> None:
        """Take what FastAPI takes."""
        given = list(dependencies or ())
        self.declared = [dependency for dependency in given if isinstance(dependency, Declaration)]
        needed = [dependency for dependency in given if not isinstance(dependency, Declaration)]
        super().__init__(path, _recording(endpoint), dependencies=needed, **settings)
        for query in _fields(self.dependant, "query_params"):
            if query.field_info.alias == query.name:
                query.field_info.alias = to_camel(query.name)
        self.queries = frozenset(query.alias for query in _fields(self.dependant, "query_params"))
        self.lists = frozenset(
            query.alias for query in _fields(self.dependant, "query_params") if is_list(query.field_info.annotation)
        )
        """Queries that may be given more than once."""
        self.headers = frozenset(header.alias for header in _fields(self.dependant, "header_params"))
        self.media_type = admission.media_type_of(self.response_class)
        self.accepts = self._accepts()
        if admission.JSON in self.accepts:
            for field in self.dependant.body_params:
                bodies.read_strictly(field)
        _refuse(f"{endpoint.__module__}.{endpoint.__qualname__}", self._faults(endpoint))

    @functools.cached_property
    def method(self) -> str:
        """Its one method."""
        return next(iter(self.methods or {"GET"}))

    @functools.cached_property
    def scope(self) -> str | None:
        """The scope that a token needs; None for a public route."""
        found = self.declaration(Scope)
        return found.name if found else None

    @functools.cached_property
    def authority(self) -> Authority | None:
        """The scope and roles that the route asks of a caller; None for a public route."""
        if self.scope is None:
            return None
        found = self.declaration(Roles)
        return Authority(self.scope, found.names if found else frozenset())

    @functools.cached_property
    def public(self) -> str | None:
        """Why it needs no token; None where it does."""
        found = self.declaration(Public)
        return found.reason if found else None

    @functools.cached_property
    def needs_key(self) -> bool:
        """Whether the caller must name each write, so that one sent twice happens once."""
        return self.method == "POST" and self.public is None

    @functools.cached_property
    def needs_version(self) -> bool:
        """Whether it changes something that exists."""
        return self.method not in {"GET", "POST"} and self.declaration(Creates) is None and self.public is None

    @functools.cached_property
    def largest(self) -> int:
        """How many bytes a body may have."""
        found = self.declaration(Largest)
        return found.size if found else LARGEST

    def declaration(self, kind: type[D]) -> D | None:
        """Return what the route says of this kind."""
        return next((found for found in self.declared if isinstance(found, kind)), None)

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's handler: admission before it, the transaction around it."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            return await self._answer(bodies.StrictRequest(request, self.largest), handler)

        return answer

    async def _answer(self, request: Request, handler: Handler) -> Response:
        exchange = RequestContext.of(request)
        key = await self._admit(request, exchange)
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(request, exchange, handler, key)
            except Exception as error:
                failure = failure_of(error)
                lost, away = failure is Failure.LOST_RACE, failure is Failure.AWAY
                again = lost or (away and is_worth_another_try(error) and not exchange.committing)
                if not again or attempt == TRIES:
                    # A key that is taken every time is no race but our mistake.
                    if away or (lost and not is_duplicate(error)):
                        raise HttpProblem.unavailable() from error
                    raise
                RUN_AGAIN.labels(exchange.context.database.service, "race" if lost else "away").inc()
                await asyncio.sleep(backoff(attempt, first=0.01, most=0.2))
        raise AssertionError(TRIES)  # pragma: no cover - the last attempt returns or raises

    async def _admit(self, request: Request, exchange: RequestContext) -> idempotency.Key | None:
        """Let the request in, cheapest reason to refuse first; its body is read before anything is opened."""
        caller = await self._caller(request, exchange)
        if caller and self.authority:
            exchange.caller = caller = self.authority.check(caller)
        admission.check_form_of_answer(request, self.media_type)
        admission.check_queries(request, self.queries, self.lists)
        etags.check_length(request.headers.get("if-none-match"))
        body = await request.body() if self.accepts or self.needs_key else b""
        if body and self.accepts:
            admission.check_form_of_body(request, self.accepts)
            if admission.JSON in self.accepts:
                bodies.check_text(body)
        return idempotency.Key.of(request, caller, body) if caller and self.needs_key else None

    async def _caller(self, request: Request, exchange: RequestContext) -> Caller | None:
        """Return who calls, counted; a refused token counts for its address, so that nobody tries them for ever."""
        if self.public is not None:
            exchange.headers.update(await exchange.limit.count_address(address_of(request)))
            return None
        try:
            caller = await authenticate(request)
        except HttpProblem as refused:
            if refused.status == HTTPStatus.UNAUTHORIZED:
                exchange.headers.update(await exchange.limit.count_address(address_of(request)))
            raise
        exchange.headers.update(await exchange.limit.count(caller.client, idempotency.holder_of(caller)))
        return caller

    async def _once(
        self, request: Request, exchange: RequestContext, handler: Handler, key: idempotency.Key | None
    ) -> Response:
        async with exchange.transaction():
            if key and (stored := await idempotency.replay(await exchange.begun(), key)):
                return stored
            response = await handler(request)
            if response.status_code >= _REFUSED:
                raise TypeError("a route refuses by raising: an error that is returned would be committed")
            if (
                response.status_code == HTTPStatus.CREATED
                and self.method == "POST"
                and hasattr(exchange.answered, "id")
            ):
                response.headers.setdefault("Location", f"{request.url.path}/{exchange.answered.id}")
            response = self._tagged(request, exchange, response)
            if key:
                await idempotency.store(await exchange.begun(), key, response)
        return response

    def _tagged(self, request: Request, exchange: RequestContext, response: Response) -> Response:
        """Put the version on the answer; leave out what the caller has already."""
        version = getattr(exchange.answered, "version", None)
        if not isinstance(version, int):
            return response
        tag = etags.etag(version)
        response.headers.setdefault("ETag", tag)
        if request.method == "GET" and etags.is_known(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers={"ETag": tag})
        return response

    def _accepts(self) -> frozenset[str]:
        if self.body_field is None:
            return frozenset()
        return frozenset({str(getattr(self.body_field.field_info, "media_type", admission.JSON))})

    def _faults(self, endpoint: Callable[..., Any]) -> Iterator[str]:
        """Tell what the declaration lacks."""
        if len(self.methods or ()) != 1:
            yield "one operation takes one method"
        if not inspect.iscoroutinefunction(endpoint):
            yield "it must be async"
        if (self.scope is None) == (self.public is None):
            yield "declare either scope('things:verb') or public('why')"
        if self.method != "GET" and self.public is None and not (self.authority and self.authority.roles):
            yield "it writes: declare roles(...) beside its scope"
        if self.public is not None and self.declaration(Roles) is not None:
            yield "a public route has no roles"
        if not self.description or not self.tags:
            yield "it needs a docstring and its router a tag: both are in the document"
        if not self.media_type:
            yield "its response class must name its media type"
        fields = self.dependant.body_params
        if admission.JSON in self.accepts and not (len(fields) == 1 and bodies.is_of_commands(fields[0])):
            yield "its body must be one Command"
        yield from self._times_without_bounds()
        if self.needs_version and "if-match" not in self.headers:
            yield "it changes what exists: take IfMatch, or declare creates_resource()"

    def _times_without_bounds(self) -> Iterator[str]:
        for asked in (*_fields(self.dependant, "query_params"), *_fields(self.dependant, "path_params")):
            if says_no_kind_of_time(asked.field_info.annotation, asked.field_info.metadata, days=True):
                yield f"{asked.name} must be a Day, a Moment or a ClockTime"


class Router(APIRouter):
    """The routes of one aggregate: ``Router(tags=["Vacancies"])``."""

    def __init__(self, **settings: Any) -> None:
        """Take what FastAPI takes."""
        super().__init__(**{"route_class": Route, "redirect_slashes": False, **settings})


def _recording(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Have the endpoint leave what it returned with the exchange: the answer's version is on it."""

    @functools.wraps(endpoint)
    async def recorded(*args: Any, **named: Any) -> Any:
        answered = await endpoint(*args, **named)
        ANSWERING.get().answered = answered
        return answered

    return recorded


def _fields(dependant: Dependant, kind: str) -> Iterator[Any]:
    yield from getattr(dependant, kind)
    for needed in dependant.dependencies:
        yield from _fields(needed, kind)


def _refuse(name: str, faults: Iterator[str]) -> None:
    found = list(faults)
    if found:
        raise TypeError(f"{name}: {'; '.join(found)}")
