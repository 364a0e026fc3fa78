"""The five services, by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from common.service import Service

NAMES: Final = ("registry", "matching", "contracts", "notifications", "operations")
"""In the order in which `migrate` goes: whoever publishes the policies first."""


def service(name: str) -> Service:
    """Return one service's declaration; its code is imported only when it is asked for."""
    if name not in NAMES:
        raise ValueError(f"There is no service {name}; there are {', '.join(NAMES)}.")
    return cast("Service", import_module(f"{name}.app").service)


def all_services() -> tuple[Service, ...]:
    """Return every service's declaration."""
    return tuple(service(name) for name in NAMES)


def all_scopes() -> tuple[str, ...]:
    """Return every scope that a route of any service asks for."""
    routes = (route for one in all_services() for router in one.routers for route in router.routes)
    return tuple(sorted({scope for route in routes if (scope := getattr(route, "scope", None))}))
