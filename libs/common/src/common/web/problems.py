"""Everything that goes wrong, said in one form: ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi.exceptions import RequestValidationError
from opentelemetry import trace
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ExceptionHandler

from common.caller import InsufficientScope
from common.decision import MissingDependency, NotCovered
from common.errors import Conflict, DomainError, Forbidden, Invalid, InvalidParam, NotFound, Refused, StaleVersion
from common.messaging.log import LogUnavailable
from common.runtime.telemetry import error_location
from common.web.auth import KeysUnavailable

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = "https://hybride-techniekopleiders.nl/problems"
RETRY_AFTER: Final = {"Retry-After": "1"}
MOST_FAULTS: Final = 250
"""Faults that are named; the detail counts all of them."""

STATUS_OF: Final[Mapping[type[Exception], HTTPStatus]] = {
    Invalid: HTTPStatus.BAD_REQUEST,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    # Well-formed and at the right moment, but a rule says no: repeating it changes nothing.
    Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    DomainError: HTTPStatus.UNPROCESSABLE_ENTITY,
    # The rule is known and says nothing about that day: repeating it changes nothing either.
    NotCovered: HTTPStatus.UNPROCESSABLE_ENTITY,
    # Not yet, or not now: the same request may succeed.
    MissingDependency: HTTPStatus.SERVICE_UNAVAILABLE,
    StaleVersion: HTTPStatus.SERVICE_UNAVAILABLE,
    LogUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    KeysUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Which refusal has which status; the nearest class counts."""

_TITLES: Final[Mapping[int, str]] = {
    400: "The request is not valid",
    401: "Say who you are",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    406: "Not available in that form",
    409: "This does not fit the present state",
    412: "It has changed since you read it",
    413: "Too large",
    415: "This form is not understood",
    422: "Refused by a rule",
    428: "Say which version you mean",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Not available at this moment",
}
_UNAVAILABLE: Final = "A part that this needs does not answer at this moment; the same request may succeed later."


class InvalidParamView(BaseModel):
    """One fault of the input."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    """Where: a lowerCamelCase path such as ``roster.0.startsAt``, or the parameter's name."""
    reason: str
    code: str


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, use_attribute_docstrings=True
    )

    type: str
    """An address that identifies the kind of problem; its last segment is the code."""
    title: str
    status: int
    detail: str
    instance: str
    """The path that was called."""
    invalid_params: list[InvalidParamView] | None = None
    """Every fault of the input at once."""
    facts: dict[str, str | int | bool | None] | None = None
    """What a refusal's detail is made of, for machines."""
    trace_id: str | None = None
    """With this an operator finds what happened."""


class HttpProblem(Exception):
    """A refusal that belongs to HTTP itself: a missing header, a wrong media type, a limit."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        params: Sequence[InvalidParam] = (),
    ) -> None:
        """``code`` is kebab-case, by default the status's phrase."""
        super().__init__(detail)
        self.status, self.detail, self.headers, self.params = int(status), detail, dict(headers or {}), params
        self.code = code or HTTPStatus(status).phrase.lower().replace(" ", "-").replace("'", "")

    @classmethod
    def unavailable(cls) -> HttpProblem:
        """Say that a part does not answer, without naming it."""
        return cls(HTTPStatus.SERVICE_UNAVAILABLE, _UNAVAILABLE, headers=RETRY_AFTER)

    @classmethod
    def invalid(cls, *params: InvalidParam) -> HttpProblem:
        """Report faults of the input."""
        many = "has faults" if len(params) != 1 else "has a fault"
        if len(params) > MOST_FAULTS:
            many = f"has {len(params)} faults, of which the first {MOST_FAULTS} are named"
        said = f"The request {many}: see invalidParams."
        return cls(HTTPStatus.BAD_REQUEST, said, code="invalid", params=params[:MOST_FAULTS])


def problem_response(request: Request, problem: HttpProblem, *, facts: Mapping[str, Any] | None = None) -> Response:
    """Return the answer for a problem."""
    span = trace.get_current_span().get_span_context()
    body = Problem(
        type=f"{TYPES}/{problem.code}",
        title=_TITLES.get(problem.status, HTTPStatus(problem.status).phrase),
        status=problem.status,
        detail=problem.detail,
        instance=request.url.path,
        invalid_params=[InvalidParamView(name=p.name, reason=p.reason, code=p.code) for p in problem.params] or None,
        facts={to_camel(name): _plain(value) for name, value in (facts or {}).items()} or None,
        trace_id=f"{span.trace_id:032x}" if span.is_valid else None,
    )
    content = body.model_dump_json(exclude_none=True)
    return Response(content, status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HttpProblem)  # noqa: S101 - Starlette's handlers are typed for any exception
    return problem_response(request, error)


async def _refusal(request: Request, error: Exception) -> Response:
    status = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        log.warning("http.not_now", error=error_location(error))
        detail = str(error) if isinstance(error, MissingDependency) else _UNAVAILABLE
        return problem_response(request, HttpProblem(status, detail, headers=RETRY_AFTER))
    if isinstance(error, NotCovered):
        facts = {"rule": error.code, "day": error.day.isoformat()}
        detail = f"No value of the rule {error.code} is known for {error.day.isoformat()}."
        return problem_response(request, HttpProblem(status, detail, code="no-rule-for-that-day"), facts=facts)
    assert isinstance(error, DomainError)  # noqa: S101 - the other rows of the table are all 503
    headers = {"WWW-Authenticate": challenge("insufficient_scope", **error.facts)} if _lacks_scope(error) else {}
    params = error.params if isinstance(error, Invalid) else ()
    facts = {} if isinstance(error, Invalid) else error.facts
    return problem_response(
        request, HttpProblem(status, str(error), code=error.code, headers=headers, params=params), facts=facts
    )


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - Starlette's handlers are typed for any exception
    params = [InvalidParam(_name(fault["loc"]), str(fault["msg"]), _code(fault)) for fault in error.errors()]
    return problem_response(request, HttpProblem.invalid(*params))


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's handlers are typed for any exception
    headers = dict(error.headers or {})
    details = {404: "There is nothing at this address.", 405: "This address does not take that method."}
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request))) or headers.get("Allow", "GET")
    if error.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        return problem_response(request, HttpProblem(HTTPStatus.BAD_REQUEST, str(error.detail), headers=headers))
    detail = details.get(error.status_code, str(error.detail))
    return problem_response(request, HttpProblem(error.status_code, detail, headers=headers))


async def _unforeseen(request: Request, error: Exception) -> Response:
    # Only kind and place: a message may hold what somebody sent.
    causes = [error_location(error)]
    while (cause := error.__cause__ or error.__context__) is not None and len(causes) < 5:  # noqa: PLR2004 - enough
        causes.append(error_location(cause))
        error = cause if isinstance(cause, Exception) else Exception()
    log.error("http.unforeseen", route=route_of(request), causes=causes)
    detail = "The fault is on our side and has been recorded."
    return problem_response(request, HttpProblem(HTTPStatus.INTERNAL_SERVER_ERROR, detail))


async def _gone(request: Request, error: Exception) -> Response:  # noqa: ARG001 - a handler's shape
    # The caller left in the middle of its request: nobody reads this answer.
    return problem_response(request, HttpProblem(HTTPStatus.BAD_REQUEST, "The request ended early."))


HANDLERS: Final[Mapping[Any, ExceptionHandler]] = {
    HttpProblem: _http_problem,
    **dict.fromkeys(STATUS_OF, _refusal),
    RequestValidationError: _invalid,
    HTTPException: _http_exception,
    ClientDisconnect: _gone,
    Exception: _unforeseen,
}


def challenge(error: str | None = None, **parameters: object) -> str:
    """Return the value of ``WWW-Authenticate`` (RFC 6750)."""
    fields = {"realm": "hto", **({"error": error} if error else {}), **parameters}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in fields.items())


def route_of(request: Request) -> str:
    """Return the route's template, which has no ids in it."""
    route = request.scope.get("route")
    return str(getattr(route, "path_format", "unknown"))


def _lacks_scope(error: Exception) -> bool:
    return isinstance(error, InsufficientScope)


def _plain(value: object) -> str | int | bool | None:
    return value if value is None or isinstance(value, bool | int) else str(value)


def _name(location: Sequence[str | int]) -> str:
    """Tell where in the caller's words: the path in the body, or the parameter's name."""
    source, *path = location
    if not path:
        return str(source)
    first = to_camel(str(path[0])) if source == "path" else str(path[0])
    # A validator's own name may stand in pydantic's path, with brackets that no field of ours has.
    return ".".join([first, *(str(part) for part in path[1:] if "[" not in str(part))])


def _code(fault: Mapping[str, Any]) -> str:
    return str(fault["type"]).replace("_", "-")


def _methods(request: Request) -> set[str]:
    """Return every method that the address takes: the router itself only knows the first route's."""
    methods: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return methods | ({"HEAD"} if "GET" in methods else set())
