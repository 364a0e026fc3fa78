"""How a server is made and with which settings it runs: durable, sized for two cores, silent about people."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import sys
from typing import Final
from urllib.parse import quote

from embedded.binaries import PostgresBinaries, find_postgres
from embedded.errors import EmbeddedFailure
from embedded.folder import Folder

USER: Final = "hto"
HOST: Final = "127.0.0.1"
SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "autovacuum_naptime": "10s",  # outbox, inbox and log are queues: their dead rows must go soon
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # No statement and no detail line reaches the log file: both would carry personal data.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # After a crash the files are synced before anything else: at once, where the system can, not one by one.
    **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
}
_LONGEST: Final = 100
"""Bytes of a socket's path: Linux takes 107 and macOS 103."""
_OF_A_LIST: Final = frozenset(',"')
"""PostgreSQL and its clients read the folder of a socket as one of a list, in which these mean something."""
NOT_DURABLE: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def command(folder: Folder, binaries: PostgresBinaries, port: int, *, durable: bool) -> list[str]:
    """Return the server's command line; it holds all settings, so that an equal one means an equal server."""
    sockets = {"unix_socket_directories": str(folder.data) if _has_socket(folder) else ""}
    settings = SETTINGS | sockets | ({} if durable else NOT_DURABLE)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries.bin / "postgres"), "-D", str(folder.data), "-p", str(port), *options]


def host(folder: Folder) -> str:
    """Return the host of the server's address: its socket: a round trip by TCP takes longer (ADR 0012).

    Where a socket's path would be longer than the system takes, or be read as a list, it is TCP, which is open to
    others in any case.
    """
    return quote(str(folder.data), safe="") if _has_socket(folder) else HOST


def _has_socket(folder: Folder) -> bool:
    if set(str(folder.data)) & _OF_A_LIST:
        return False
    return len(os.fsencode(folder.data / ".s.PGSQL.65535")) <= _LONGEST


def programs_for(folder: Folder, wanted: PostgresBinaries | None) -> PostgresBinaries:
    """Choose: those that are wanted, else what ``find_postgres`` finds; data that are there decide which version.

    Raises:
        EmbeddedFailure: there are none for these data.
    """
    major = folder.major
    try:
        if wanted is not None and major in {None, wanted.major}:
            return wanted
        return find_postgres(major, account=folder.account)
    except EmbeddedFailure as failure:
        if major is None:
            raise
        message = f"{folder.data} was made by PostgreSQL {major} and needs that version. {failure}"
        raise EmbeddedFailure(f"{message}\nOr forget the data: make clean-data.") from failure


def initialise(folder: Folder, binaries: PostgresBinaries, *, durable: bool) -> None:
    """Make an empty cluster whose only way in is a generated password.

    Raises:
        EmbeddedFailure: initdb refuses; with what it said.
    """
    folder.account.write_private(folder.secret, secrets.token_urlsafe(24))
    unfinished = folder.path / "data.unfinished"  # killed in the middle, it leaves nothing that looks like data
    shutil.rmtree(unfinished, ignore_errors=True)
    ctype = "C.UTF-8" if os.uname().sysname == "Linux" else "en_US.UTF-8"
    said = folder.account.run(
        binaries.bin / "initdb",
        *("--pgdata", unfinished, "--username", USER, "--pwfile", folder.secret, "--auth", "scram-sha-256"),
        *("--encoding", "UTF8", "--locale", "C", "--lc-ctype", ctype),  # sorts the same on every machine
        *([] if durable else ["--no-sync"]),
        environment=binaries.environment,
    )
    if said.returncode:
        raise EmbeddedFailure(f"initdb could not make {folder.data}: {said.stderr.strip()}")
    unfinished.rename(folder.data)


def free_port(wanted: int) -> int:
    """Return ``wanted`` if nobody has it, else one that is free now."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise EmbeddedFailure(f"No free port on {HOST}.")
