"""What a process tells on standard error is never a reason for it to fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import structlog
from common.runtime.telemetry import configure
from tests.support.sample import settings_for
configure(settings_for("postgresql://unused/{service}", "postgresql://unused/unused"), "test")
structlog.get_logger().warning("nobody.reads.this")
print("went on")
"""


def test_a_log_that_nobody_reads_any_more_stops_nothing() -> None:
    """Seen red: whoever wrote a line into a pipe without a reader ended with BrokenPipeError, webhooks among them."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            check=False,
            cwd=Path(__file__).parents[3],
            stderr=writer,
            stdout=subprocess.PIPE,
            text=True,
        )
    finally:
        os.close(writer)
    assert ended.stdout == "went on\n"
