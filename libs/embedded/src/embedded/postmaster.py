"""The server process that a data folder names in its ``postmaster.pid``, whoever started it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PID_FILE: Final = "postmaster.pid"
ASK_PS: Final = not Path("/proc/self/cmdline").exists()
STEPS: Final = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
"""How it is asked to stop, and for how many seconds each time: roll back, abort, die."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The content of ``postmaster.pid`` when it was read."""

    pid: int
    port: int
    ready: bool
    data: Path

    @classmethod
    def of(cls, data: Path) -> Postmaster | None:
        """Read the file; None where there is none, or not yet a whole one."""
        try:
            lines = (data / PID_FILE).read_text().splitlines()
            return cls(int(lines[0]), int(lines[3]), len(lines) > 7 and lines[7].strip() == "ready", data)  # noqa: PLR2004 - the file's eighth line
        except (FileNotFoundError, IndexError, ValueError):
            return None

    @property
    def command(self) -> str:
        """The command line of the living process; empty when it is dead, a zombie, or somebody else's."""
        command = _command_line(self.pid)
        return command if f"-D {self.data}" in command else ""

    def stop(self) -> bool:
        """Ask it to stop at once, then less politely; return whether it is gone.

        Nothing that was committed is lost in any case: the next start recovers from the write-ahead log.
        """
        for asked, seconds in STEPS:
            until = time.monotonic() + seconds
            if self.command:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, asked)
            while self.command:
                if time.monotonic() > until:
                    break
                time.sleep(0.01)
            else:
                return True
        return False


def disown(data: Path) -> None:
    """Keep a stale file from blocking the start because its number now belongs to another process.

    The file itself stays: its shared-memory key is how PostgreSQL sees that no backend of the dead server still
    works on the data. Only the number is replaced by ours, which a child of ours does not take for a server.
    """
    left = Postmaster.of(data)
    if left is None or left.command:
        return
    lines = (data / PID_FILE).read_text().splitlines(keepends=True)
    (data / PID_FILE).write_text("".join([f"{os.getpid()}\n", *lines[1:]]))


def _command_line(pid: int) -> str:
    if ASK_PS:
        asked = ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
