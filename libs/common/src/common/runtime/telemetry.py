"""Metrics, structured logs and traces. Ids and codes only: nothing here may carry personal data."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from io import TextIOBase
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from prometheus_client import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from typing import TextIO

    from common.runtime.settings import Settings

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

OUTBOX_ROWS: Final = Gauge("hto_outbox_rows", "Rows that wait for the relay", ["service"])
OUTBOX_AGE: Final = Gauge("hto_outbox_age_seconds", "Age of the oldest row that waits for the relay", ["service"])
RELAYED: Final = Counter("hto_relayed_events_total", "Events that the log acknowledged", ["service"])
RELAY_FAILURES: Final = Counter("hto_relay_failures_total", "Batches that the log did not take whole", ["service"])
OUTBOX_REFUSED: Final = Counter(
    "hto_outbox_refused_total", "Rows that the log refused and that were set apart", ["service"]
)
OUTBOX_APART: Final = Gauge("hto_outbox_keys_set_apart", "Keys whose rows wait since the log refused one", ["service"])
LAG_EVENTS: Final = Gauge("hto_consumer_lag_events", "Records not yet handled", ["group", "topic", "partition"])
LAG_SECONDS: Final = Gauge(
    "hto_consumer_lag_seconds", "Age of the oldest record not yet handled", ["group", "topic", "partition"]
)
HANDLED: Final = Counter("hto_handled_events_total", "Events handled", ["consumer", "event"])
HANDLER_TIME: Final = Histogram("hto_batch_seconds", "Time to handle and commit one batch", ["consumer"], buckets=_FAST)
RETRIES: Final = Counter("hto_consumer_retries_total", "Batches tried again", ["consumer", "why"])
DUPLICATES: Final = Counter("hto_inbox_duplicates_total", "Deliveries that had been handled before", ["consumer"])
PARKED: Final = Gauge("hto_parked_events", "Events parked now", ["consumer", "why"])
PARKED_AGE: Final = Gauge("hto_parked_age_seconds", "Age of the oldest parked key", ["consumer", "why"])
DEADLINES_DUE: Final = Gauge("hto_deadlines_overdue", "Deadlines whose time has come and that still stand", ["service"])
DEADLINES_PARKED: Final = Gauge("hto_deadlines_parked", "Deadlines that kept failing", ["service"])
RETENTION_FAILURES: Final = Counter(
    "hto_retention_failures_total", "Hours in which something past its term was not forgotten", ["service", "what"]
)
RETENTION_ROWS: Final = Counter("hto_retention_rows_total", "Rows removed past their term", ["service", "what"])
RETENTION_DONE: Final = Gauge(
    "hto_retention_completed_seconds", "When last nothing past its term was left, as Unix time", ["service", "what"]
)
QUEUE_WORKING: Final = Gauge("hto_queue_working", "Rows of a leased queue that are worked on now", ["queue"])
QUEUE_FAILURES: Final = Counter("hto_queue_failures_total", "Rows of a leased queue whose work failed", ["queue"])
QUEUE_PARKED: Final = Counter("hto_queue_parked_total", "Rows of a leased queue that were given up", ["queue"])
LOOP_FAILURES: Final = Counter("hto_loop_failures_total", "Times that a worker's loop began anew", ["service", "loop"])
LOOP_TURN_AGE: Final = Gauge(
    "hto_loop_turn_age_seconds", "Time since a worker's loop last took a turn", ["service", "loop"]
)
LOOP_LAG: Final = Gauge("hto_event_loop_lag_seconds", "How late the event loop wakes up")
POOL_WAIT: Final = Histogram("hto_pool_wait_seconds", "Wait for a database connection", ["service"], buckets=_FAST)


def configure(settings: Settings, name: str) -> None:
    """Set up the logs and traces of a whole process, which calls itself ``name``: once, where the process begins."""
    _configure_logging(settings)
    _configure_tracing(settings, name)


def _configure_logging(settings: Settings) -> None:
    """Log JSON lines to standard error: for people in development, for machines in production."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.environment == "production"
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    )
    level = logging.getLevelNamesMapping()[settings.log_level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(level, logging.WARNING), format="%(asctime)s %(name)s %(levelname)s %(message)s")


class _StandardError(TextIOBase):
    """Standard error as it is at that moment. A line that it does not take is lost; the work goes on."""

    def write(self, text: str, /) -> int:
        """Write it, where anybody still listens."""
        with suppress(OSError, ValueError):  # a pipe whose reader is gone, a file that was closed
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Pass on what is buffered, where anybody still listens."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def _configure_tracing(settings: Settings, name: str) -> None:
    """Send spans to ``HTO_OTLP_URL``; without it, tracing costs nothing."""
    if settings.otlp_url is None:
        return
    # Imported here: the exporter takes 150 ms that only those who trace should pay.
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"hto-{name}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otlp_url)))
    trace.set_tracer_provider(provider)


async def watch_event_loop(interval: float = 0.5) -> None:
    """Measure how late the loop is: work that holds it longer than 50 ms belongs in a process of its own."""
    loop = asyncio.get_running_loop()
    while True:
        expected = loop.time() + interval
        await asyncio.sleep(interval)
        LOOP_LAG.set(max(0.0, loop.time() - expected))


def error_frames(error: BaseException) -> list[str]:
    """Tell the way an error took, outermost first; like ``error_location`` without anything that it says."""
    trail, trace = [], error.__traceback__
    while trace is not None:
        trail.append(f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return trail


def error_chain(error: BaseException) -> str:
    """Tell what an error is and what it goes back to, such as ``TryLater from DeadlockDetectedError``."""
    root = error
    while root.__cause__ is not None:
        root = root.__cause__
    return type(error).__name__ if root is error else f"{type(error).__name__} from {type(root).__name__}"


def error_location(error: BaseException) -> str:
    """Tell the kind of an error and the place it came from; never its message, which may hold personal data."""
    trace: Any = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
