"""A vacancy's life cycle in matching: what is asked, how many places are taken, and the waiting list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from common.errors import Conflict
from common.lifecycle import LifeCycle
from events import Event
from events.matching import (
    VacancyPlaceFreed,
    VacancyPlaceTaken,
    VacancyRanked,
    VacancyWaiting,
    WaitlistPromoted,
)
from events.parties import Parties
from events.registry import VacancyFacts

_NO_MATTER_OF_CONSENT: Final = frozenset(
    {
        "places",
        "supervisor_id",
        "group_size",
        "statutory_lessons",
        "region",
        "municipality",
        "latitude",
        "longitude",
        "days_without_lessons",
    }
)  # fmt: skip
"""What a school may change without asking again those that have been asked."""


class NotPossible(Conflict):
    """A vacancy that is {status} cannot become {wanted}."""


class NoSearch(Conflict):
    """A vacancy that is {status} looks for nobody."""


class NoPlaceLeft(Conflict):
    """Every place of this vacancy is taken."""


class Status(StrEnum):
    """Whether the search goes on."""

    OPEN = "open"
    WAITING = "waiting"
    """No candidate fits a free place: on the waiting list."""
    CLOSED = "closed"
    """Filled, expired or over; it may be opened again."""
    WITHDRAWN = "withdrawn"


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        Status.OPEN: {Status.WAITING, Status.CLOSED, Status.WITHDRAWN},
        Status.WAITING: {Status.OPEN, Status.CLOSED, Status.WITHDRAWN},
        Status.CLOSED: {Status.OPEN, Status.WITHDRAWN},
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """One vacancy's places and the search for who takes them.

    Matching decides about places and waiting; these transitions return events. What ``registry`` decides (the
    facts, closed, withdrawn, open again) it has published itself: those return the new state alone.
    """

    id: UUID
    version: int = 0
    facts: VacancyFacts
    status: Status = Status.OPEN
    round: int = 1
    """Goes up with every change of what is asked: a trainer who had a turn in an earlier one may be asked again."""
    taken_by: tuple[UUID, ...] = ()
    """The accepted proposals that have a place."""
    ranking_id: UUID | None = None
    """The latest ranking."""
    waiting_since: datetime | None = None
    escalated: bool = False

    @property
    def case(self) -> UUID:
        """From the proposal on, the vacancy is the case."""
        return self.id

    @property
    def parties(self) -> Parties:
        """The school that asks; a candidate takes part in a proposal, not in the search."""
        return Parties.of(self.facts)

    @property
    def searching(self) -> bool:
        """Whether anybody is looked for."""
        return self.status in {Status.OPEN, Status.WAITING}

    @property
    def taken(self) -> int:
        """How many places are taken; more than there are only where the school took places away."""
        return len(self.taken_by)

    @property
    def free(self) -> int:
        """How many places can still be taken."""
        return max(self.facts.places - self.taken, 0) if self.searching else 0

    # -- decided by registry ------------------------------------------------------------------------------------

    def change(self, facts: VacancyFacts) -> Vacancy:
        """Take over what the school asks now; other terms begin a new round."""
        same = _terms(facts) == _terms(self.facts)
        changed = replace(self, facts=facts, round=self.round + (not same))
        return changed._become(Status.OPEN)[0] if self.status is Status.WAITING else changed  # noqa: SLF001 - its own class

    def close(self) -> Vacancy:
        """Stop: every place is filled, the vacancy has expired, or its contracts are over."""
        return self if self.status is Status.CLOSED else self._become(Status.CLOSED)[0]

    def withdraw(self) -> Vacancy:
        """Stop for good: the school takes it back."""
        return self if self.status is Status.WITHDRAWN else self._become(Status.WITHDRAWN)[0]

    def reopen(self) -> Vacancy:
        """Look again: a contract fell away, there are more places, or the dates moved."""
        return self if self.searching else self._become(Status.OPEN)[0]

    # -- decided by matching ------------------------------------------------------------------------------------

    def ranked(
        self, ranking_id: UUID, *, candidates: int, fitting: int, policy_version: int
    ) -> tuple[Vacancy, list[Event]]:
        """Note that everybody was looked at."""
        event = VacancyRanked(
            vacancy_id=self.id,
            ranking_id=ranking_id,
            candidates=candidates,
            fitting=fitting,
            policy_version=policy_version,
        )
        return replace(self, ranking_id=ranking_id), [event]

    def wait(self, *, missing: int, candidates: int, at: datetime) -> tuple[Vacancy, list[Event]]:
        """Go on the waiting list: no trainer is asked for ``missing`` of the free places."""
        if self.status is Status.WAITING:
            return self, []
        event = VacancyWaiting(vacancy_id=self.id, free_places=missing, candidates=candidates, escalated=False)
        return LIFE_CYCLE.become(self, Status.WAITING, event, waiting_since=at)

    def escalate(self, *, missing: int, candidates: int) -> tuple[Vacancy, list[Event]]:
        """Ask the desk to help, once."""
        LIFE_CYCLE.must_be(self, Status.WAITING, wanted="escalated")
        if self.escalated:
            return self, []
        event = VacancyWaiting(vacancy_id=self.id, free_places=missing, candidates=candidates, escalated=True)
        return replace(self, escalated=True), [event]

    def promote(self, proposal_id: UUID) -> tuple[Vacancy, list[Event]]:
        """Leave the waiting list: with this proposal a trainer is asked for every free place."""
        if self.status is Status.OPEN:
            return self, []
        LIFE_CYCLE.must_be(self, Status.WAITING, wanted="promoted")
        return self._become(Status.OPEN, WaitlistPromoted(vacancy_id=self.id, proposal_id=proposal_id))

    def take_place(self, proposal_id: UUID) -> tuple[Vacancy, list[Event]]:
        """Give a place to an accepted proposal.

        Raises:
            NoSearch: the search has ended.
            NoPlaceLeft: others were first.
        """
        if proposal_id in self.taken_by:
            return self, []
        self.must_search()
        taken = replace(self, taken_by=(*self.taken_by, proposal_id))
        return taken, [
            VacancyPlaceTaken(vacancy_id=self.id, proposal_id=proposal_id, places=self.facts.places, taken=taken.taken)
        ]

    def must_search(self) -> None:
        """Check that a trainer can still be proposed or accepted.

        Raises:
            NoSearch: the search has ended.
            NoPlaceLeft: every place is taken.
        """
        if not self.searching:
            raise NoSearch(status=self.status)
        if not self.free:
            raise NoPlaceLeft

    def give_back(self, proposal_id: UUID) -> tuple[Vacancy, list[Event]]:
        """Free the place of a proposal that fell away, whatever has become of the vacancy."""
        if proposal_id not in self.taken_by:
            return self, []
        left = replace(self, taken_by=tuple(taken for taken in self.taken_by if taken != proposal_id))
        return left, [
            VacancyPlaceFreed(vacancy_id=self.id, proposal_id=proposal_id, places=self.facts.places, taken=left.taken)
        ]

    def _become(self, wanted: Status, *events: Event) -> tuple[Vacancy, list[Event]]:
        return LIFE_CYCLE.become(self, wanted, *events, waiting_since=None, escalated=False)


def _terms(facts: VacancyFacts) -> dict[str, object]:
    return {name: value for name, value in dict(facts).items() if name not in _NO_MATTER_OF_CONSENT}
