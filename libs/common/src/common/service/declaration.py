"""A service, declared: what each ``app.py`` makes and what ``api``, ``worker`` and ``migrate`` run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter
from sqlalchemy import MetaData
from starlette.types import ASGIApp

from common.messaging import erasure
from common.messaging.consumer import Handlers
from common.messaging.log import Topic
from common.persistence.deadlines import Deadlines
from common.persistence.terms import Forget, Purge
from common.service.housekeeping import TryAgain
from common.service.loop import Loop
from common.service.projection import Projection
from common.service.retention import run_hourly
from common.service.slice import Slice
from common.web.request_context import ApiContext
from events import CompactedEvent, events_topic

PARTITIONS: Final = 6
"""Of every event topic: how many workers of one service can share the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One bounded context: its tables, its API, what it reacts to and when."""

    name: str
    title: str
    description: str
    tables: MetaData
    migrations: Path
    """The folder with its Alembic versions."""
    slices: Sequence[Slice] = ()
    """What it is made of; the order says who may import whom: each imports those that stand before it.

    What they declare is put together in their order, in the fields below.
    """
    routers: Sequence[APIRouter] = field(init=False)
    handlers: Handlers = field(init=False)
    projections: Sequence[Projection] = field(init=False)
    """Read models that can be rebuilt: consumers of their own, each with a group of its own."""
    deadlines: Deadlines = field(init=False)
    states: Sequence[type[CompactedEvent]] = field(init=False)
    """The compacted topics that it publishes."""
    loops: Sequence[Loop] = field(init=False)
    queues: Mapping[str, TryAgain] = field(init=False)
    """Its queues with a lease, by the name under which their parked rows are announced: an operator's order gets there.
    """
    pages: Mapping[str, Callable[[ApiContext], ASGIApp]] = field(init=False)
    """What it shows to people, by the path under which an api serves it beside its API."""
    owns_policies: bool = False
    """Whether it publishes the policies instead of following them."""

    def __post_init__(self) -> None:
        """Put together what the slices declare.

        Raises:
            ValueError: two slices have the same name, queue or page, or react to one event in ways that do not fit.
        """
        names = [each.name for each in self.slices]
        if len(set(names)) != len(names):
            raise ValueError(f"two slices of {self.name} have the same name: {', '.join(sorted(names))}")
        handlers, deadlines = Handlers(), Deadlines()
        for each in self.slices:
            handlers.add(each.handlers)
            deadlines.add(each.deadlines)
        purges = self._of_slices("purges")
        projections = [_with_purges(each, purges) for each in self._of_slices("projections")]
        purges += [purge for each in self._of_slices("projections") for purge in each.purges]
        together: dict[str, object] = {
            "handlers": handlers,
            "deadlines": deadlines,
            "loops": [*self._of_slices("loops"), *([run_hourly(*purges)] if purges else [])],
            "projections": projections,
            **{name: self._of_slices(name) for name in ("routers", "states")},
            **{name: self._by_name(name) for name in ("queues", "pages")},
        }
        for name, value in together.items():
            object.__setattr__(self, name, value)
        erasure.declare(self.tables, [each.scrub for each in self.slices if each.scrub is not None])

    def _of_slices(self, name: str) -> list[Any]:
        return [item for each in self.slices for item in getattr(each, name)]

    def _by_name(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in self.slices:
            for key, value in getattr(each, name).items():
                if key in found:
                    raise ValueError(f"two slices of {self.name} have {name} at {key}")
                found[key] = value
        return found

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics that ``migrate`` creates. Policies keep one order over all keys: one partition."""
        return (
            Topic(name=events_topic(self.name), partitions=PARTITIONS),
            *(
                Topic(name=state.topic, partitions=state.partitions or PARTITIONS, compacted=True)
                for state in self.states
            ),
        )


def _with_purges(projection: Projection, purges: Sequence[Forget]) -> Projection:
    """Return it with what other slices purge of its tables."""
    tables = {table.name for table in projection.tables}
    more = [each for each in purges if isinstance(each, Purge) and each.table in tables]
    return replace(projection, purges=[*projection.purges, *more]) if more else projection
