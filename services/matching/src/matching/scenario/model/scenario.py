"""A scenario's life: requested, computed apart, looked at. No transition is published: a scenario touches nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from common.errors import Conflict
from common.lifecycle import LifeCycle
from events.parties import Parties
from matching.plan.model.run import FailReason
from matching.scenario.model.overrides import Override, Sweep
from matching.scenario.model.shown import Outcome

if TYPE_CHECKING:
    from events import Event

# The annotations of a stored dataclass are read at run time.
from datetime import date, datetime

TriedBy = Literal["desk", "programme"]


class NotPossible(Conflict):
    """A scenario that is {status} cannot become {wanted}."""


class Status(StrEnum):
    """Where a scenario stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    COMPUTED = "computed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        Status.REQUESTED: {Status.RUNNING, Status.FAILED, Status.CANCELLED},
        Status.RUNNING: {Status.COMPUTED, Status.FAILED, Status.CANCELLED},
    },
)
OPEN: Final = frozenset({Status.REQUESTED, Status.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A change of rules to try, from the request on."""

    id: UUID
    version: int = 0
    status: Status = Status.REQUESTED
    by: TriedBy
    region: str | None
    """The one region that it is about, whose desk sees it."""
    regions: tuple[str, ...]
    """Of the vacancies, sorted; none is the whole country."""
    overrides: tuple[Override, ...]
    sweep: Sweep | None
    horizon_months: int
    """Vacancies that begin later are left out, and hours and costs are counted to here."""
    simulate: bool = False
    """Whether years of arrivals and answers are simulated as well."""
    bottleneck_report_id: UUID | None
    policy_item: str | None
    """An item of the policy conversation, such as K2.2."""
    requested_at: datetime
    started_at: datetime | None = None
    day: date | None = None
    """Of the snapshot."""
    policy_version: int | None = None
    ended_at: datetime | None = None
    reason: FailReason | None = None
    result: Outcome | None = None

    @property
    def case(self) -> UUID:
        """No case: nothing of it is published."""
        return self.id

    @property
    def parties(self) -> Parties:
        """No parties: it is about rules."""
        return Parties()

    @property
    def open(self) -> bool:
        """Whether it is still to be computed."""
        return self.status in OPEN

    def start(self, at: datetime, day: date, policy_version: int) -> tuple[Scenario, list[Event]]:
        """Take a snapshot; once more where the worker died that had begun it."""
        if self.status is Status.RUNNING:
            return replace(self, started_at=at, day=day, policy_version=policy_version), []
        return LIFE_CYCLE.become(self, Status.RUNNING, started_at=at, day=day, policy_version=policy_version)

    def complete(self, result: Outcome, at: datetime) -> tuple[Scenario, list[Event]]:
        """Take the result."""
        return LIFE_CYCLE.become(self, Status.COMPUTED, result=result, ended_at=at)

    def fail(self, reason: FailReason, at: datetime) -> tuple[Scenario, list[Event]]:
        """End without a result."""
        return LIFE_CYCLE.become(self, Status.FAILED, reason=reason, ended_at=at)

    def cancel(self, at: datetime) -> tuple[Scenario, list[Event]]:
        """End before there is a result; cancelled already, it stays so."""
        if self.status is Status.CANCELLED:
            return self, []
        return LIFE_CYCLE.become(self, Status.CANCELLED, ended_at=at)

    def must_have_a_result(self) -> Outcome:
        """Return the result.

        Raises:
            NotPossible: there is none, or not yet.
        """
        if self.result is None:
            raise NotPossible(status=self.status, wanted="shown")
        return self.result
