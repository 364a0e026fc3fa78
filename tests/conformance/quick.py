"""The log at a URL, with times so short that a test need not wait for a session to end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from common.kafka import KafkaLog
from common.pglog import PostgresLog

if TYPE_CHECKING:
    from common.log import EventLog

SESSION = timedelta(seconds=2)
COMPACTED_WITHIN = timedelta(milliseconds=300)
TOMBSTONES_KEPT = timedelta(seconds=1)


def quick_log(url: str, *, patience: timedelta = timedelta(seconds=20)) -> EventLog:
    if url.startswith("kafka://"):
        return KafkaLog(
            url.removeprefix("kafka://"),
            session=SESSION,
            patience=patience,
            compacted_within=COMPACTED_WITHIN,
            tombstones_kept=TOMBSTONES_KEPT,
        )
    return PostgresLog(url, session=SESSION, patience=patience, tombstones_kept=TOMBSTONES_KEPT)
