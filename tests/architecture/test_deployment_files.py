"""What is deployed fits the code and itself: alert rules name real metrics, everything that runs is scraped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from common.runtime import telemetry

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


def series() -> set[str]:
    """Every name under which Prometheus can find what ``common.runtime.telemetry`` measures."""
    names: set[str] = set()
    for metric in vars(telemetry).values():
        if isinstance(metric, MetricWrapperBase):
            suffixes = {Counter: ["_total"], Histogram: ["_bucket", "_sum", "_count"]}.get(type(metric), [""])
            names |= {metric._name + suffix for suffix in suffixes}
    return names


def unknown_metrics(rules: str) -> set[str]:
    expressions = re.findall(r"^\s+expr: (.*)$", rules, re.MULTILINE)
    return {name for expression in expressions for name in re.findall(r"\bhto_\w+", expression)} - series()


def test_alert_rules_name_only_metrics_that_exist() -> None:
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text()
    assert not unknown_metrics(rules)
    assert unknown_metrics(rules.replace("hto_outbox_age_seconds", "hto_outbox_age")) == {"hto_outbox_age"}


def test_every_alert_says_what_to_do() -> None:
    for group in read("deploy/prometheus/alerts.yml")["groups"]:
        for rule in group["rules"]:
            assert {"summary", "action"} <= rule["annotations"].keys(), rule["alert"]


@pytest.mark.parametrize(("job", "port"), [("api", 8000), ("worker", 9100)])
def test_prometheus_scrapes_each_process_of_each_service(job: str, port: int) -> None:
    jobs = {
        each["job_name"]: each["static_configs"] for each in read("deploy/prometheus/prometheus.yml")["scrape_configs"]
    }
    assert {target for config in jobs[job] for target in config["targets"]} == {f"{s}-{job}:{port}" for s in SERVICES}
    assert {f"{service}-{job}" for service in SERVICES} <= read("docker-compose.yml")["services"].keys()


def test_every_container_comes_back_has_a_health_check_and_is_published_on_this_machine_only() -> None:
    for name, container in read("docker-compose.yml")["services"].items():
        if name not in {"secrets", "migrate", "demo"}:  # these end
            assert container["restart"] == "unless-stopped", name
            assert container["healthcheck"]["test"], name
        assert all(port.startswith("127.0.0.1:") for port in container.get("ports", [])), name


def test_our_own_containers_run_without_root_rights_and_cannot_change_themselves() -> None:
    ours = [c for c in read("docker-compose.yml")["services"].values() if c["image"].startswith("hto-backend")]
    assert len(ours) == 2 * len(SERVICES) + len(["secrets", "migrate", "issuer", "gateway", "demo"])
    for container in ours:
        assert container["read_only"] is True
        assert container["cap_drop"] == ["ALL"]
    assert re.search(r"^USER hto$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)


def test_the_database_script_makes_a_database_for_each_service_and_the_log() -> None:
    made = re.search(r"^for name in (.*); do$", (ROOT / "deploy/postgres/10-databases.sh").read_text(), re.MULTILINE)
    assert made
    assert sorted(made[1].split()) == sorted([*SERVICES, "log"])


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("process", ["api", "worker"])
def test_a_container_sees_the_secrets_of_its_own_service_only(service: str, process: str) -> None:
    container = read("docker-compose.yml")["services"][f"{service}-{process}"]
    assert sorted(container["volumes"]) == sorted(
        [f"secrets-{service}:/run/hto/{service}:ro", "secrets-trust:/run/hto/trust:ro"]
    )


def test_each_of_our_containers_says_that_this_is_development() -> None:
    """Seen red at the gateway, which has an environment of its own: as production it did not start."""
    for name, container in read("docker-compose.yml")["services"].items():
        if container["image"].startswith("hto-backend") and name != "secrets":
            assert container["environment"]["HTO_ENVIRONMENT"] == "development", name


def test_no_password_stands_in_a_deployed_file() -> None:
    for container in read("docker-compose.yml")["services"].values():
        for name, value in container.get("environment", {}).items():
            assert not re.search(r"://[^/@]+:[^/@]+@", value), name
    assert "PLAINTEXT" not in (ROOT / "docker-compose.yml").read_text()


def test_each_make_target_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text()
    promised = re.search(r"^\.PHONY: (help .*)$", makefile, re.MULTILINE)
    assert promised
    for target in promised[1].split():
        assert re.search(rf"^{target}:.* ## \S", makefile, re.MULTILINE), target


def test_the_lock_for_development_holds_all_that_runs_in_the_same_versions() -> None:
    def pinned(lock: str) -> set[str]:
        return set(re.findall(r"^([\w.\[\]-]+==\S+)", (ROOT / lock).read_text(), re.MULTILINE))

    assert pinned("requirements.lock") <= pinned("requirements-dev.lock")
