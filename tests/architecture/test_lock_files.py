"""The lock files name all that pip's hash mode asks for: each package, with the extras that are asked of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
Pins = Mapping[str, frozenset[str]]


def pins(text: str) -> Pins:
    """Each package that a lock pins, with its extras."""
    found = re.findall(r"^([\w.-]+)(?:\[([\w.,-]+)\])?==", text, re.MULTILINE)
    return {canonicalize_name(name): frozenset(filter(None, extras.split(","))) for name, extras in found}


def asked_of_us(lock: str) -> Iterator[tuple[str, Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(project["optional-dependencies"]["dev"] if "dev" in lock else [])]
    for one in map(Requirement, asked):
        if one.marker is None or one.marker.evaluate():
            yield "pyproject.toml", one


def asked_by(name: str, extras: frozenset[str]) -> Iterator[tuple[str, Requirement]]:
    """What an installed package asks for with these extras; what another platform installs is not here to be asked."""
    try:
        wanted = [Requirement(text) for text in requires(name) or ()]
    except PackageNotFoundError:
        return
    for one in wanted:
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield name, one


def lacking(lock: str, text: str) -> list[str]:
    """What is asked for and not pinned; pip refuses to install it in hash mode."""
    pinned = pins(text)
    asked = [*asked_of_us(lock), *(pair for name, extras in pinned.items() for pair in asked_by(name, extras))]
    return sorted(
        f"{who} asks for {one.name}[{','.join(sorted(one.extras))}]"
        for who, one in asked
        if (found := pinned.get(canonicalize_name(one.name))) is None or not one.extras <= found
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_each_package_with_the_extras_that_are_asked_of_it(lock: str) -> None:
    """Seen red with a lock that was resolved with its extras stripped: pip refused it, and only uv took it."""
    text = (ROOT / lock).read_text()
    assert lacking(lock, text) == []
    stripped = re.sub(r"^([\w.-]+)\[[\w.,-]+\]==", r"\1==", text, flags=re.MULTILINE)
    assert "pyproject.toml asks for sqlalchemy[asyncio]" in lacking(lock, stripped)


def test_an_extra_that_only_another_package_asks_for_is_missed_as_well() -> None:
    text = (ROOT / LOCKS[1]).read_text().replace("coverage[toml]==", "coverage==")
    assert lacking(LOCKS[1], text) == ["pytest-cov asks for coverage[toml]"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    blocks = re.split(r"^(?=[\w.-]+(?:\[[\w.,-]+\])?==)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    assert len(blocks) > 50
    assert [block.split(" ")[0] for block in blocks[1:] if "--hash=sha256:" not in block] == []
