"""Where services are: one origin, or a pattern."""

from __future__ import annotations

from pathlib import Path

import pytest

from hto.addresses import Addresses, BadAddress, announce, announced, withdraw


def test_one_origin_serves_every_service_and_the_issuer() -> None:
    addresses = Addresses.of("http://localhost:8000/")
    assert addresses.url("/registry/v1/trainers") == "http://localhost:8000/registry/v1/trainers"
    assert addresses.url("/operations/v1/cases") == "http://localhost:8000/operations/v1/cases"
    assert addresses.issuer == "http://localhost:8000/issuer"


@pytest.mark.parametrize(
    ("service", "port"),
    [("registry", 8001), ("matching", 8002), ("contracts", 8003), ("notifications", 8004), ("operations", 8005)],
)
def test_a_number_in_the_address_is_the_services_place(service: str, port: int) -> None:
    addresses = Addresses.of("http://localhost:800{n}")
    assert addresses.url(f"/{service}/v1/readyz") == f"http://localhost:{port}/{service}/v1/readyz"
    assert addresses.issuer == "http://localhost:8000/issuer"


def test_a_name_in_the_address_is_the_services_own() -> None:
    addresses = Addresses.of("https://{service}.hto.example")
    assert (
        addresses.url("/matching/v1/proposals?limit=2") == "https://matching.hto.example/matching/v1/proposals?limit=2"
    )
    assert addresses.issuer == "https://issuer.hto.example/issuer"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:8000",
        "ftp://localhost",
        "http://",
        "http://host:99999",
        "http://{who}:80",
        "http://{}:80",
        "http://{",
    ],
)
def test_a_wrong_address_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        Addresses.of(text)
    assert repr(text) in str(refusal.value)


def test_a_running_system_is_found_by_its_folder_until_it_stops(tmp_path: Path) -> None:
    assert announced(tmp_path) == {}
    log, database = "postgresql://secret@localhost/log", "postgresql://localhost/hto_{service}"
    announce(tmp_path, url="http://localhost:8000", log_url=log, database_url=database)
    assert announced(tmp_path) == {"url": "http://localhost:8000", "logUrl": log, "databaseUrl": database}
    assert [oct(path.stat().st_mode)[-3:] for path in tmp_path.iterdir()] == ["600"]
    withdraw(tmp_path)
    withdraw(tmp_path)
    assert announced(tmp_path) == {}


@pytest.mark.parametrize("content", ["", "not json", "[]", "3"])
def test_an_announcement_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    announce(tmp_path, url="http://localhost:1", log_url="kafka://localhost:1", database_url="postgresql:///x")
    next(tmp_path.iterdir()).write_text(content)
    assert announced(tmp_path) == {}
