"""The folder of one embedded server: where it is, whose it is, and that only one process uses it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from common.runtime.private_files import write_private
from embedded.account import Account
from embedded.errors import EmbeddedFailure
from embedded.postmaster import Postmaster

ROOTS_DATA: Final = Path("/var/lib/hto")
"""Where data go when root starts it in a folder that the unprivileged account cannot enter."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder's files: ``data`` (PostgreSQL's own), ``password``, ``port``, ``server.log`` and ``lock``."""

    path: Path
    account: Account
    held: int
    """The lock's file descriptor: the system lets go of it when this process ends, however it ends."""

    @classmethod
    def take(cls, asked: Path, say: Callable[[str], None]) -> Folder:
        """Choose, make and lock it; ``say`` hears when it is not the folder that was asked for.

        Raises:
            EmbeddedFailure: another process uses it, or it belongs to another user.
        """
        try:
            path, account = _place(asked.absolute(), say)
            return cls(path, account, _lock(path))
        except PermissionError as error:
            message = f"{error.filename} belongs to another user: run as that user, or name another HTO_DATA_DIR."
            raise EmbeddedFailure(message) from error

    def release(self) -> None:
        """Let others use it."""
        os.close(self.held)

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        """The server's log since it was started."""
        return self.path / "server.log"

    @property
    def secret(self) -> Path:
        """The file with the superuser's password."""
        return self.path / "password"

    @property
    def major(self) -> int | None:
        """Which PostgreSQL made the data; None where there are none yet."""
        version = self.data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    @property
    def port(self) -> int:
        """The port of the last time; 0 the first time."""
        remembered = self.path / "port"
        return int(remembered.read_text()) if remembered.exists() else 0

    def remember(self, port: int) -> None:
        """Use this port the next time as well."""
        self.account.write_private(self.path / "port", str(port))


def forget(data_dir: Path) -> None:
    """Stop the server of a data folder, if one was left behind, and delete all that it holds.

    Raises:
        EmbeddedFailure: a living process uses the folder.
    """
    if not data_dir.exists():
        return
    folder = Folder.take(data_dir, lambda _: None)
    try:
        there = Postmaster.of(folder.data)
        if there is not None:
            there.stop()
        for place in {folder.path, data_dir.absolute()}:
            shutil.rmtree(place)
    finally:
        folder.release()


def close_above(data_dir: Path) -> None:
    """Close the folder around a server's own, which holds the other data of the installation, to other users."""
    Account.owning(data_dir / "data").close_to_others(data_dir.parent)


def _place(asked: Path, say: Callable[[str], None]) -> tuple[Path, Account]:
    """Choose the folder that the account can use: the one asked for, else one of root's."""
    elsewhere = asked / "elsewhere"
    folder = Path(elsewhere.read_text().strip()) if elsewhere.exists() else asked
    account = Account.owning(folder / "data")
    account.make_folder(folder)
    if not account.can_enter(folder):
        folder = ROOTS_DATA / f"{asked.name}-{hashlib.sha256(str(asked).encode()).hexdigest()[:8]}"
        account.make_folder(folder)
        write_private(elsewhere, f"{folder}\n".encode())
    if folder != asked:
        say(f"The user that runs PostgreSQL cannot enter {asked}: the data are in {folder}.")
    return folder, account


def _lock(folder: Path) -> int:
    held = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(held, 20).decode() or "unknown"
        os.close(held)
        message = f"{folder} is in use by process {holder}: stop that first, or choose another folder (HTO_DATA_DIR)."
        raise EmbeddedFailure(message) from error
    os.truncate(held, 0)
    os.write(held, str(os.getpid()).encode())
    return held
