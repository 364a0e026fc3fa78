"""A service, declared: what each ``app.py`` makes and what ``api``, ``worker`` and ``migrate`` run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from sqlalchemy import MetaData
from starlette.types import ASGIApp

from common.messaging.consumer import Handlers
from common.messaging.log import Topic
from common.persistence.deadlines import Deadlines
from common.service.housekeeping import TryAgain
from common.service.loop import Loop
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
    routers: Sequence[APIRouter] = ()
    handlers: Handlers = field(default_factory=Handlers)
    projections: Sequence[Handlers] = ()
    """Further consumers, each with a group of its own; a rebuild is a new name here."""
    deadlines: Deadlines = field(default_factory=Deadlines)
    states: Sequence[type[CompactedEvent]] = ()
    """The compacted topics that it publishes."""
    loops: Sequence[Loop] = ()
    queues: Mapping[str, TryAgain] = field(default_factory=dict)
    """Its queues with a lease, by the name under which their parked rows are announced: an operator's order gets there.
    """
    pages: Mapping[str, Callable[[ApiContext], ASGIApp]] = field(default_factory=dict)
    """What it shows to people, by the path under which an api serves it beside its API."""
    owns_policies: bool = False
    """Whether it publishes the policies instead of following them."""

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What ``migrate`` makes on the event log. Policies keep one order over all keys: one partition."""
        return (
            Topic(name=events_topic(self.name), partitions=PARTITIONS),
            *(
                Topic(name=state.topic, partitions=state.partitions or PARTITIONS, compacted=True)
                for state in self.states
            ),
        )
