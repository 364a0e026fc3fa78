"""A projection, declared: a read model that can be dropped and rebuilt from the log (ADR 0032)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from common.messaging.consumer import Handlers
from common.persistence.terms import Forget


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """Numbers of rows that callers hold, as a cursor, and that no log knows: an identity column, in order of commits.

    A rebuild gives a row that the old table has its old number, and any other one behind all that were ever handed out:
    a caller who goes on from a number misses nothing, and reads a row again at most.
    """

    number: Column[Any]
    of: Column[Any]
    """What the row is about, by which it is known again: the event's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A consumer of its own that writes its own tables and does nothing else.

    It publishes nothing, sets no deadline and touches no table of another: a rebuild, which handles every event once
    more, would do so again. It refuses what does.
    """

    handlers: Handlers
    """Named after the projection: ``Handlers("operations.cases")``."""
    tables: Sequence[Table]
    """In the order in which handlers write them: so a rebuild locks them."""
    purges: Sequence[Forget] = ()
    """What removes its rows past their term; the log may have their events longer.

    A slice that comes later may have some of these as well, since it knows what still needs a row.
    """
    handed_out: HandedOut | None = None

    @property
    def name(self) -> str:
        """The name of the projection and of its consumer.

        Raises:
            ValueError: its handlers have no name, so they would be the service's main consumer.
        """
        if self.handlers.consumer is None:
            raise ValueError("a projection's handlers are named after it")
        return self.handlers.consumer
