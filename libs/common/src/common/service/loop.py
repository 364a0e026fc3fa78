"""Loops of a worker, such as the one that sends mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from common.persistence.database import Database
from common.runtime.settings import Settings

SHUTDOWN_GRACE: Final = 5.0
"""Seconds that a loop has to leave what it holds, once it is cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopContext:
    """The dependencies of a loop."""

    database: Database
    settings: Settings


Loop = Callable[[LoopContext], Awaitable[None]]
"""Something that a worker keeps doing until it is cancelled."""
