"""A slice declares all that it makes: a router, a reaction, a deadline or a purge that no slice has does nothing."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from fastapi import APIRouter

from common.messaging.consumer import Handlers
from common.persistence.deadlines import Deadlines
from common.persistence.terms import Purge
from common.service import Projection, Slice
from hto.services import NAMES, service

WIRED = (APIRouter, Handlers, Deadlines, Purge, Projection)


def made(name: str) -> Iterator[tuple[str, Any]]:
    """What the modules of a slice make, and where."""
    package = import_module(name)
    for info in pkgutil.walk_packages(package.__path__, f"{name}."):
        if ".migrations" not in info.name:
            yield from _made_in(import_module(info.name))


def _made_in(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if isinstance(value, WIRED):
            yield f"{module.__name__}.{name}", value


def declared(slices: list[Slice]) -> list[Any]:
    """What the slices of a service declare."""
    projections = [each for slice_ in slices for each in slice_.projections]
    return [
        *(item for each in slices for item in (*each.routers, *each.purges, *each.loops)),
        *(item for each in slices for item in (each.handlers, each.deadlines)),
        *projections,
        *(each.handlers for each in projections),
        *(purge for each in projections for purge in each.purges),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_a_slice_makes_is_declared(name: str) -> None:
    found = {id(each) for each in declared(list(service(name).slices))}
    assert sorted(where for where, value in made(name) if id(value) not in found) == []


@pytest.mark.parametrize(
    ("wire", "where"),
    [
        ({"routers": []}, ["registry.vacancy.routes.router"]),
        ({"handlers": Handlers()}, ["registry.vacancy.handlers.handlers"]),
        ({"deadlines": Deadlines()}, ["registry.vacancy.deadlines.deadlines"]),
    ],
    ids=["router", "handlers", "deadlines"],
)
def test_a_wire_that_is_left_out_is_found(wire: dict[str, Any], where: list[str]) -> None:
    slices = [replace(each, **wire) if each.name == "vacancy" else each for each in service("registry").slices]
    found = {id(each) for each in declared(slices)}
    assert [name for name, value in made("registry.vacancy") if id(value) not in found] == where
