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
            for name, life_cycle in each.life_cycles.items():
                heading = f"## {service.name}: {name.replace('_', ' ')}"
                parts += [heading, f"```mermaid\n{life_cycle.diagram()}\n```"]
    return "\n\n".join(parts) + "\n"
