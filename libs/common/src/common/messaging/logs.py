"""Which event log an address names; neither side's driver is imported before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.runtime.log_login import LogLogin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.messaging.log import EventLog
    from common.messaging.rights import ServiceLogin


def open_log(login: LogLogin | str) -> EventLog:
    """Return the log at ``postgresql://…``, ``kafka://host:port[,host:port]`` or ``kafka+ssl://…``, not yet started.

    Raises:
        ValueError: the address names none.
        OSError: a certificate cannot be read.
    """
    if isinstance(login, str):
        login = LogLogin(url=login)
    if login.scheme in {"postgresql", "postgres"}:
        from common.messaging.pglog import PostgresLog  # noqa: PLC0415 - users of Kafka need no asyncpg

        return PostgresLog(login.dsn)
    if login.scheme in {"kafka", "kafka+ssl"} and login.hosts:
        from common.messaging.kafka import KafkaLog  # noqa: PLC0415 - users of PostgreSQL need no aiokafka

        return KafkaLog(login)
    # Only the scheme is repeated: the rest may hold a password.
    scheme = login.scheme if "://" in login.url else ""
    message = f"An event log is postgresql://…, kafka://host:port or kafka+ssl://…, not {scheme or 'nothing'}://…"
    raise ValueError(message)


def by_hand(url: str, logins: Sequence[ServiceLogin]) -> list[str]:
    """Return what an administrator of that log enters to give the services their rights without our help."""
    if LogLogin(url=url).scheme.startswith("kafka"):
        from common.messaging.kafka.acls import commands  # noqa: PLC0415 - see above

        return commands(logins)
    from common.messaging.pglog.grants import statements  # noqa: PLC0415 - see above

    return statements(logins)
