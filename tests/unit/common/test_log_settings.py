"""How a process comes into the event log: what the settings allow, what they refuse in words, what they never show."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.runtime.log_login import LogLogin
from common.runtime.settings import Settings, SettingsError, load

DATABASE = "postgresql://u:p@db/hto_{service}"
SECURED = "kafka+ssl://hto_{service}@a:9092,b:9092"


def settings(**given: object) -> Settings:
    return load(**{"database_url": DATABASE, "log_url": SECURED, "log_password": "geheim", **given})


def problems(**given: object) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        settings(**given)
    assert "geheim" not in str(refused.value)
    return refused.value.problems


def test_each_service_enters_the_log_as_itself_with_a_password_from_its_own_file(tmp_path: Path) -> None:
    for name in ("registry", "matching"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "password").write_text(f"geheim-{name}\n")
    ca = tmp_path / "ca.pem"
    ca.touch()
    given = settings(
        log_password=None, log_password_file=f"{tmp_path}/{{service}}/password", log_ca_file=str(ca), oin="0" * 20
    )
    login = given.log_of("matching")
    assert (login.scheme, login.user, login.hosts) == ("kafka+ssl", "hto_matching", "a:9092,b:9092")
    assert (login.password, login.ca_file) == ("geheim-matching", ca)
    assert "geheim" not in repr(login)
    assert given.log_of("registry").password == "geheim-registry"


def test_a_password_from_a_file_is_put_into_a_database_address_as_it_must_be_written_there(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("a/b@c:d")
    given = settings(
        database_url="postgresql://hto_{service}@db:5432/hto_{service}", database_password_file=str(secret)
    )
    assert given.database_of("matching") == "postgresql://hto_matching:a%2Fb%40c%3Ad@db:5432/hto_matching"
    log = settings(log_url="postgresql://hto_{service}@db/log", log_password=None, log_password_file=str(secret))
    assert log.log_of("matching").dsn == "postgresql://hto_matching:a%2Fb%40c%3Ad@db/log"


def test_an_administrator_has_a_login_of_its_own(tmp_path: Path) -> None:
    certificate = tmp_path / "client.pem"
    certificate.touch()
    given = settings(log_admin_url="kafka+ssl://a:9094", log_admin_certificate_file=str(certificate))
    assert given.log_admin() == LogLogin(url="kafka+ssl://a:9094", certificate_file=certificate)
    by_password = settings(log_admin_url="kafka+ssl://root@a:9094", log_admin_password="geheim too")
    assert (by_password.log_admin().user, by_password.log_admin().password) == ("root", "geheim too")
    assert settings(log_url="kafka://a:9092", log_password=None).log_admin() == LogLogin(url="kafka://a:9092")


def test_without_an_administrator_a_login_per_service_makes_no_topics() -> None:
    with pytest.raises(SettingsError) as refused:
        settings().log_admin()
    assert list(refused.value.problems) == ["HTO_LOG_ADMIN_URL"]


@pytest.mark.parametrize(
    ("given", "variable", "why"),
    [
        ({"log_url": "kafka+ssl://u:geheim@a:9092"}, "HTO_LOG_URL", "must not have a password in it"),
        ({"log_url": "kafka://u@a:9092"}, "HTO_LOG_URL", "must be kafka+ssl:// where it names a user"),
        ({"log_password": None}, "HTO_LOG_PASSWORD_FILE", "must name the file with the password"),
        ({"log_password_file": "/x"}, "HTO_LOG_PASSWORD_FILE", "one of the two"),
        ({"log_url": "kafka+ssl://a:9092"}, "HTO_LOG_PASSWORD_FILE", "needs a user in HTO_LOG_URL"),
        ({"log_url": "postgresql://u:geheim@a/b"}, "HTO_LOG_PASSWORD_FILE", "has a password in it"),
        ({"log_url": "kafka://a", "log_password": None, "log_ca_file": "/x"}, "HTO_LOG_CA_FILE", "is for kafka+ssl://"),
        ({"log_admin_password": "geheim"}, "HTO_LOG_ADMIN_PASSWORD_FILE", "needs HTO_LOG_ADMIN_URL"),
        ({"log_admin_url": "kafka+ssl://u@a"}, "HTO_LOG_ADMIN_PASSWORD_FILE", "must name the file"),
        ({"log_admin_url": "kafka+ssl://u:geheim@a"}, "HTO_LOG_ADMIN_URL", "HTO_LOG_ADMIN_PASSWORD_FILE"),
        (
            {"log_admin_url": "kafka://a", "log_admin_certificate_file": "/x"},
            "HTO_LOG_ADMIN_CERTIFICATE_FILE",
            "is for",
        ),
        ({"database_password_file": "/x"}, "HTO_DATABASE_PASSWORD_FILE", "has a password in it"),
        (
            {"database_url": "postgresql://db/hto_{service}", "database_password_file": "/x"},
            "HTO_DATABASE_PASSWORD_FILE",
            "needs a user",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused_in_words(
    given: dict[str, object], variable: str, why: str
) -> None:
    assert why in problems(**given)[variable]


PRODUCTION = {
    "environment": "production",
    "issuers": "https://issuer.example",
    "database_url": "postgresql://u:p@localhost/hto_{service}",
}


@pytest.mark.parametrize("url", ["kafka://broker:9092", "kafka://localhost:9092,broker:9092", "kafka://10.0.0.1"])
def test_production_does_not_send_events_over_a_network_in_the_clear(url: str) -> None:
    assert "must be kafka+ssl:// in production" in problems(**PRODUCTION, log_url=url, log_password=None)["HTO_LOG_URL"]


@pytest.mark.parametrize("url", ["kafka://localhost:9092", "kafka://127.0.0.1:9092,[::1]:9092"])
def test_production_may_reach_a_broker_on_the_same_machine_without_tls(url: str) -> None:
    assert settings(**PRODUCTION, log_url=url, log_password=None).log_url == url


def test_production_enters_the_log_as_somebody(tmp_path: Path) -> None:
    anybody = {**PRODUCTION, "log_url": "kafka+ssl://a:9092", "log_password": None}
    assert list(problems(**anybody)) == ["HTO_LOG_CERTIFICATE_FILE"]
    assert settings(**anybody, log_certificate_file="/x").log_url


def test_all_problems_of_the_log_are_named_together() -> None:
    found = problems(log_url="kafka://u@a:9092", log_admin_password="geheim", oin="1")
    assert list(found) == ["HTO_LOG_URL", "HTO_LOG_ADMIN_PASSWORD_FILE", "HTO_OIN"]


def test_an_empty_file_name_is_none() -> None:
    assert settings(log_ca_file="", log_admin_password_file="").log_ca_file is None


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe\xff"])
def test_a_secret_that_cannot_be_read_is_named_with_its_variable(tmp_path: Path, content: bytes | None) -> None:
    secret = tmp_path / "password"
    if content is not None:
        secret.write_bytes(content)
    given = settings(log_password=None, log_password_file=str(secret))
    with pytest.raises(SettingsError) as refused:
        given.log_of("matching")
    assert list(refused.value.problems) == ["HTO_LOG_PASSWORD_FILE"]
    assert str(secret) in str(refused.value)
