"""Folders and files that only their owner may read, whatever the umask; those that were open are closed."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

FOLDER: Final = 0o700
FILE: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def private_folder(path: Path) -> Path:
    """Make a folder, and the parents that are missing, for its owner only; or close the folder that is there.

    What belongs to another user stays as it is: its owner decides.
    """
    if not path.exists():
        if path.parent != path and not path.parent.exists():
            private_folder(path.parent)
        path.mkdir(mode=FOLDER, exist_ok=True)
    close(path)
    return path


def close(path: Path) -> None:
    """Take every right from everybody but the owner of a folder or a file; a link stays as it is."""
    mode = path.lstat().st_mode
    if stat.S_IMODE(mode) & _OTHERS and (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        with suppress(PermissionError):
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def close_all(folder: Path) -> None:
    """Close a folder and what lies in it: an earlier version, or another umask, may have left it open."""
    private_folder(folder)
    for entry in folder.iterdir():
        with suppress(FileNotFoundError):  # gone meanwhile
            close(entry)


def close_if_only(folder: Path, suffixes: Collection[str]) -> None:
    """Make a folder, or close one that was left open; one with other files than these in it is somebody's own."""
    if not folder.exists():
        private_folder(folder)
    elif folder.stat().st_mode & _OTHERS and all(entry.suffix in suffixes for entry in folder.iterdir()):
        close_all(folder)


def write_private(path: Path, content: bytes) -> None:
    """Write a file anew that only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE), "wb") as file:
        file.write(content)
