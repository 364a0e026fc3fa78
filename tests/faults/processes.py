"""A process that is started again whenever it ends, as Kubernetes' restart policy would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

AGAIN_AFTER: Final = 0.2
"""Seconds; a process that ends of itself, since its database is away, is not started in a tight loop."""


@dataclass
class Supervised:
    """One process of the cluster; what it says goes to ``said``."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    said: Path
    killed: int = 0
    ended: list[int] = field(default_factory=list)
    """Exit statuses with which it ended of itself."""
    _process: asyncio.subprocess.Process | None = None
    _shot: bool = False

    async def keep_running(self) -> None:
        """Start it again each time it ends; killed with whoever keeps it."""
        try:
            while True:
                with self.said.open("ab") as said:
                    self._process = await asyncio.create_subprocess_exec(
                        *self.command,
                        env=dict(self.environment),
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=said,
                        stderr=said,
                        start_new_session=True,
                    )
                status = await self._process.wait()
                if self._shot:
                    self._shot = False
                else:
                    self.ended.append(status)
                await asyncio.sleep(AGAIN_AFTER)
        finally:
            if self._process is not None and self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()

    def kill(self) -> bool:
        """Kill -9, without a word; False where it is not running at this moment."""
        if self._process is None or self._process.returncode is not None:
            return False
        try:
            os.kill(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False  # it has ended, and we have not heard of it yet
        self._shot = True
        self.killed += 1
        return True
