"""Where a proposal can stand, what may follow, and what is said when something else is asked."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from common.errors import Conflict


class NotPossible(Conflict):
    """A proposal that is {status} cannot become {wanted}."""


class NotAsked(Conflict):
    """The {party} is not asked about this proposal."""


class StillAsked(Conflict):
    """This proposal still waits for the answer of {left}."""


class Status(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    """Everybody agreed and it has a place."""
    CONVERTED = "converted"
    """A contract was drafted from it."""
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


NEXT: Final[dict[Status, frozenset[Status]]] = {
    Status.PROPOSED: frozenset({Status.ACCEPTED, Status.DECLINED, Status.EXPIRED, Status.WITHDRAWN, Status.LAPSED}),
    Status.ACCEPTED: frozenset({Status.CONVERTED, Status.LAPSED}),
    Status.CONVERTED: frozenset({Status.LAPSED}),
    Status.DECLINED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.WITHDRAWN: frozenset(),
    Status.LAPSED: frozenset(),
}
