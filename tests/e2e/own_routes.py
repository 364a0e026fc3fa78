"""The decisions about the routes of one aggregate, for every test that walks all routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from common.caller import CallerRole
from demo.stage import Stage
from tests.support.declared import declared


@dataclass(frozen=True, kw_only=True)
class OwnRoutes:
    """Of one aggregate, in its own end-to-end test, as ``ROUTES``: each is a decision."""

    service: str
    under: str
    """How its paths begin."""
    for_everybody: frozenset[CallerRole]
    """Who reads and writes the rows of everybody there, and so is no stranger."""
    not_of_a_school: Mapping[str, Callable[[Stage], Awaitable[str]]]
    """By the name of its id in a path, what makes a row and returns its id. The school of the cast has none."""


def own_routes() -> list[OwnRoutes]:
    """Those of every aggregate."""
    return list(declared("ROUTES", "e2e"))
