"""A process with a wrong setting does not start: it names the variable and the reason, and never a secret."""

from __future__ import annotations

import pytest

from common.runtime.settings import Settings, SettingsError, load

RIGHT = {"database_url": "postgresql://u:geheim@db/hto_{service}", "log_url": "kafka://a:9092,b:9092"}


def problems(**changed: object) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        load(**RIGHT | changed)
    assert "geheim" not in str(refused.value)
    for name, reason in refused.value.problems.items():
        assert f"{name}: {reason}" in str(refused.value)
    return refused.value.problems


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("database_url", "mysql://u:geheim@db/x", "must start with postgresql://"),
        ("database_url", "postgresql://u:geheim℀@db/x", "must be postgresql://host:port"),
        ("database_url", "postgresql://u:geheim@[db/x", "must be postgresql://host:port"),
        ("database_url", "postgresql://u:geheim@db:port/x", "must be postgresql://host:port"),
        ("database_url", "postgresql://u:geheim@db:0/x", "from 1 to 65535"),
        ("database_url", "postgresql://u:geheim@db:65536/x", "from 1 to 65535"),
        ("database_url", "postgresql://", "must be postgresql://host:port"),
        ("log_url", "kafka://", "must be kafka://host:port"),
        ("log_url", "kafka://a:9092,", "must be kafka://host:port"),
        ("log_url", "kafka://a:9092,b:geheim", "must be kafka://host:port"),
        ("log_url", "", "must start with postgresql:// or kafka://"),
        ("log_url", "http://u:geheim@x", "must start with postgresql:// or kafka://"),
        ("mail_url", "http://u:geheim@x", "must start with smtp:// or smtps:// or smtp+opportunistic:// or folder://"),
        ("mail_url", "smtp://u:geheim@", "must be smtp://host:port"),
        ("mail_url", "smtps://u:geheim@mail:many", "must be smtps://host:port"),
        ("mail_sender", "geheim", "must be an address for mail"),
        ("mail_sender", "a@b@geheim", "must be an address for mail"),
        ("mail_sender", "", "must be an address for mail"),
        ("issuers", "geheim", "must start with http:// or https://"),
        ("issuers", "https://a,https://", "must be https://host:port"),
        ("public_url", "localhost:8000", "must start with http:// or https://"),
        ("otlp_url", "collector:4317", "must start with http:// or https://"),
        ("webhook_allow", "geheim", "must be host:port"),
        ("webhook_allow", "host:9000,host:0", "must be host:port"),
        ("rate_limit", "geheim", "must be a limit such as 600/minute"),
        ("rate_limit", "", "must be a limit such as 600/minute"),
        ("test_clock", "geheim", "valid boolean"),
        ("metrics_port", "geheim", "valid integer"),
        ("metrics_port", -1, "greater than or equal to 0"),
        ("environment", "geheim", "'development' or 'production'"),
        ("pool_size", 1, "greater than or equal to 2"),
        ("port", 70000, "less than or equal to 65535"),
        ("oin", "geheim", "pattern"),
        ("log_level", "geheim", "'DEBUG'"),
    ],
)
def test_a_wrong_value_is_refused_with_variable_and_reason(name: str, value: object, reason: str) -> None:
    found = problems(**{name: value})
    assert list(found) == [f"HTO_{name.upper()}"]
    assert reason in found[f"HTO_{name.upper()}"]


def test_all_faults_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTO_DATABASE_URL", "HTO_LOG_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError) as refused:
        load(pool_size=0)
    assert set(refused.value.problems) == {"HTO_DATABASE_URL", "HTO_LOG_URL", "HTO_POOL_SIZE"}


def test_every_variable_that_is_wrong_in_the_environment_has_its_line_in_one_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seen red: the demands of production were only told once everything else was right, and one at a time."""
    wrong = {
        "HTO_ENVIRONMENT": "production",
        "HTO_DATABASE_URL": "postgresql://u:geheim@db:port/hto_{service}",
        "HTO_LOG_URL": "kafka://",
        "HTO_ISSUERS": " , ",
        "HTO_MAIL_URL": "smtp://u:geheim@",
        "HTO_MAIL_SENDER": "nobody",
        "HTO_OIN": "1",
        "HTO_PORT": "http",
        "HTO_METRICS_PORT": "",
        "HTO_PUBLIC_URL": "localhost",
        "HTO_POOL_SIZE": "many",
        "HTO_TEST_CLOCK": "1",
        "HTO_WEBHOOK_ALLOW": "everybody",
        "HTO_RATE_LIMIT": "often",
        "HTO_RATE_LIMIT_PER_CLIENT": "often",
        "HTO_TRUSTED_PROXIES": "gateway",
        "HTO_OTLP_URL": "collector",
        "HTO_LOG_LEVEL": "loud",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load()
    assert set(refused.value.problems) == set(wrong) - {"HTO_ENVIRONMENT"}
    message = str(refused.value)
    assert "geheim" not in message
    assert message.count("\n") == len(wrong) - 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///hto_{service}?host=/run/postgresql",
        "postgresql://u:p@a:5432,b:5432/hto_{service}?target_session_attrs=read-write",
        "postgresql://u:p%40ss@[::1]:5432/hto_{service}",
        "postgresql://hto_{service}@db/hto_{service}",
    ],
)
def test_any_address_that_the_driver_takes_is_accepted_for_a_database(url: str) -> None:
    assert load(**RIGHT | {"database_url": url}).database_url == url


def test_a_list_of_trusted_proxies_names_some_addresses_and_never_all() -> None:
    """Seen red: two halves of all addresses, and all of IPv4 as a socket of both kinds has them, were taken."""
    for some in ("10.0.0.0/8, ::1", "192.0.2.7, 2001:db8::/32", "fc00::/7, ::ffff:10.0.0.0/104"):
        assert load(**RIGHT | {"trusted_proxies": some}).trusted_proxies == tuple(some.split(", "))
    for everybody in ("0.0.0.0/0", "::/0", "*", "0.0.0.0/1,128.0.0.0/1", "::ffff:0:0/96", "::/16", "2000::/3"):
        assert list(problems(trusted_proxies=everybody)) == ["HTO_TRUSTED_PROXIES"]


def test_production_names_an_issuer_and_has_no_movable_clock() -> None:
    """Seen red without ``_is_safe_in_production``."""
    here = {"database_url": "postgresql://u:geheim@localhost/hto_{service}", "log_url": "kafka://localhost:9092"}
    assert list(problems(environment="production", **here)) == ["HTO_ISSUERS"]
    assert list(problems(environment="production", **here, issuers="https://a", test_clock=True)) == ["HTO_TEST_CLOCK"]


def test_the_environment_is_read_and_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTO_DATABASE_URL", RIGHT["database_url"])
    monkeypatch.setenv("HTO_LOG_URL", RIGHT["log_url"])
    monkeypatch.setenv("HTO_ISSUERS", "https://a, https://b,")
    settings = load()
    assert isinstance(settings, Settings)
    assert settings.issuers == ("https://a", "https://b")
    assert settings.database_of("registry") == "postgresql://u:geheim@db/hto_registry"
