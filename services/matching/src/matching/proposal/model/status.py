"""A proposal's states, their transitions, and the refusals of any other."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from common.errors import Conflict
from common.lifecycle import LifeCycle
from events.matching import LapseReason


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


SETTLED: Final = frozenset({Status.ACCEPTED, Status.CONVERTED})
"""Everybody agreed: the parties may know each other."""

NEVER_SETTLED: Final[frozenset[LapseReason]] = frozenset({"last_place_gone", "no_longer_eligible"})
"""Why a proposal lapses at the last consent, so that no party was revealed."""

WITHOUT_AN_ANSWER: Final = frozenset({Status.WITHDRAWN})
"""Ends that no party chose by an answer to this proposal; a lapse is one too where it is of ``NEVER_SETTLED``."""

LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        Status.PROPOSED: {Status.ACCEPTED, Status.DECLINED, Status.EXPIRED, Status.WITHDRAWN, Status.LAPSED},
        Status.ACCEPTED: {Status.CONVERTED, Status.LAPSED},
        Status.CONVERTED: {Status.LAPSED},
    },
)
