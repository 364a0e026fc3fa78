"""A slice of a service, declared: one aggregate with its tables, its API, its reactions and its deadlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Table
from starlette.types import ASGIApp

from common.lifecycle import LifeCycle
from common.messaging.consumer import Handlers
from common.messaging.erasure import Scrub
from common.persistence.deadlines import Deadlines
from common.persistence.terms import Forget
from common.service.housekeeping import TryAgain
from common.service.loop import Loop
from common.service.projection import Projection
from common.web.request_context import ApiContext
from events import CompactedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One folder of a service. ``Service(slices=[…])`` is made of these; nothing in them is listed a second time."""

    name: str
    """The folder's name."""
    life_cycles: Mapping[str, LifeCycle[Any]] = field(default_factory=dict)
    """Those of its aggregates, by their names: one test walks all of them, and docs/events draws them."""
    tables: Sequence[Table] = ()
    routers: Sequence[APIRouter] = ()
    handlers: Handlers = field(default_factory=Handlers)
    projections: Sequence[Projection] = ()
    """Its read models that can be rebuilt, with their tables and purges: consumers of their own."""
    deadlines: Deadlines = field(default_factory=Deadlines)
    states: Sequence[type[CompactedEvent]] = ()
    """The compacted topics that it publishes."""
    purges: Sequence[Forget] = ()
    """What removes its rows past their term, every hour."""
    scrub: Scrub | None = None
    """Takes what is personal of a trainer out of its tables when the person is erased, after the slices before it."""
    loops: Sequence[Loop] = ()
    queues: Mapping[str, TryAgain] = field(default_factory=dict)
    """Its queues with a lease, by the name under which their parked rows are announced."""
    pages: Mapping[str, Callable[[ApiContext], ASGIApp]] = field(default_factory=dict)
    """What it shows to people, by the path under which an api serves it beside the API."""
