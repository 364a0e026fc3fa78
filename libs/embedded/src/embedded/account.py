"""As whom the server runs: PostgreSQL refuses root, so root hands it to an unprivileged account."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from common.runtime.private_files import private_folder

UNPRIVILEGED: Final = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """The user that owns the data and runs the server."""

    uid: int
    gid: int
    dropped: bool
    """Whether we are root and step down to it."""

    @classmethod
    def owning(cls, data: Path) -> Account:
        """Choose: this user; as root whoever owns ``data`` already, else ``postgres``, else ``nobody``."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), dropped=False)
        if data.exists() and data.stat().st_uid != 0:
            return cls(data.stat().st_uid, data.stat().st_gid, dropped=True)
        for name in UNPRIVILEGED:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, dropped=True)
        return cls(65534, 65534, dropped=True)

    @property
    def launch(self) -> dict[str, Any]:
        """Arguments for ``subprocess`` that make the child this account, away from folders it cannot enter."""
        identity = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}
        return {"cwd": "/", "umask": 0o077, "stdin": subprocess.DEVNULL, **identity}

    def run(
        self, *command: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end with nothing of our environment (no ``PG*``, no secrets) but ``environment``."""
        return subprocess.run(  # noqa: S603 - a fixed argument list, no shell
            [str(part) for part in command],
            env={"PATH": os.defpath, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            **self.launch,
        )

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this account reaches a folder that exists."""
        return not self.dropped or self.run("/bin/sh", "-c", 'test -x "$0"', folder).returncode == 0

    def make_folder(self, folder: Path) -> None:
        """Make a folder that only this account (and root) can read; parents that exist stay as they are."""
        make_public(folder.parent)
        folder.mkdir(exist_ok=True)
        if self.dropped:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def write_private(self, path: Path, text: str) -> None:
        """Write a file that only this account can read, whole or not at all."""
        partial = path.with_name(f"{path.name}.partial")
        with self.open_private(partial) as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    def open_private(self, path: Path) -> BinaryIO:
        """Make a file anew that only this account (and root) can read, and open it to be written."""
        path.unlink(missing_ok=True)
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        if self.dropped:
            os.chown(path, self.uid, self.gid)
        return file

    def close_to_others(self, folder: Path) -> None:
        """Close a folder above that of this account to everybody else; the account passes through it by its group."""
        if self.dropped:
            os.chown(folder, -1, self.gid)
            folder.chmod(0o710)
        else:
            private_folder(folder)


def make_public(folder: Path) -> None:
    """Make a folder that every account can enter, whatever our umask says; folders that exist stay as they are."""
    if not folder.exists():
        make_public(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
