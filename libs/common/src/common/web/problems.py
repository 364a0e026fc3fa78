"""Every refusal in one form, ``application/problem+json`` (RFC 9457), in Dutch or English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Final

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
from common.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    InvalidParam,
    Message,
    NotFound,
    Refused,
    StaleVersion,
)
from common.messaging.log import LogUnavailable
from common.runtime.telemetry import error_location
from common.web import language, wording
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

TITLES: Final[Mapping[int, Message]] = {
    400: Message("Bad request"),
    401: Message("Authentication required"),
    403: Message("Forbidden"),
    404: Message("Not found"),
    405: Message("Method not allowed"),
    406: Message("Not acceptable"),
    409: Message("Conflict with current state"),
    412: Message("Precondition failed"),
    413: Message("Content too large"),
    415: Message("Unsupported media type"),
    422: Message("Unprocessable content"),
    428: Message("Precondition required"),
    429: Message("Too many requests"),
    500: Message("Internal server error"),
    502: Message("Bad gateway"),
    503: Message("Service unavailable"),
}
_OTHER_TITLE: Final = Message("Request failed")


class InvalidParamView(BaseModel):
    """One fault of the input."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    """Where: a lowerCamelCase path such as ``roster.0.startsAt``, or the parameter's name."""
    reason: str
    """Why, in the language of ``Content-Language``."""
    code: str
    """The same in every language."""


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, use_attribute_docstrings=True
    )

    type: str
    """An address that identifies the kind of problem; its last segment is the code."""
    title: str
    """The meaning of the status, in the language of ``Content-Language``."""
    status: int
    detail: str
    """Why, in the language of ``Content-Language``."""
    instance: str
    """The path that was called."""
    invalid_params: list[InvalidParamView] | None = None
    """Every fault of the input at once."""
    facts: dict[str, str | int | bool | None] | None = None
    """What a refusal's detail is made of, for machines."""
    trace_id: str | None = None
    """With this an operator finds what happened."""


class HttpProblem(Exception):
    """A refusal that belongs to HTTP itself: a missing header, a wrong media type, a limit.

    As with a ``DomainError``, the docstring of each class below is its detail in English.
    """

    status: int
    code: ClassVar[str]

    def __init__(
        self, *, headers: Mapping[str, str] | None = None, params: Sequence[InvalidParam] = (), **facts: Any
    ) -> None:
        """Fill the docstring's fields with ``facts``; other than a ``DomainError``'s they stay in the detail."""
        self.headers, self.params = dict(headers or {}), params
        self.message = Message.of(type(self), facts)
        super().__init__(str(self.message))

    def __init_subclass__(cls, *, status: int, code: str = "") -> None:
        """``code`` is kebab-case, by default the status's phrase."""
        super().__init_subclass__()
        cls.status, cls.code = int(status), code or _code_of(status)

    @classmethod
    def unavailable(cls) -> HttpProblem:
        """Say that a part does not answer, without naming it."""
        return NoAnswer(headers=RETRY_AFTER)

    @classmethod
    def invalid(cls, *params: InvalidParam) -> HttpProblem:
        """Report faults of the input."""
        if len(params) > MOST_FAULTS:
            return ManyFaults(params=params[:MOST_FAULTS], count=len(params), named=MOST_FAULTS)
        return (Fault if len(params) == 1 else Faults)(params=params)


def _code_of(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "-").replace("'", "")


class Fault(HttpProblem, status=400, code="invalid"):
    """The request has a fault: see invalidParams."""


class Faults(HttpProblem, status=400, code="invalid"):
    """The request has faults: see invalidParams."""


class ManyFaults(HttpProblem, status=400, code="invalid"):
    """The request has {count} faults, of which the first {named} are named: see invalidParams."""


class EndedEarly(HttpProblem, status=400):
    """The request ended early."""


class NotCarriedOut(HttpProblem, status=400):
    """This request cannot be carried out."""

    # A refusal of the framework's own, whose words are for developers.


class NothingHere(HttpProblem, status=404):
    """There is nothing at this address."""


class MethodNotAllowed(HttpProblem, status=405):
    """This address does not take that method."""


class NoRuleForThatDay(HttpProblem, status=422, code="no-rule-for-that-day"):
    """No value of the rule {rule} is known for {day}."""


class OurFault(HttpProblem, status=500):
    """The fault is on our side and has been recorded."""


class NoAnswer(HttpProblem, status=503):
    """A part that this needs does not answer at this moment; the same request may succeed later."""


class MissingFact(HttpProblem, status=503):
    """The fact {fact} has not arrived yet."""


def problem_response(request: Request, problem: HttpProblem, *, facts: Mapping[str, Any] | None = None) -> Response:
    """Return the answer for a problem, in the language that the caller prefers."""
    return _answer(
        request, problem.status, problem.code, problem.message, problem.headers, problem.params, facts=facts or {}
    )


def _answer(
    request: Request,
    status: int,
    code: str,
    message: Message,
    headers: Mapping[str, str],
    params: Sequence[InvalidParam],
    *,
    facts: Mapping[str, Any],
) -> Response:
    preferred = language.of(request)
    span = trace.get_current_span().get_span_context()
    detail = wording.text(message, preferred)
    body = Problem(
        type=f"{TYPES}/{code}",
        title=wording.text(TITLES.get(status, _OTHER_TITLE), preferred),
        status=status,
        detail=f"{detail[:1].upper()}{detail[1:]}",
        instance=request.url.path,
        invalid_params=[
            InvalidParamView(name=p.name, reason=wording.text(p.reason, preferred), code=p.code) for p in params
        ]
        or None,
        facts={to_camel(name): _plain(value) for name, value in facts.items()} or None,
        trace_id=f"{span.trace_id:032x}" if span.is_valid else None,
    )
    content = body.model_dump_json(exclude_none=True)
    all_headers = {**headers, **language.headers(preferred)}
    return Response(content, status_code=int(status), headers=all_headers, media_type=MEDIA_TYPE)


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HttpProblem)  # noqa: S101 - Starlette's handlers are typed for any exception
    return problem_response(request, error)


async def _refusal(request: Request, error: Exception) -> Response:
    status = next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        log.warning("http.not_now", error=error_location(error))
        missing = MissingFact(headers=RETRY_AFTER, fact=error.fact) if isinstance(error, MissingDependency) else None
        return problem_response(request, missing or HttpProblem.unavailable())
    if isinstance(error, NotCovered):
        rule, day = error.code, error.day.isoformat()
        return problem_response(request, NoRuleForThatDay(rule=rule, day=day), facts={"rule": rule, "day": day})
    assert isinstance(error, DomainError)  # noqa: S101 - the other rows of the table are all 503
    headers = {"WWW-Authenticate": challenge("insufficient_scope", **error.facts)} if _lacks_scope(error) else {}
    params = error.params if isinstance(error, Invalid) else ()
    facts = {} if isinstance(error, Invalid) else error.facts
    return _answer(request, status, error.code, error.message, headers, params, facts=facts)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - Starlette's handlers are typed for any exception
    params = [InvalidParam(_name(fault["loc"]), _reason(fault), _code(fault)) for fault in error.errors()]
    return problem_response(request, HttpProblem.invalid(*params))


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's handlers are typed for any exception
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem_response(request, NothingHere(headers=headers))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request))) or headers.get("Allow", "GET")
        return problem_response(request, MethodNotAllowed(headers=headers))
    bad = error.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    status = HTTPStatus.BAD_REQUEST if bad else HTTPStatus(error.status_code)
    message = NotCarriedOut().message
    return _answer(request, status, _code_of(status), message, headers, (), facts={})


async def _unforeseen(request: Request, error: Exception) -> Response:
    # Only kind and place: a message may hold what somebody sent.
    causes = [error_location(error)]
    while (cause := error.__cause__ or error.__context__) is not None and len(causes) < 5:  # noqa: PLR2004 - enough
        causes.append(error_location(cause))
        error = cause if isinstance(cause, Exception) else Exception()
    log.error("http.unforeseen", route=route_of(request), causes=causes)
    return problem_response(request, OurFault())


async def _gone(request: Request, error: Exception) -> Response:  # noqa: ARG001 - a handler's shape
    # The caller left in the middle of its request: nobody reads this answer.
    return problem_response(request, EndedEarly())


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


def _reason(fault: Mapping[str, Any]) -> Message:
    """Return why a value is not taken; a validator of ours says so itself, pydantic by the type of its fault."""
    facts = fault.get("ctx") or {}
    if isinstance(said := facts.get("reason"), Message):
        return said
    return Message.of_library(str(fault["msg"]), wording.of_pydantic(fault["type"]), facts)


def _code(fault: Mapping[str, Any]) -> str:
    return str(fault["type"]).replace("_", "-")


def _methods(request: Request) -> set[str]:
    """Return every method that the address takes: the router itself only knows the first route's."""
    methods: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return methods | ({"HEAD"} if "GET" in methods else set())
