"""A span, a count and a log line per request: templates and codes, never an id, a query or a body."""

from __future__ import annotations

import time
from typing import Final

import structlog
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.web.problems import route_of
from common.web.request_context import KEY

REQUESTS: Final = Counter("http_requests_total", "Requests answered", ["service", "method", "route", "status"])
DURATION: Final = Histogram(
    "http_request_duration_seconds",
    "Time to answer",
    ["service", "method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
QUIET: Final = frozenset({"/healthz", "/readyz"})
"""Asked every few seconds by machines: counted, not logged or traced."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OUR_FAULT: Final = 500

log = structlog.get_logger()
_tracer = trace.get_tracer("common.web")
_propagator = TraceContextTextMapPropagator()


class Observation:
    """Watches one service's API."""

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        """``service`` is a label of the metrics and an attribute of the spans."""
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # What is not a method we know would make a label of whatever somebody sends.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        scope.pop("route", None)  # the mount's: what matches inside says its own
        status = _OUR_FAULT
        began = time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        parent = _propagator.extract(Headers(scope=scope))
        with _tracer.start_as_current_span(
            method, context=parent, kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                await self._app(scope, receive, answer)
            finally:
                route, took = route_of(Request(scope)), time.perf_counter() - began
                REQUESTS.labels(self._service, method, route, status).inc()
                DURATION.labels(self._service, method, route).observe(took)
                span.update_name(f"{method} {route}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                span.set_attribute("hto.service", self._service)
                if status >= _OUR_FAULT:
                    span.set_status(StatusCode.ERROR)
                if route not in QUIET:
                    self._log(scope, method, route, status, took)

    def _log(self, scope: Scope, method: str, route: str, status: int, took: float) -> None:
        exchange, span = scope.get(KEY), trace.get_current_span().get_span_context()
        log.info(
            "http.answered",
            service=self._service,
            method=method,
            route=route,
            status=status,
            milliseconds=round(took * 1000, 1),
            client=exchange.caller.client if exchange and exchange.caller else None,
            trace_id=f"{span.trace_id:032x}" if span.is_valid else None,
        )
