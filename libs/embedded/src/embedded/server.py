"""One server on one folder: started, adopted after a crash of its parent, kept running, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import asyncpg

from common.persistence import databases
from common.runtime import event_loop
from embedded import cluster
from embedded.binaries import PostgresBinaries
from embedded.cluster import USER
from embedded.errors import EmbeddedFailure
from embedded.folder import Folder
from embedded.postmaster import Postmaster, disown

PATIENCE: Final = 300.0
"""Seconds for a start: after a crash the write-ahead log is replayed first."""
KILLED: Final = "It was killed while it started."
PASSING: Final = ("could not bind", "pre-existing shared memory block", KILLED)
"""What is said while the port, or the backends of a server that was killed, are still there for a moment."""


def _print(message: str) -> None:
    logging.getLogger(__name__).warning(message)


class EmbeddedPostgres:
    """The server of a data folder; at most one process at a time uses it."""

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        binaries: PostgresBinaries | None = None,
        say: Callable[[str], None] = _print,
    ) -> None:
        """Prepare; nothing happens before ``start``.

        Args:
            data_dir: the folder; made on the first start and found again later.
            durable: False for tests only: a crash of the machine may lose data.
            binaries: instead of those that ``find_postgres`` chooses.
            say: takes sentences for the person who started it, such as that the data went elsewhere.
        """
        self._asked = data_dir
        self._durable = durable
        self._wanted = binaries
        self._say = say
        self._changing = threading.Lock()
        self._running: tuple[Folder, PostgresBinaries] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._password = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def folder(self) -> Path:
        """Where the data really are, while it is started."""
        return self._started[0].path

    @property
    def binaries(self) -> PostgresBinaries:
        """Which PostgreSQL it is, while it is started."""
        return self._started[1]

    @property
    def _started(self) -> tuple[Folder, PostgresBinaries]:
        if self._running is None:
            raise EmbeddedFailure("The embedded PostgreSQL is not started.")
        return self._running

    @property
    def pid(self) -> int | None:
        """The server's process; None when it died."""
        if self._child is not None:
            self._child.poll()  # a child that died stays a zombie until somebody asks
        there = Postmaster.of(self._started[0].data)
        return there.pid if there is not None and there.command else None

    def dsn(self, database: str = "postgres") -> str:
        """Return the address of a database; ``{service}`` may stand in its name."""
        return f"postgresql://{USER}:{self._password}@{cluster.host(self._started[0])}:{self._port}/{database}"

    def start(self) -> None:
        """Bring the server up; one that an earlier process left behind is adopted, or stopped where it differs.

        Called again after it died, it comes back on the same port; called while it runs, nothing happens.

        Raises:
            EmbeddedFailure: with the reason and what to do.
        """
        if self._running is not None:
            self._revive()
            return
        with self._changing:
            folder = Folder.take(self._asked, self._say)
            try:
                self._running = folder, cluster.programs_for(folder, self._wanted)
                if folder.major is None:
                    cluster.initialise(*self._running, durable=self._durable)
                self._password = folder.secret.read_text()
                if not self._adopt():
                    self._port = folder.port
                    self._launch()
            except BaseException:
                self._leave(folder)
                raise

    def stop(self) -> None:
        """Stop the server, rolling back what runs, and let the folder go. Harmless when it is not started."""
        with self._changing:
            if self._running is not None:
                self._leave(self._running[0])

    async def keep_running(self) -> None:
        """Start the server again, on the same port, each time it dies; until cancelled.

        Raises:
            EmbeddedFailure: it does not come back.
        """
        while True:
            await asyncio.sleep(0.25)
            if self._running is not None and self.pid is None:
                await asyncio.to_thread(self._revive)

    def create_databases(self, names: Sequence[str]) -> None:
        """Make those that are missing, empty."""

        async def make() -> None:
            for name in names:
                await databases.create(self.dsn(name))

        try:
            event_loop.run_apart(make())
        except databases.UnusableServer as error:
            raise EmbeddedFailure(str(error)) from None

    def _revive(self) -> None:
        with self._changing:
            if self._running is not None and self.pid is None:
                self._say("The embedded PostgreSQL died and is started again.")
                self._launch(same_port=True)

    def _leave(self, folder: Folder) -> None:
        there = Postmaster.of(folder.data)
        if there is not None and not there.stop():
            self._say(f"The embedded PostgreSQL (process {there.pid}) does not stop.")
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                self._child.terminate()  # it had not yet written its process file
            self._child.wait()
        self._child = None
        self._running = None
        folder.release()

    def _adopt(self) -> bool:
        """Take over a server that was started just as we would and answers; stop any other."""
        folder, binaries = self._started
        there = Postmaster.of(folder.data)
        if there is None or not there.command:
            return False
        if there.command == " ".join(cluster.command(folder, binaries, there.port, durable=self._durable)):
            self._port = there.port
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self._ask("SELECT 1")
                self._say("The PostgreSQL that an earlier run left behind is taken over.")
                return True
        if not there.stop():
            raise EmbeddedFailure(f"PostgreSQL (process {there.pid}) holds {folder.path} and does not stop.")
        return False

    def _launch(self, *, same_port: bool = False) -> None:
        folder, binaries = self._started
        until = time.monotonic() + PATIENCE
        while True:
            self._port = self._port if same_port else cluster.free_port(self._port)
            complaint = self._try_to_launch(until)
            if complaint is None:
                folder.remember(self._port)
                return
            if time.monotonic() > until or not any(said in complaint for said in PASSING):
                raise EmbeddedFailure(f"{binaries} did not start:\n{complaint}\nAll that it said: {folder.log}")
            time.sleep(0.1)

    def _try_to_launch(self, until: float) -> str | None:
        """Start once and wait until it is ready; else return the last that it said."""
        folder, binaries = self._started
        if self._child is not None:
            self._child.wait()  # it died: reap it
        disown(folder.data)
        if folder.log.exists():
            folder.log.replace(folder.log.with_suffix(".log.1"))
        with folder.account.open_private(folder.log) as log:
            self._child = subprocess.Popen(  # noqa: S603 - a fixed argument list, no shell
                cluster.command(folder, binaries, self._port, durable=self._durable),
                env=binaries.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # the terminal's Ctrl-C must reach us first: we stop it when all is done
                **folder.account.launch,
            )
        while self._child.poll() is None and time.monotonic() < until:
            there = Postmaster.of(folder.data)
            if there is not None and there.ready and there.pid == self._child.pid:
                return None
            time.sleep(0.01)
        if (self._child.poll() or 0) < 0:
            return KILLED
        self._child.kill()
        self._child.wait()
        return "\n".join(folder.log.read_text(errors="replace").splitlines()[-5:])

    def _ask(self, statement: str) -> Sequence[asyncpg.Record]:
        """Run one statement, in a loop of its own: callers may or may not have one."""

        async def ask() -> Sequence[asyncpg.Record]:
            connection = await asyncpg.connect(self.dsn(), timeout=10)
            try:
                return await connection.fetch(statement, timeout=60)
            finally:
                await connection.close()

        return event_loop.run_apart(ask())
