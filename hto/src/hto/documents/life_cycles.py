"""The life cycle of every aggregate, drawn: a page of Mermaid diagrams."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from common.service import Service


def page(services: Iterable[Service]) -> str:
    """Return the page, in the order of the slices."""
    parts = ["# Life cycles", "Made from the code by `make docs`."]
    for service in services:
        for each in service.slices:
            if each.life_cycle:
                heading = f"## {service.name}: {each.name.replace('_', ' ')}"
                parts += [heading, f"```mermaid\n{each.life_cycle.diagram()}\n```"]
    return "\n\n".join(parts) + "\n"
