"""`hto run` for real: everything starts, the journey holds, each command works on it, and stopping leaves nothing."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from inspect import getattr_static
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import structlog
from rich.console import Console

from common.envelope import Envelope
from common.messaging.log import Message
from common.messaging.logs import open_log
from common.persistence.transaction import uuid7
from demo.cast import Cast
from demo.journey import STORY, Scene
from demo.play import play
from demo.receiver import receiving
from demo.report import Reporter
from demo.stage import Held, Outcome, Stage, expected
from embedded import forget
from embedded.postmaster import Postmaster
from events.registry import TrainerPaused
from hto import embedded
from hto.addresses import Addresses, announced
from hto.cli import app
from hto.client import Client, Who
from hto.data_folder import JourneyRecord, State, record
from hto.embedded import Plan, start
from hto.services import NAMES
from tests.support.how_to import commands_of
from tests.support.plumbing import OIN
from tests.support.postgres import free_port
from tests.support.sample import eventually

STEPS = sum(len(scene.steps) for scene in STORY)


@dataclass
class System:
    """A system that runs, in this process."""

    folder: Path
    port: int = field(default_factory=free_port)
    hooks: int = field(default_factory=free_port)
    """Where journeys from outside may receive."""
    said: io.StringIO = field(default_factory=io.StringIO)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def text(self) -> str:
        return self.said.getvalue()

    def client(self) -> Client:
        return Client(Addresses.of(self.url), self.folder / "issuer")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[System]:
    """Run until the block ends, which presses Ctrl-C; the exit status must then be 0."""
    system = System(folder)
    plan = Plan(once=False, again=False, port=system.port, data=folder, began=time.monotonic())
    console = Console(file=system.said, width=200, highlight=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "configure", lambda *_: _log_errors_only())
        patch.setenv("HTO_DATA_DIR", str(folder))
        patch.setenv("HTO_WEBHOOK_ALLOW", f"127.0.0.1:{system.hooks}")
        patch.setenv("HTO_RECEIVER", f"127.0.0.1:{system.hooks}")
        work = asyncio.create_task(start(plan, console))
        while "a first request" not in system.text:
            assert not work.done(), system.text
            await asyncio.sleep(0.1)
        try:
            yield system
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            assert await work == 0
            structlog.reset_defaults()


def _log_errors_only() -> None:
    """What is logged would stand between what commands print. Nothing is cached: other tests keep their loggers."""
    level = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=level, cache_logger_on_first_use=False)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that the account which runs PostgreSQL can enter."""
    path = Path(tempfile.mkdtemp(prefix="hto-run-"))
    path.chmod(0o755)
    yield path
    forget(path / "postgres")
    shutil.rmtree(path)


@pytest.fixture(scope="module")
async def system(folder: Path) -> AsyncIterator[System]:
    """The system after its first start; at the end nothing of it may be left."""
    async with running(folder) as made:
        yield made
    assert announced(folder) == {}
    there = Postmaster.of(folder / "postgres" / "data")
    assert there is None or not there.command, "PostgreSQL still runs"


async def hto(*arguments: str) -> int:
    """Run a command as a person would, in a thread: it has an event loop of its own."""

    def run() -> int:
        with pytest.raises(SystemExit) as end:
            app(list(arguments))
        return int(end.value.code or 0)

    with ThreadPoolExecutor(1) as thread:
        return await asyncio.get_running_loop().run_in_executor(thread, run)


async def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert await hto(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


# -- what is seen at the start -----------------------------------------------------------------------------------------


def test_the_journey_is_printed_step_by_step_and_every_step_held(system: System) -> None:
    assert "✗" not in system.text, system.text
    assert f"All {STEPS} steps held" in system.text
    for event in ("trainer.available", "vacancy.posted", "proposal.accepted", "contract.activated", "hours.approved"):
        assert re.search(rf"✓ .* {re.escape(event)} +\d+\.\d\d s", system.text), event


async def test_at_the_end_it_says_where_everything_is_and_it_is_there(system: System) -> None:
    closing = system.text.partition("Everything runs")[2]
    pages = re.findall(r"http://\S+/docs", closing)
    assert pages == [f"{system.url}/{name}/v1/docs" for name in NAMES]
    async with httpx2.AsyncClient(follow_redirects=True) as client:
        for page in (*pages, f"{system.url}/console"):
            assert (await client.get(page)).status_code == 200, page


async def test_the_first_request_works_as_it_is_printed(system: System) -> None:
    closing = system.text.partition("Everything runs")[2]
    found = re.search(r"TOKEN=(\S+)\s+curl -H \"Authorization: Bearer \$TOKEN\" (\S+)", closing)
    assert found
    async with httpx2.AsyncClient() as client:
        answer = await client.get(found[2], headers={"Authorization": f"Bearer {found[1]}"})
    assert answer.json()["target"] == 1000


# -- what can be asked of it -------------------------------------------------------------------------------------------


async def test_cases_shows_each_case_with_its_next_step_and_every_step_of_one(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    page = await as_json(capsys, "cases", "--kind", "vacancy")
    (vacancy,) = page["items"]
    assert vacancy["nextStep"]["what"] == "teach"
    assert await hto("cases", "--open") == 0
    assert vacancy["id"] in capsys.readouterr().out
    assert await hto("cases", vacancy["id"]) == 0
    text = capsys.readouterr().out
    steps = [line.split()[3] for line in text.splitlines() if re.match(r"\d{4}-\d\d-\d\d ", line)]
    wanted = ["vacancy.posted", "proposal.made", "proposal.accepted", "contract.drafted", "contract.signed"]
    assert [step for step in steps if step in wanted] == wanted
    trainer = next(line.split()[-1] for line in text.splitlines() if "see also: trainer" in line)
    assert (await as_json(capsys, "cases", trainer))["id"] == trainer


async def test_an_id_that_some_case_carries_leads_to_that_case(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    (vacancy,) = (await as_json(capsys, "cases", "--kind", "vacancy"))["items"]
    steps = (await as_json(capsys, "cases", vacancy["id"]))["steps"]
    contract = next(step["subject"] for step in steps if step["event"] == "contract.signed").partition("/")[2]
    assert (await as_json(capsys, "cases", contract))["id"] == vacancy["id"]


async def test_a_case_that_is_not_there_is_one_line(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    assert await hto("cases", "01a1fd9d-c92d-7074-9940-ce50d49c7eed") == 1
    assert capsys.readouterr().err.count("\n") == 1


async def test_after_the_journey_no_event_is_parked(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    assert await as_json(capsys, "parked", "--state", "any") == []
    assert await as_json(capsys, "redrive", "--all", "--dry-run") == []
    assert await hto("parked") == 0
    assert await hto("redrive", "--all") == 0
    assert capsys.readouterr().out.count("Nothing is parked.") == 2
    assert await hto("redrive", "01a1fd9d-c92d-7074-9940-ce50d49c7eed") == 1


async def test_the_clock_moves_for_all_services_and_comes_back(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = await as_json(capsys, "clock", "advance", "1d12h")
    assert set(moved["services"].values()) == {129_600}
    assert await hto("clock", "show") == 0
    assert "1 day, 12:00:00 ahead of real time" in capsys.readouterr().out
    at = await as_json(capsys, "clock", "set", "2026-12-24T18:00")
    assert at["now"].startswith("2026-12-24T17:00")
    assert (await as_json(capsys, "clock", "set", "now"))["offsetSeconds"] == 0
    assert await hto("clock", "show") == 0
    assert "real time" in capsys.readouterr().out


async def test_a_token_opens_what_its_client_may_see(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    made = await as_json(capsys, "token", "--client", "desk", "--region", "AM28")
    assert made["regions"] == ["AM28"]
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {made['accessToken']}"}) as client:
        assert (await client.get(f"{system.url}/registry/v1/trainers")).json()["items"]
        assert (await client.get(f"{system.url}/operations/v1/parked-events")).status_code == 403


async def test_events_are_found_without_saying_where_the_log_is(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await hto("events", "tail", "--from-start", "--no-follow", "--topic", "hto.contracts.events") == 0
    assert "contract.activated.v1" in capsys.readouterr().out


async def test_an_import_reports_by_line_and_a_second_one_changes_nothing(
    system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    header = "pc4,plaats,gemeente,provincie,lat,lon,cbs_am_code\n"
    row = "6999,Voorbeeld,Voorbeeldgemeente,Gelderland,51.9,6.1,AM07\n"
    good.write_text(header + row)
    bad.write_text(f"{header}{row}12,Nergens,Nergens,Gelderland,51.9,6.1,AM07\n")
    assert await hto("import", "postcodes", str(good), "--dry-run") == 0
    assert "dry run: nothing was changed" in capsys.readouterr().out
    assert (await as_json(capsys, "import", "postcodes", str(good)))["counts"]["postcode_area"]["added"] == 1
    assert (await as_json(capsys, "import", "postcodes", str(good)))["counts"]["postcode_area"]["unchanged"] == 1
    assert await hto("import", "postcodes", str(bad)) == 0
    assert "line 3, pc4: " in capsys.readouterr().out
    assert await hto("import", "postcodes", str(bad), "--all-or-nothing") == 1
    assert "lines[3]" in capsys.readouterr().err
    bad.write_text(f"sep=,\n{header}12,Nergens,Nergens,Gelderland,51.9,6.1,AM07\n")
    assert await hto("import", "postcodes", str(bad), "--dry-run") == 1
    assert "(utf-8, separated by commas): 1 rows, 0 usable; dry run" in capsys.readouterr().out
    assert await hto("import", "postcodes", str(bad)) == 1
    assert "no row that can be used" in capsys.readouterr().err


async def test_the_journey_plays_again_from_outside_in_another_town(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    document = await as_json(capsys, "demo", "--number", "1")
    assert document["held"] is True
    assert len(document["steps"]) == STEPS


async def test_a_trainer_of_an_earlier_journey_who_fits_is_asked_beside_and_let_down(
    system: System, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one of before fits better; more are asked than there are places, and the first to agree has it."""
    signed_up = STORY[:3]
    async with system.client() as client, receiving("127.0.0.1", system.hooks) as receiver:
        notes = Reporter(None)
        assert await play(client, receiver, notes, number=2, story=signed_up), notes.lines[-1]
    stated = getattr_static(Cast, "profile").fget
    monkeypatch.setattr(Cast, "profile", property(lambda cast: stated(cast) | {"desiredMonths": 30}))
    document = await as_json(capsys, "demo", "--number", "2")
    assert document["held"] is True
    case = next(step["case"] for step in document["steps"] if step["event"] == "vacancy.posted")
    events = [step["event"] for step in (await as_json(capsys, "cases", case))["steps"]]
    assert "proposal.withdrawn" in events
    assert events.count("proposal.made") == events.count("proposal.withdrawn") + 1


async def wait_for_nothing(on: Stage) -> Outcome:
    """Something that never happens."""
    await on.portal.put(f"/registry/v1/organisations/{on.cast.board}", on.cast.board_body)
    return expected(on.cast.board, "board.dissolved", reason="merger")


async def misread_an_answer(on: Stage) -> Outcome:
    """An answer is not as agreed."""
    return Held((await on.programme.get("/operations/v1/figures/programme"))["nonsense"])


async def ask_what_is_not_allowed(on: Stage) -> Outcome:
    """Somebody asks what is not theirs."""
    await on.trainer.post("/operations/v1/clocks/programme/_advance", {"seconds": 60})
    return Held("")


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (wait_for_nothing, "board.dissolved, reason merger did not happen"),
        (misread_an_answer, "KeyError('nonsense')"),
        (ask_what_is_not_allowed, "was refused (403"),
    ],
)
async def test_a_journey_that_does_not_hold_names_the_step_and_why(system: System, step: Any, says: str) -> None:
    notes = Reporter(None)
    async with system.client() as client, receiving("127.0.0.1", 0) as receiver:
        story = (Scene("Wrong", (step, STORY[0].steps[0])),)
        assert not await play(client, receiver, notes, story=story, patience=1)
    (line,) = notes.lines
    assert not line.held
    assert line.what is not None
    assert says in line.what


# -- when it is started again ------------------------------------------------------------------------------------------


async def _somebody_sends_nonsense(system: System) -> None:
    """An event whose payload nobody can read, as a faulty producer would send it."""
    key = str(uuid7())
    envelope = Envelope(
        id=uuid7(),
        source=f"urn:nld:oin:{OIN}:systeem:hto-registry",
        type=TrainerPaused.type,
        subject=f"trainer/{key}",
        time=datetime.now(UTC),
        key=key,
    )
    event_log = open_log(announced(system.folder)["logUrl"])
    producer = await event_log.producer("faulty")
    message = Message(topic="hto.registry.events", key=key, value=b'{"trainerId": "me"}', headers=envelope.headers())
    assert await producer.send([message], within=10)
    await event_log.stop()


class _Terminal(io.StringIO):
    """At which somebody answers."""

    def isatty(self) -> bool:
        return True


FOLLOW_ALL: Final = 3
"""Consumers that take every event: notifications, its feed, and the cases."""


async def test_a_parked_event_is_shown_with_its_reason_redriven_and_discarded(
    system: System, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await _somebody_sends_nonsense(system)

    async def each_is(state: str) -> bool:
        found = await as_json(capsys, "parked", "--state", "any")
        return [item["state"] for item in found] == [state] * FOLLOW_ALL

    await eventually(lambda: each_is("parked"))
    assert await hto("parked") == 0
    assert "trainerId: Input should be a valid UUID" in capsys.readouterr().out
    assert await hto("redrive", "--all", "--dry-run") == 0
    assert f"Would order a redrive of {FOLLOW_ALL} keys." in capsys.readouterr().out
    for command in commands_of("read-a-parked-key.md"):
        assert await hto(*command) == 0
    capsys.readouterr()
    await eventually(lambda: each_is("parked"))  # all was tried again, and is as unreadable as before
    first, *others = await as_json(capsys, "parked")
    assert await hto("redrive", first["id"]) == 0
    assert "Ordered a redrive of 1 key;" in capsys.readouterr().out
    await eventually(lambda: each_is("parked"))  # it is as unreadable as before
    discard = ("--discard", "sent by mistake")
    assert await hto("redrive", first["id"], *discard, "--dry-run") == 0
    assert "Would order a discard of the first event of 1 key." in capsys.readouterr().out
    for answer, status in (("n", 1), ("y", 0)):
        monkeypatch.setattr("sys.stdin", _Terminal(f"{answer}\n"))
        assert await hto("redrive", first["id"], *discard) == status
        said = capsys.readouterr()
        assert f"Pass over trainer.paused.v1 of {first['parkedKey']} for ever?" in said.err
        assert ("Ordered a discard" in said.out) is (status == 0)
    for other in others:
        assert await hto("redrive", other["id"], *discard, "--yes") == 0
        assert "Ordered a discard" in capsys.readouterr().out
    await eventually(lambda: each_is("solved"))
    assert await hto("parked") == 0
    assert "Nothing is parked." in capsys.readouterr().out


@pytest.fixture
def another() -> Iterator[Path]:
    """A data folder of its own, on which no journey is played: only the start counts there."""
    path = Path(tempfile.mkdtemp(prefix="hto-run-"))
    path.chmod(0o755)
    record(path, State.HELD)
    yield path
    forget(path / "postgres")
    shutil.rmtree(path)


async def test_an_answered_write_survives_a_kill_and_is_there_after_the_next_start(another: Path) -> None:
    """And a process whose event loop stands still: nobody else would start `hto run` again."""
    killed = _start(another, HELD, HTO_WATCHDOG_SECONDS="1")
    async with _client_of(another) as client:
        portal = client.acting_as(Who(client="portal"))
        board = await portal.post("/registry/v1/organisations", {"kind": "board", "name": "Stichting Voorbeeld"})
    (another / "running.json").unlink()
    killed.send_signal(signal.SIGUSR1)
    _wait_until_announced(another, killed)
    await _answers(another)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    again = _start(another)
    async with _client_of(another) as client:
        found = await client.acting_as(Who(client="programme")).get(f"/registry/v1/organisations/{board['id']}")
        assert found["name"] == "Stichting Voorbeeld"
        operator = client.acting_as(Who(client="operator"))

        async def followed() -> bool:
            return bool((await operator.get("/operations/v1/cases", involving=board["id"]))["items"])

        await eventually(followed)
    again.send_signal(signal.SIGTERM)
    assert again.wait() == 0
    assert announced(another) == {}


async def test_a_journey_that_failed_is_not_played_again_over_what_was_entered_since(
    another: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: below the failed step stood "Everything runs.", and the next start set the clock back six weeks."""
    monkeypatch.setattr(embedded, "configure", lambda *_: _log_errors_only())
    failing = (Scene("Wrong", (misread_an_answer,)),)
    monkeypatch.setattr(play, "__kwdefaults__", {**(play.__kwdefaults__ or {}), "story": failing})

    async def once(*, again: bool = False, keeps_serving: bool = False) -> tuple[int, str]:
        said = io.StringIO()
        plan = Plan(once=not keeps_serving, again=again, port=free_port(), data=another, began=time.monotonic())
        work = asyncio.create_task(start(plan, Console(file=said, width=200, highlight=False)))
        while keeps_serving and "a first request" not in said.getvalue():
            assert not work.done(), said.getvalue()
            await asyncio.sleep(0.05)
        if keeps_serving:
            os.kill(os.getpid(), signal.SIGINT)
        return await work, said.getvalue()

    status, text = await once(again=True)
    assert (status, "KeyError('nonsense')" in text) == (1, True), text
    found = JourneyRecord.of(another)
    assert found is not None
    assert (found.state, found.step) == (State.FAILED, "step 1 (An answer is not as agreed)")
    for keeps_serving in (False, True):
        status, text = await once(keeps_serving=keeps_serving)
        assert status == 1, "words and status agree"
        assert "Everything runs" not in text
        assert "✗" not in text, "no step was played"
        assert "The journey failed here at step 1" in text
        assert "make clean-data" in text
    record(another, State.PLAYING)
    assert "broken off here before its end" in (await once())[1]


HELD = """
import signal
def held(*_):
    while True:
        pass
signal.signal(signal.SIGUSR1, held)
"""
"""A process whose event loop a signal takes for ever, as a handler would that never ends."""


def _start(folder: Path, program: str = "", **more: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "HTO_DATA_DIR": str(folder), "HTO_PORT": str(free_port()), **more}
    command = [sys.executable, "-c", f"{program}\nfrom hto.cli import app; app()", "run"]
    (folder / "running.json").unlink(missing_ok=True)
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _wait_until_announced(folder, child)
    return child


def _wait_until_announced(folder: Path, child: subprocess.Popen[bytes]) -> None:
    while not announced(folder):
        assert child.poll() is None
        time.sleep(0.1)


async def _answers(folder: Path) -> None:
    async with _client_of(folder) as client:
        await client.acting_as(Who(client="operator")).get("/operations/v1/cases")


def _client_of(folder: Path) -> Client:
    return Client(Addresses.of(announced(folder)["url"]), folder / "issuer")
