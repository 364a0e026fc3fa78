"""The console: what operators and programme staff look at, rendered on the server, without a build."""

from __future__ import annotations

from typing import Final

from common.service import Slice
from operations.console import tables
from operations.console.app import create_console

slice_: Final = Slice(
    name="console",
    tables=[tables.sign_outs],
    pages={"/console": create_console},
)
