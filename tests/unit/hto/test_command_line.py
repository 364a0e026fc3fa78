"""The command line itself: help everywhere, quick to start, and one line for input that is wrong."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hto.cli import app

COMMANDS = (
    "run", "demo", "import", "token", "cases", "parked", "redrive", "clock", "events",
    "migrate", "api", "worker", "issuer", "gateway", "openapi", "asyncapi", "letters", "rebuild", "new",
    "policies",
)  # fmt: skip
WITH_EXAMPLES = (
    ("run",), ("demo",), ("token",), ("cases",), ("parked",), ("redrive",), ("migrate",), ("api",), ("worker",),
    ("gateway",), ("clock", "advance"), ("clock", "set"), ("events", "tail"),
    ("import", "schools"), ("import", "institutions"), ("import", "postcodes"),
    ("new", "aggregate"), ("letters",), ("policies", "list"), ("policies", "due"), ("policies", "diff"),
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
        (("redrive", "--all", "--discard", "sent by mistake"), "one ID"),
        (("redrive", "01a1fd9d-c92d-7074-9940-ce50d49c7eed", "--discard", " "), "a reason"),
        (("redrive", "01a1fd9d-c92d-7074-9940-ce50d49c7eed", "--discard", "sent by mistake"), "--yes"),
        (("cases", "--url", "http://host:port"), "http://host:port"),
        (("clock", "advance", "soon"), "15d"),
        (("clock", "advance", "999999999999d"), "longer than"),
        (("clock", "advance", "9" * 30 + "d"), "longer than"),
        (("clock", "set", "0001-01-01"), "2026-09-01"),
        (("clock", "set", "2026-02-30"), "2026-09-01"),
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
        (("events", "tail", "--log-url", "kafka://"), "kafka://host:port"),
        (("events", "tail", "--log-url", "kafka://u:secret@host:port"), "kafka://host:port"),
        (("events", "tail", "--log-url", "postgresql://u:secret@[host/log"), "postgresql://host:port"),
        (("events", "tail", "--log-url", "postgresql://u:secret@host:port/log"), "postgresql://host:port"),
        (("import", "schools", "/"), "Is a directory"),
        (("import", "schools", "/dev/zero"), "larger than 16 MB"),
        (("gateway",), "HTO_UPSTREAMS"),
        (("api", "payroll"), "payroll"),
        (("worker", "payroll"), "payroll"),
        (("openapi", "payroll"), "payroll"),
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
    assert "secret" not in said.err
    assert said.out == ""
    if arguments != ("gateway",):  # settings have a line each
        assert said.err.count("\n") == 1


@pytest.mark.parametrize("command", [("api", "registry"), ("worker", "registry"), ("migrate",), ("issuer",)])
def test_settings_that_are_missing_are_named(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HTO_RATE_LIMIT", "often")
    assert hto(*command) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0].strip() for line in said[1:]] == ["HTO_DATABASE_URL", "HTO_LOG_URL", "HTO_RATE_LIMIT"]


def test_run_says_what_is_wrong_before_it_starts_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seen red: PostgreSQL was made and started first."""
    monkeypatch.setenv("HTO_RATE_LIMIT", "often")
    assert hto("run", "--port", "0") == 2
    assert "HTO_RATE_LIMIT" in "".join(capsys.readouterr())
    assert not list(tmp_path.iterdir())


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Settings in which nothing is wrong; but nobody is there."""
    monkeypatch.setenv("HTO_DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/hto_{service}")
    monkeypatch.setenv("HTO_LOG_URL", "postgresql://u:secret@127.0.0.1:1/log")
    return monkeypatch


def failed_with(*command: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert hto(*command) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "secret" not in said.err
    return said.err


def test_a_database_that_is_not_there_is_said_in_one_line(
    settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "HTO_DATABASE_URL does not answer" in failed_with("migrate", capsys=capsys)


def test_one_database_for_all_services_is_refused_before_anything_is_made(
    settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second service's migrations would meet the first one's tables."""
    settings.setenv("HTO_DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/hto")
    assert hto("migrate") == 2
    assert "HTO_DATABASE_URL: must have {service} in it" in capsys.readouterr().err


def test_the_development_issuer_is_refused_in_production(
    settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings.setenv("HTO_ENVIRONMENT", "production")
    settings.setenv("HTO_ISSUERS", "https://issuer.example")
    assert hto("issuer") == 2
    assert "HTO_ENVIRONMENT" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [("issuer",), ("gateway",), ("demo", "--url", "http://127.0.0.1:1"), ("demo", "--number", "3")],
    ids=" ".join,
)
def test_a_port_that_is_taken_is_named_in_one_line(
    command: tuple[str, ...], settings: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings.setenv("HTO_PORT", port)
        settings.setenv("HTO_RECEIVER", f"127.0.0.1:{port}")
        settings.setenv("HTO_UPSTREAMS", "registry=http://127.0.0.1:1")
        assert f"127.0.0.1:{port}: Address already in use" in failed_with(*command, capsys=capsys)


@pytest.mark.parametrize("command", ["openapi", "asyncapi", "letters"])
def test_a_folder_that_cannot_be_written_is_named_in_one_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    folder = tmp_path / "file" / "docs"
    assert str(folder) in failed_with(command, "--write", "--folder", str(folder), capsys=capsys)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_data_folder_that_cannot_be_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    assert hto("run", "--once", "--data", str(tmp_path / "file")) == 1
    assert "HTO_DATA_DIR cannot be" in capsys.readouterr().out
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    "arguments",
    [("cases",), ("parked",), ("redrive", "--all"), ("clock", "show"), ("token",)],
    ids=" ".join,
)
def test_a_missing_key_is_refused_with_the_place_where_it_should_be(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hto(*arguments) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "issuer") in said
    assert "--keys" in said
    assert said.count("\n") == 1
