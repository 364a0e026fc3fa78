"""Which event log a URL names; neither side's driver is imported before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from common.log import EventLog


def open_log(url: str) -> EventLog:
    """Return the log at ``postgresql://…`` or ``kafka://host:port[,host:port]``, not yet started.

    Raises:
        ValueError: the URL names neither.
    """
    parts = urlsplit(url)
    if parts.scheme in {"postgresql", "postgres"}:
        from common.pglog import PostgresLog  # noqa: PLC0415 - users of Kafka need no asyncpg

        return PostgresLog(url)
    if parts.scheme == "kafka" and parts.netloc:
        from common.kafka import KafkaLog  # noqa: PLC0415 - users of PostgreSQL need no aiokafka

        return KafkaLog(parts.netloc)
    # Only the scheme is repeated: the rest may hold a password.
    message = f"An event log is postgresql://… or kafka://host:port, not {parts.scheme or 'nothing'}://…"
    raise ValueError(message)
