"""The log at a URL, with times so short that a test need not wait for a session to end."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from common.messaging.kafka import KafkaLog
from common.messaging.pglog import PostgresLog
from common.runtime.log_login import LogLogin

if TYPE_CHECKING:
    from common.messaging.log import EventLog

SESSION = timedelta(seconds=2)
COMPACTED_WITHIN = timedelta(milliseconds=300)
TOMBSTONES_KEPT = timedelta(seconds=1)


def quick_log(login: LogLogin | str, *, patience: timedelta = timedelta(seconds=20)) -> EventLog:
    if isinstance(login, str):
        login = LogLogin(url=login)
    if login.scheme.startswith("kafka"):
        return KafkaLog(
            login,
            session=SESSION,
            patience=patience,
            compacted_within=COMPACTED_WITHIN,
            tombstones_kept=TOMBSTONES_KEPT,
        )
    return PostgresLog(login.dsn, session=SESSION, patience=patience, tombstones_kept=TOMBSTONES_KEPT)


def as_environment(login: LogLogin) -> dict[str, str]:
    """For a process that opens the same log."""
    return {"TEST_LOG": json.dumps([login.url, login.password, str(login.ca_file or "")])}


def from_environment() -> LogLogin:
    """What ``as_environment`` wrote."""
    url, password, ca_file = json.loads(os.environ["TEST_LOG"])
    return LogLogin(url=url, password=password, ca_file=Path(ca_file) if ca_file else None)
