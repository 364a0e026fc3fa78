"""It is production unless told otherwise, and production refuses what is unsafe: all of it together, with reasons."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from common.runtime.production import hosts_of, is_here, why_unsafe
from common.runtime.settings import SettingsError, load
from tests.unit.hto.test_command_line import hto

SAFE = {
    "HTO_DATABASE_URL": "postgresql://u:geheim@db.example.nl/hto_{service}?sslmode=verify-full",
    "HTO_LOG_URL": "postgresql://u:geheim@db.example.nl/hto_log?sslmode=verify-full",
    "HTO_ISSUERS": "https://login.example.nl",
    "HTO_MAIL_URL": "smtp://u:geheim@mail.example.nl",
    "HTO_PUBLIC_URL": "https://techniekopleiders.example.nl",
    "HTO_WEBHOOK_ALLOW": "ontvanger.example.nl:8443",
    "HTO_CORS_ALLOW": "https://portaal.example.nl",
}
UNSAFE = {
    "HTO_DATABASE_URL": "postgresql://u:geheim@db.example.nl/hto_{service}",
    "HTO_LOG_URL": "postgresql://u:geheim@db.example.nl/hto_log?sslmode=prefer",
    "HTO_ISSUERS": "https://login.example.nl,http://localhost:8000/issuer",
    "HTO_MAIL_URL": "smtp+opportunistic://u:geheim@mail.example.nl",
    "HTO_PUBLIC_URL": "http://techniekopleiders.example.nl",
    "HTO_TEST_CLOCK": "1",
    "HTO_WEBHOOK_ALLOW": "ontvanger.example.nl:8443,169.254.169.254:80",
    "HTO_CORS_ALLOW": "*",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which nothing of HTO is said."""
    for name in [name for name in os.environ if name.startswith(("HTO_", "PGSSL"))]:
        monkeypatch.delenv(name)
    return monkeypatch


def test_without_a_word_it_is_production_and_all_that_is_unsafe_is_refused_together(
    environment: pytest.MonkeyPatch,
) -> None:
    """Seen red: without HTO_ENVIRONMENT it was development, and took every one of these."""
    for name, value in UNSAFE.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert set(refused.value.problems) == set(UNSAFE)
    assert "geheim" not in str(refused.value)
    environment.setenv("HTO_ENVIRONMENT", "development")
    assert load().test_clock


def test_production_starts_with_settings_that_are_safe(environment: pytest.MonkeyPatch) -> None:
    for name, value in SAFE.items():
        environment.setenv(name, value)
    assert load().environment == "production"


@pytest.mark.parametrize("command", [("api", "registry"), ("worker", "registry"), ("migrate",), ("issuer",)])
def test_no_process_starts_with_unsafe_settings(
    command: tuple[str, ...], environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in UNSAFE.items():
        environment.setenv(name, value)
    assert hto(*command) == 2
    assert {line.split(":")[0].strip() for line in capsys.readouterr().err.splitlines()[1:]} == set(UNSAFE)


def test_run_is_refused_with_its_reason_before_anything_is_made(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run") / "data"
    assert hto("run", "--once", "--data", str(folder), "--port", "0") == 2
    assert "HTO_ENVIRONMENT=development" in " ".join("".join(capsys.readouterr()).split())
    assert not folder.exists()


def test_commands_that_ask_a_system_need_no_environment() -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("HTO_")}
    for arguments in (["--help"], ["token", "--help"], ["openapi", "registry"]):
        command = [sys.executable, "-c", "from hto.cli import app; app()", *arguments]
        assert subprocess.run(command, env=bare, capture_output=True, check=False).returncode == 0, arguments


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1:80", "localhost:80", "10.1.2.3:443", "192.168.0.1:80", "172.16.0.1:80", "169.254.169.254:80"),
        *("[::1]:80", "[fe80::1]:80", "[fd00::1]:80", "[::ffff:10.0.0.1]:80", "0.0.0.0:80", "100.64.0.1:80"),
        *("2130706433:80", "0x7f.1:80", "127.1:80", "LOCALHOST.:80", "metadata.google.internal:80", "demo:9000"),
        *("host.docker.internal:9000", "printer.local:80", "x.localhost:80"),
    ],
)
def test_a_webhook_exception_that_leads_inside_is_refused(host: str) -> None:
    assert "private, link-local or loopback" in (why_unsafe("webhook_allow", (host,)) or "")


@pytest.mark.parametrize("host", ["ontvanger.example.nl:443", "93.184.216.34:8443", "[2606:2800:220:1::1]:443"])
def test_a_webhook_exception_for_a_public_host_is_taken(host: str) -> None:
    assert why_unsafe("webhook_allow", (host,)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuers", ()),
        ("issuers", ("http://login.example.nl",)),
        ("database_url", "postgresql://u:p@db/x"),
        ("database_url", "postgresql://u:p@localhost,db/x"),
        ("database_url", "postgresql:///x?host=db"),
        ("database_url", "postgresql://u:p@db/x?sslmode=disable"),
        ("log_url", "postgresql://u:p@10.0.0.5:5432/log?sslmode=allow"),
        ("log_admin_url", "postgresql://u:p@db/log"),
        ("mail_url", "smtp+opportunistic://mail"),
        ("public_url", "http://10.0.0.5:8000"),
        ("cors_allow", ("http://portaal.example.nl",)),
        ("cors_allow", ("https://*.example.nl",)),
    ],
)
def test_an_unsafe_setting_has_a_reason(name: str, value: object) -> None:
    reason = why_unsafe(name, value)
    assert reason
    assert "must" in reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "postgresql:///x?host=/run/postgresql"),
        ("database_url", "postgresql://u:p@%2Frun%2Fpostgresql/x"),
        ("database_url", "postgresql://u:p@[::1]:5432/x"),
        ("database_url", "postgresql://u:p@127.0.0.1,localhost:5433/x"),
        ("database_url", "postgresql://u:p@db/x?sslmode=require"),
        ("log_url", "kafka+ssl://broker:9093"),
        ("log_admin_url", None),
        ("mail_url", "smtps://u:p@mail"),
        ("mail_url", "smtp+opportunistic://localhost"),
        ("mail_url", "smtp://localhost:25"),
        ("mail_url", "folder://mail"),
        ("public_url", "http://localhost:8000"),
        ("webhook_allow", ()),
        ("test_clock", False),
        ("pool_size", 3),
    ],
)
def test_a_safe_setting_is_accepted(name: str, value: object, environment: pytest.MonkeyPatch) -> None:
    assert why_unsafe(name, value) is None


def test_the_mode_may_also_stand_in_the_drivers_own_variable(environment: pytest.MonkeyPatch) -> None:
    assert why_unsafe("database_url", "postgresql://u:p@db/x")
    environment.setenv("PGSSLMODE", "verify-full")
    assert why_unsafe("database_url", "postgresql://u:p@db/x") is None


def test_the_hosts_of_an_address_are_found_wherever_they_stand() -> None:
    assert list(hosts_of("postgresql://u:p@a:1,[::1]:2/x")) == ["a", "::1"]
    assert list(hosts_of("postgresql:///x")) == [""]
    assert [is_here(host) for host in ("", "/run", "LOCALHOST", "::1", "127.9.9.9", "db", "10.0.0.1")] == [
        *([True] * 5),
        *([False] * 2),
    ]
