"""The command line itself: help everywhere, quick to start, and one line for input that is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hto.cli import app

COMMANDS = (
    "run", "demo", "import", "token", "cases", "parked", "redrive", "clock", "events",
    "migrate", "api", "worker", "issuer", "gateway", "openapi", "asyncapi",
)  # fmt: skip
WITH_EXAMPLES = (
    ("run",), ("demo",), ("token",), ("cases",), ("parked",), ("redrive",), ("migrate",), ("api",), ("worker",),
    ("gateway",), ("clock", "advance"), ("clock", "set"), ("events", "tail"),
    ("import", "schools"), ("import", "institutions"), ("import", "postcodes"),
)  # fmt: skip
HEAVY = ("sqlalchemy", "fastapi", "starlette", "httpx2", "rich.table", "asyncpg", "registry", "uvicorn")


def hto(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        app(list(arguments))
    return int(end.value.code or 0)


@pytest.fixture(autouse=True)
def nothing_runs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTO_DATA_DIR", str(tmp_path))
    for name in ("HTO_URL", "HTO_LOG_URL", "HTO_KEYS", "HTO_DATABASE_URL", "HTO_UPSTREAMS"):
        monkeypatch.delenv(name, raising=False)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert hto("--help") == 0
    text = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n  {name} " not in text] == []


@pytest.mark.parametrize("command", WITH_EXAMPLES, ids=" ".join)
def test_a_commands_help_has_an_example(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert hto(*command, "--help") == 0
    text = capsys.readouterr().out
    assert "Example" in text
    assert "hto " in text


def test_help_imports_nothing_heavy() -> None:
    program = f"import sys, hto.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nonsense",), "No such command"),
        (("clock", "nonsense"), "No such command"),
        (("cases", "--nonsense"), "--nonsense"),
        (("cases", "not-an-id"), "UUID"),
        (("cases", "--kind", "person"), "There are no cases of a person"),
        (("cases", "--limit", "0"), "--limit"),
        (("cases", "--url", "localhost"), "http://host:port"),
        (("parked", "--state", "lost"), "--state"),
        (("redrive",), "--all"),
        (("redrive", "01a1fd9d-c92d-7074-9940-ce50d49c7eed", "--all"), "--all"),
        (("clock", "advance", "soon"), "15d"),
        (("clock", "advance"), "SPAN"),
        (("clock", "set", "someday"), "2026-09-01"),
        (("token", "--client", "nobody"), "there are portal"),
        (("token", "--org", "us"), "--org"),
        (("demo", "--receiver", "somewhere"), "HOST:PORT"),
        (("demo", "--receiver", "host:0"), "HOST:PORT"),
        (("demo", "--receiver", "host:70000"), "HOST:PORT"),
        (("import", "schools", "/nowhere/at/all.csv"), "cannot be read"),
        (("import", "planets", "x.csv"), "No such command"),
        (("events", "tail"), "HTO_LOG_URL"),
        (("events", "tail", "--log-url", "redis://localhost"), "postgresql://"),
        (("gateway",), "HTO_UPSTREAMS"),
        (("api", "payroll"), "payroll"),
        (("run", "--port", "65536"), "--port"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else None,
)
def test_input_that_is_wrong_gets_one_line_and_status_2(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hto(*arguments) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""
    if arguments != ("gateway",):  # settings have a line each
        assert said.err.count("\n") == 1


@pytest.mark.parametrize("command", ["api", "worker"])
def test_settings_that_are_missing_are_named(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert hto(command, "registry") == 2
    assert "HTO_DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [("cases",), ("parked",), ("redrive", "--all"), ("clock", "show"), ("token",)],
    ids=" ".join,
)
def test_who_has_no_key_is_told_where_it_should_be(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hto(*arguments) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "issuer") in said
    assert "--keys" in said
    assert said.count("\n") == 1
