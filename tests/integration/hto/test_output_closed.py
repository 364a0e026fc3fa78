"""`hto … | head`: a command whose reader leaves ends quietly; a connection that breaks is still said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from embedded import forget
from embedded.postmaster import Postmaster
from tests.integration.hto.test_events_tail import log_with, message
from tests.support.postgres import FreshDatabase, free_port

MANY = 2000
HTO = [sys.executable, "-c", "from hto.cli import app; app()"]


def piped(*arguments: str, lines: int, environment: Mapping[str, str] | None = None) -> tuple[int, list[str], str]:
    """Run a command, read some lines of it, then leave; return its status, those lines and its standard error."""
    command = subprocess.Popen(
        [*HTO, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert command.stdout
    read = [command.stdout.readline() for _ in range(lines)]
    command.stdout.close()
    _, said = command.communicate(timeout=60)
    return command.returncode, read, said


@pytest.mark.parametrize("follow", ["--follow", "--no-follow"])
async def test_events_tail_ends_quietly_when_its_reader_leaves(fresh_database: FreshDatabase, follow: str) -> None:
    url = await fresh_database()
    await log_with(url, *(message("vacancy.posted", f"v{number}") for number in range(MANY)))
    status, read, said = piped("events", "tail", "--from-start", follow, "--log-url", url, lines=3)
    assert (status, said) == (0, "")
    assert all("vacancy.posted" in line for line in read)


async def test_events_tail_ends_although_nothing_more_comes_to_be_printed(fresh_database: FreshDatabase) -> None:
    url = await fresh_database()
    await log_with(url, message("vacancy.posted", "v1"))
    assert piped("events", "tail", "--from-start", "--follow", "--log-url", url, lines=1)[::2] == (0, "")


@pytest.mark.parametrize("arguments", [("--help",), ("clock", "--help"), ("openapi", "registry"), ("asyncapi",)])
def test_each_command_ends_quietly_when_nobody_reads_it(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run([*HTO, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_works_whichever_stream_its_caller_closed(closed: str, tmp_path: Path) -> None:
    """Seen red: the event loop was aborted, since a pipe of its own had the number of the stream."""
    command = [*HTO, "token", "--keys", str(tmp_path)]
    ended = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *command], capture_output=True, check=False)
    assert ended.returncode == 1
    assert b"2>" in closed.encode() or b"Traceback" not in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
@pytest.mark.parametrize("arguments", [("--help",), ("openapi", "registry")])
def test_a_disk_that_is_full_is_said_in_a_line(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([*HTO, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "Standard output cannot be written: No space left on device\n")


def test_a_run_whose_reader_leaves_stops_in_order_and_does_not_say_that_its_journey_held() -> None:
    place = Path(tempfile.mkdtemp(prefix="hto-unread-"))
    place.chmod(0o755)
    try:
        data = place / "data"
        status, _, said = piped("run", "--once", "--port", "0", "--data", str(data), lines=1)
        assert (status, said) == (130, "")
        there = Postmaster.of(data / "postgres" / "data")
        assert there is None or not there.command, "PostgreSQL still runs"
        forget(data / "postgres")
    finally:
        shutil.rmtree(place)


def test_a_journey_that_nobody_reads_did_not_hold() -> None:
    arguments = ("demo", "--url", "http://127.0.0.1:1", "--receiver", f"127.0.0.1:{free_port()}")
    assert piped(*arguments, lines=0)[::2] == (130, "")
