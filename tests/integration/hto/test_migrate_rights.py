"""`hto migrate` gives each service its rights on the event log, says so once, or prints them for an administrator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import asyncpg
import pytest

from common.messaging.log import NotPermitted
from common.messaging.logs import open_log
from common.runtime.log_login import LogLogin
from hto.cli import app
from hto.services import NAMES
from tests.support.postgres import FreshDatabase, Postgres, free_port

Migrate = Callable[..., Awaitable[int]]


@pytest.fixture
def prefix() -> str:
    return f"migrate{free_port()}"


@pytest.fixture
def migrate(postgres_server: Postgres, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Migrate:
    """The command, where each service has a login of its own on the log."""
    owner = postgres_server.address(f"{prefix}_log")
    monkeypatch.setenv("HTO_ENVIRONMENT", "development")
    monkeypatch.setenv("HTO_DATABASE_URL", postgres_server.address(f"{prefix}_{{service}}"))
    monkeypatch.setenv("HTO_LOG_URL", as_user(owner, f"{prefix}_{{service}}"))
    monkeypatch.setenv("HTO_LOG_PASSWORD", "geheim")
    monkeypatch.setenv("HTO_LOG_ADMIN_URL", owner)

    async def run(*arguments: str) -> int:
        def command() -> int:
            with pytest.raises(SystemExit) as end:
                app(["migrate", *arguments])
            return int(end.value.code or 0)

        return await asyncio.to_thread(command)

    return run


def as_user(url: str, user: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}@{parts.hostname}:{parts.port}").geturl()


async def test_rights_are_given_once_and_said(
    migrate: Migrate, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await migrate() == 0, capsys.readouterr().err
    said = capsys.readouterr().err
    for name in NAMES:
        assert f"event log: made the role {prefix}_{name}" in said
        assert f"event log: {prefix}_{name} writes hto.{name}." in said
    assert "geheim" not in said
    assert await migrate() == 0
    assert "event log:" not in capsys.readouterr().err
    assert await migrate("--reset-passwords") == 0
    assert capsys.readouterr().err.count("event log: another password for") == len(NAMES)


async def test_the_printed_statements_give_the_same_rights_when_an_administrator_runs_them(
    migrate: Migrate,
    postgres_server: Postgres,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    owner = postgres_server.address(f"{prefix}_log")
    monkeypatch.setenv("HTO_LOG_URL", owner)  # one login for all: the topics are made and no rights given
    monkeypatch.delenv("HTO_LOG_PASSWORD")
    assert await migrate() == 0, capsys.readouterr().err
    monkeypatch.setenv("HTO_LOG_URL", as_user(owner, f"{prefix}_{{service}}"))
    monkeypatch.setenv("HTO_LOG_PASSWORD", "geheim")
    capsys.readouterr()
    assert await migrate("--print-acls") == 0
    printed = capsys.readouterr().out
    assert "geheim" not in printed
    administrator = await asyncpg.connect(owner)
    try:
        await administrator.execute(printed.replace("PASSWORD 'PASSWORD'", "PASSWORD 'geheim'"))
    finally:
        await administrator.close()
    log = open_log(LogLogin(url=as_user(owner, f"{prefix}_matching"), password="geheim"))
    try:
        subscription = await log.subscribe(["hto.registry.events"], group="hto.matching")
        await subscription.poll(limit=1, wait=0.1)
        with pytest.raises(NotPermitted):
            await log.partitions("hto.registry.contacts")
    finally:
        await log.stop()


async def test_for_kafka_the_commands_of_its_own_tools_are_printed(
    fresh_database: FreshDatabase, migrate: Migrate, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HTO_LOG_URL", "kafka+ssl://svc-{service}@broker:9092")
    assert await migrate("--print-acls") == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    mine = [line for line in lines if "svc-matching" in line]
    assert any("--entity-name svc-matching" in line and "SCRAM-SHA-512" in line for line in mine)
    assert any("--operation Write --topic hto.matching.events" in line for line in mine)
    assert any("--group hto.matching. --resource-pattern-type prefixed" in line for line in mine)
    assert not any("contacts" in line or "Write --topic hto.registry" in line for line in mine)
    assert "geheim" not in printed


async def test_a_role_whose_password_is_not_known_must_be_there_already(
    migrate: Migrate, prefix: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HTO_LOG_PASSWORD")
    assert await migrate() == 1
    assert f"there is no role {prefix}_registry yet" in capsys.readouterr().err
