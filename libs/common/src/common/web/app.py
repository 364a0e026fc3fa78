"""One service's API as an ASGI application, and all that one process serves side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final, Protocol, cast

from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match, Mount
from starlette.routing import Route as PlainRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from common.web import health, idempotency
from common.web.headers import Headers
from common.web.limits import RateLimit
from common.web.observation import Observation
from common.web.openapi import document, operation_id
from common.web.problems import HANDLERS, HttpProblem, problem_response
from common.web.reference import reference_page
from common.web.request_context import KEY, ApiContext, RequestContext
from common.web.routing import Route

VERSION: Final = "1.0.0"
_TOKEN_OF_OWN_ISSUER: Final = "/issuer/token"  # noqa: S105 - a path
_EXPOSED: Final = (
    "API-Version", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After",
    "WWW-Authenticate", idempotency.REPLAYED,
)  # fmt: skip
_TAKEN: Final = ("Authorization", "Content-Type", idempotency.HEADER, "If-Match", "If-None-Match", "traceparent")
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE")


class Described(Protocol):
    """A service as its API shows it."""

    @property
    def name(self) -> str:
        """Name it in its paths."""
        ...

    @property
    def title(self) -> str:
        """Name it to people."""
        ...

    @property
    def description(self) -> str:
        """Say what it is for, in a paragraph."""
        ...

    @property
    def routers(self) -> Sequence[APIRouter]:
        """Return its operations."""
        ...


class Api(FastAPI):
    """One service's API. Its paths begin at ``/``; ``create_site`` puts it under ``prefix``."""

    def __init__(self, service: Described, context: ApiContext, *, version: str = VERSION) -> None:
        """Take the service's routers.

        Raises:
            TypeError: a route is not one of ``common.web.Router``, or two operations have the same name.
        """
        super().__init__(
            title=service.title,
            description=service.description,
            version=version,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            exception_handlers=dict(HANDLERS),
            # Ours instead: FastAPI's has paths and queries in its spans and messages in its logs.
            telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        )
        self.service, self.context = service.name, context
        self.prefix = f"/{service.name}/v{version.partition('.')[0]}"
        self.operations = tuple(_operations(service))
        self.router.routes.extend(self.operations)
        for path, endpoint in {
            "/openapi.json": self._document,
            "/docs": self._reference,
            "/healthz": health.alive,
            "/readyz": self._ready,
        }.items():
            self.router.routes.append(_Fixed(path, endpoint, include_in_schema=False))
        self._limit = RateLimit(context.settings.rate_limit, per_client=context.settings.rate_limit_per_client)

    def build_middleware_stack(self) -> ASGIApp:
        """Put our layers outside of Starlette's own error handling."""
        observed = Observation(super().build_middleware_stack(), service=self.service)
        shared = _Cors(observed, self.context.settings.cors_allow)
        outermost = Headers(shared, version=self.version, more=_asked_for)

        async def begin(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                RequestContext.begin(scope, self.context, self._limit)
            try:
                await outermost(scope, receive, send)
            except Exception:
                # Recorded and answered inside: nothing is left for the server to do.
                if scope["type"] != "http":
                    raise

        return begin

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        settings = self.context.settings
        return document(
            self.operations,
            title=self.title,
            description=self.description,
            version=self.version,
            server=f"{settings.public_url.rstrip('/')}{self.prefix}",
            token_url=f"{settings.public_url.rstrip('/')}{_TOKEN_OF_OWN_ISSUER}",
        )

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        return self.document

    async def _document(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        return JSONResponse(self.document, headers={"Access-Control-Allow-Origin": "*"})

    async def _reference(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        return reference_page(self.document, self.prefix)

    async def _ready(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint's shape
        return health.ready_response(await health.readiness(self.context))


def create_site(
    apis: Sequence[Api],
    mounts: Mapping[str, ASGIApp] | None = None,
    *,
    workers: Mapping[str, ApiContext] | None = None,
) -> ASGIApp:
    """Return what one process serves: each API under its prefix, other applications, health and metrics.

    ``workers`` are services that work here without an API: they are ready or not as well.

    No lifespan runs inside of it: whatever an API needs is started before and stopped after.
    """

    async def ready(request: Request) -> Response:  # noqa: ARG001 - an endpoint's shape
        return await health.all_ready([*((api.service, api.context) for api in apis), *(workers or {}).items()])

    site = Starlette(
        routes=[
            PlainRoute("/healthz", health.alive),
            PlainRoute("/readyz", ready),
            PlainRoute("/metrics", health.metrics),
            *(Mount(api.prefix, api) for api in apis),
            *(PlainRoute(path, _its_first_page) for path in mounts or {}),
            *(Mount(path, app) for path, app in (mounts or {}).items()),
        ],
        exception_handlers=dict(HANDLERS),
    )
    site.router.redirect_slashes = False
    trusted = apis[0].context.settings.trusted_proxies if apis else ()
    return behind_proxies(Headers(site, version=apis[0].version if apis else VERSION), trusted)


def behind_proxies(app: ASGIApp, trusted: Sequence[str]) -> ASGIApp:
    """Have an application see the caller's address and scheme, as proxies say that are on the list; nobody else."""
    return cast("ASGIApp", ProxyHeadersMiddleware(cast("Any", app), list(trusted))) if trusted else app


async def _its_first_page(request: Request) -> Response:
    """Lead a person who typed ``/console`` to ``/console/``; no path of an API is ever redirected."""
    return RedirectResponse(f"{request.url.path}/", status_code=308)


class _Fixed(PlainRoute):
    """An address beside the operations; it has a name, as they do."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        return match, {**child, "route": self}


class NotOnTheList(HttpProblem, status=403):
    """This origin, method or header is not on the list."""


class _Cors(CORSMiddleware):
    """Browsers of the allow-list may call; the refusal of a preflight is a problem like any other."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        super().__init__(
            app, allow_origins=allowed, allow_methods=_METHODS, allow_headers=_TAKEN, expose_headers=_EXPOSED
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            request = Request(scope)
            if {"origin", "access-control-request-method"} <= set(request.headers.keys()):
                response = self.preflight_response(request_headers=request.headers)
                if response.status_code != HTTPStatus.OK:
                    response = problem_response(request, NotOnTheList())
                await response(scope, receive, send)
                return
        await super().__call__(scope, receive, send)


def _operations(service: Described) -> list[Route]:
    found: list[Route] = []
    for router in service.routers:
        for route in router.routes:
            if not isinstance(route, Route):
                raise TypeError(f"{service.name}: {route!r} is not a route of common.web.Router")
            found.append(route)
    twice = [name for name, count in Counter(map(operation_id, found)).items() if count > 1]
    if twice:
        raise TypeError(f"{service.name}: two operations are called {', '.join(twice)}")
    return found


def _asked_for(scope: Scope) -> Mapping[str, str]:
    exchange: RequestContext | None = scope.get(KEY)
    return exchange.headers if exchange else {}
