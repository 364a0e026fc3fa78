"""Where a contract can stand, what can follow, and how it is said that something cannot."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from common.errors import Conflict

CancelledReason: TypeAlias = Literal["trainer_left", "vacancy_withdrawn", "proposal_lapsed", "party_refused", "other"]
DissolvedReason: TypeAlias = Literal["trainer_left", "vacancy_withdrawn", "vog_not_shown", "mutual", "other"]
SuspendedReason: TypeAlias = Literal["absence", "schedule", "employer", "school", "other"]
EndedReason: TypeAlias = Literal[
    "term", "schedule", "time", "employer", "qualification", "fee", "trainer_left", "other"
]


class Status(StrEnum):
    """Where a contract stands."""

    DRAFT = "draft"
    REVIEW = "review"
    """Handed in; where it stays in it, a person must look."""
    SIGNING = "signing"
    SIGNED = "signed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    ENDED_EARLY = "ended_early"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DISSOLVED = "dissolved"


DRAFT, REVIEW, SIGNING, SIGNED, ACTIVE, SUSPENDED, ENDED, ENDED_EARLY, REFUSED, CANCELLED, EXPIRED, DISSOLVED = Status

# A draft may be changed and stays one; a contract at work that is extended stays at work.
NEXT: Final[Mapping[Status, frozenset[Status]]] = {
    DRAFT: frozenset({DRAFT, REVIEW, CANCELLED}),
    REVIEW: frozenset({DRAFT, SIGNING, REFUSED, CANCELLED}),
    SIGNING: frozenset({DRAFT, SIGNED, CANCELLED, EXPIRED}),
    SIGNED: frozenset({ACTIVE, DISSOLVED}),
    ACTIVE: frozenset({ACTIVE, SUSPENDED, ENDED, ENDED_EARLY}),
    SUSPENDED: frozenset({ACTIVE, ENDED, ENDED_EARLY}),
    ENDED: frozenset(),
    ENDED_EARLY: frozenset(),
    REFUSED: frozenset(),
    CANCELLED: frozenset(),
    EXPIRED: frozenset(),
    DISSOLVED: frozenset(),
}

LIVE: Final = frozenset({REVIEW, SIGNING, SIGNED, ACTIVE, SUSPENDED})
"""In these its hours are planned: they count towards every limit of the person."""
UNSIGNED: Final = frozenset({DRAFT, REVIEW, SIGNING})
AT_WORK: Final = frozenset({ACTIVE, SUSPENDED})
BOUND: Final = frozenset({SIGNED, ACTIVE, SUSPENDED, ENDED, ENDED_EARLY})
"""In these it is, or was, an agreement."""


class NotPossible(Conflict):
    """A contract that is {status} cannot become {wanted}."""


class NotYet(Conflict):
    """This contract starts on {starts_on}."""


class NothingToReview(Conflict):
    """Nothing of this contract, which is {status}, waits for a review."""


class NoLaterEnd(Conflict):
    """An extension ends later than {ends_on}; a contract without an end needs none."""
