"""The next steps of a case with owners and ends: one open step per subject, moved by its events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Final
from uuid import UUID

from events import Event
from operations.case.model.open_step import UNMOVED, Catalogue, OpenStep, Reaction, collect

CATALOGUE: Final[Catalogue] = collect(import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__))
"""Of one module per capability, found by being here: its steps with their words, and what its events make of them."""
_REACTIONS: Final = CATALOGUE.reactions


def next_step(event: Event) -> Reaction:
    """Return what its subject owes after the event; a type to which no capability reacts moves nothing."""
    react = _REACTIONS.get(type(event))
    return UNMOVED if react is None else react(event)


def soonest(steps: Mapping[UUID, OpenStep]) -> OpenStep | None:
    """Return the step that a case shows: the one that ends first; one that merely waits only when it is alone."""
    at_work = [step for step in steps.values() if not step.waits] or list(steps.values())
    return min(
        at_work,
        key=lambda step: (step.due_at is None, step.due_at or datetime.max.replace(tzinfo=UTC), step.what),
        default=None,
    )
