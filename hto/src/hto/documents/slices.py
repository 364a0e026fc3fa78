"""The slices of every service in their order: what each is, and what begins it."""

from __future__ import annotations

from importlib import import_module
from inspect import getdoc
from typing import TYPE_CHECKING, Final

from hto.services import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from common.service import Service, Slice

_HEAD: Final = """\
# Slices

Made by `make docs` from the first line of each folder and from what its `Slice` declares. Each imports only those
above it; the order is decided in the service's `app.py`.
"""


def page(services: Iterable[Service]) -> str:
    """Return the page, as Markdown."""
    return _HEAD + "".join(line for service in services for line in _section(service))


def _section(service: Service) -> Iterator[str]:
    yield f"\n## {service.name}\n\n| slice | is | begins with |\n|---|---|---|\n"
    for each in service.slices:
        yield f"| `{each.name}` | {_is(service, each)} | {', '.join(_begins_with(each))} |\n"


def _is(service: Service, each: Slice) -> str:
    return (getdoc(import_module(f"{service.name}.{each.name}")) or "").partition("\n")[0].removesuffix(".")


def _begins_with(each: Slice) -> Iterator[str]:
    if each.routers or each.pages:
        yield "HTTP"
    if each.handlers.topics(NAMES) or each.projections:
        yield "events"
    if each.deadlines.by_name or each.loops:
        yield "time"
