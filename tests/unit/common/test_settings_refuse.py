"""A process with a wrong setting does not start: it names the variable and the reason, and never a secret."""

from __future__ import annotations

import pytest

from common.settings import Settings, SettingsError, load

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
        ("database_url", "postgresql://u:geheim℀@db/x", "must start with postgresql://"),
        ("database_url", "postgresql://u:geheim@[db/x", "must start with postgresql://"),
        ("log_url", "http://u:geheim@x", "must start with postgresql:// or kafka://"),
        ("mail_url", "http://u:geheim@x", "must start with smtp:// or smtps:// or folder://"),
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


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTO_DATABASE_URL", "HTO_LOG_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError) as refused:
        load(pool_size=0)
    assert set(refused.value.problems) == {"HTO_DATABASE_URL", "HTO_LOG_URL", "HTO_POOL_SIZE"}


def test_production_names_an_issuer_and_has_no_movable_clock() -> None:
    assert list(problems(environment="production")) == ["HTO_ISSUERS"]
    assert list(problems(environment="production", issuers="https://a", test_clock=True)) == ["HTO_TEST_CLOCK"]


def test_the_environment_is_read_and_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTO_DATABASE_URL", RIGHT["database_url"])
    monkeypatch.setenv("HTO_LOG_URL", RIGHT["log_url"])
    monkeypatch.setenv("HTO_ISSUERS", "https://a, https://b,")
    settings = load()
    assert isinstance(settings, Settings)
    assert settings.issuers == ("https://a", "https://b")
    assert settings.database_of("registry") == "postgresql://u:geheim@db/hto_registry"
