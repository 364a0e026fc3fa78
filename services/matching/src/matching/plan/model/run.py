"""A plan's life: requested, computed apart, looked at, and published in waves. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from common.errors import Conflict
from common.lifecycle import LifeCycle
from events.matching import PlanComputed
from events.parties import Parties

if TYPE_CHECKING:
    from events import Event

# The annotations of a stored dataclass are read at run time.
from datetime import date, datetime

PlannedBy = Literal["desk", "programme", "matching"]
FailReason = Literal["pins_do_not_fit", "solver_ended", "worker_died", "took_too_long", "failed"]
"""Why a run ended without a plan."""
Skipped = Literal["vacancy_closed", "asked_already", "had_a_turn", "not_now", "enough_asked", "does_not_fit"]
"""Why a pair was not proposed. ``not_now`` names no other vacancy: it would link two of them."""
Emptiness = Literal["no_openings", "nobody_available", "nobody_fits"]


class NotPossible(Conflict):
    """A plan that is {status} cannot become {wanted}."""


class Status(StrEnum):
    """Where a plan stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    COMPUTED = "computed"
    PUBLISHED = "published"
    """At least one wave of proposals was made of it."""
    FAILED = "failed"
    CANCELLED = "cancelled"


LIFE_CYCLE: Final = LifeCycle(
    NotPossible,
    {
        Status.REQUESTED: {Status.RUNNING, Status.FAILED, Status.CANCELLED},
        Status.RUNNING: {Status.COMPUTED, Status.FAILED, Status.CANCELLED},
        Status.COMPUTED: {Status.PUBLISHED},
    },
)
OPEN: Final = frozenset({Status.REQUESTED, Status.RUNNING})
WITH_A_PLAN: Final = frozenset({Status.COMPUTED, Status.PUBLISHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A trainer at a vacancy that a desk wants in the plan, or wants not to be in it."""

    trainer_id: UUID
    vacancy_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A region or a subject: places and filled ones in halves, expected ones in ten-thousandths of half a place."""

    kind: str
    code: str
    places: int
    filled: int
    expected: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The worth of a plan, how sure it is, and how it looks to its parts; values in points."""

    value: int
    bound: int
    gap: int
    """In millionths of the bound."""
    optimal: bool
    cut: bool
    available: int
    """Trainers in the pool."""
    people: int
    """Those of them who fit somewhere."""
    openings: int
    pairs: int
    chosen: int
    groups: tuple[Group, ...]
    blocking: int
    exchanges: int
    exchange_gain: int
    """By how much all these exchanges would raise scores, in ten-thousandths."""
    price_of_wishes: int | None
    """The points that the plan without any wish is worth more; None where there are no wishes."""
    price_cut: bool = False
    """Whether the time ended one of both searches, so that the price is not exact."""

    @property
    def empty(self) -> Emptiness | None:
        """Why nobody is planned, where the market itself says so."""
        if not self.openings:
            return "no_openings"
        if not self.available:
            return "nobody_available"
        return None if self.pairs else "nobody_fits"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRun:
    """A plan, from the request on."""

    id: UUID
    version: int = 0
    status: Status = Status.REQUESTED
    by: PlannedBy
    region: str | None
    """The one region that it is made for, whose desk sees it."""
    regions: tuple[str, ...]
    """Of the vacancies, sorted; none is the whole country."""
    requested_at: datetime
    seconds: int | None = None
    """How long a search may take; None is what the policy says."""
    pins: tuple[Wish, ...] = ()
    exclusions: tuple[Wish, ...] = ()
    started_at: datetime | None = None
    day: date | None = None
    """Of the snapshot."""
    policy_version: int | None = None
    ended_at: datetime | None = None
    reason: FailReason | None = None
    result: Result | None = None
    waves: int = 0

    @classmethod
    def request(
        cls,
        id_: UUID,
        *,
        by: PlannedBy,
        regions: frozenset[str],
        at: datetime,
        seconds: int | None = None,
        pins: tuple[Wish, ...] = (),
        exclusions: tuple[Wish, ...] = (),
    ) -> PlanRun:
        """Request a plan for the vacancies of these regions; without any, of all."""
        in_order = tuple(sorted(regions))
        return cls(
            id=id_,
            by=by,
            region=in_order[0] if len(in_order) == 1 else None,
            regions=in_order,
            requested_at=at,
            seconds=seconds,
            pins=pins,
            exclusions=exclusions,
        )

    @property
    def case(self) -> UUID:
        """Itself; its event belongs to no case."""
        return self.id

    @property
    def parties(self) -> Parties:
        """No party: it is the programme's and its desk's."""
        return Parties()

    @property
    def open(self) -> bool:
        """Whether it is still to be computed."""
        return self.status in OPEN

    @property
    def wishes(self) -> bool:
        """Whether a desk changed it by hand."""
        return bool(self.pins or self.exclusions)

    def start(self, at: datetime, day: date, policy_version: int) -> tuple[PlanRun, list[Event]]:
        """Take a snapshot; once more where the worker died that had begun it."""
        snapshot = {"started_at": at, "day": day, "policy_version": policy_version}
        if self.status is Status.RUNNING:
            return replace(self, **snapshot), []  # type: ignore[arg-type]
        return LIFE_CYCLE.become(self, Status.RUNNING, **snapshot)

    def complete(self, result: Result, at: datetime) -> tuple[PlanRun, list[Event]]:
        """Take the result."""
        event = PlanComputed(
            plan_id=self.id,
            regions=list(self.regions),
            snapshot_on=self.day or at.date(),
            policy_version=self.policy_version or 0,
            value=result.value,
            bound=result.bound,
            gap_per_million=result.gap,
            optimal=result.optimal,
            cut=result.cut,
            people=result.people,
            openings=result.openings,
            chosen=result.chosen,
        )
        return LIFE_CYCLE.become(self, Status.COMPUTED, event, result=result, ended_at=at)

    def fail(self, reason: FailReason, at: datetime) -> tuple[PlanRun, list[Event]]:
        """End without a plan."""
        return LIFE_CYCLE.become(self, Status.FAILED, reason=reason, ended_at=at)

    def cancel(self, at: datetime) -> tuple[PlanRun, list[Event]]:
        """End before there is a plan, as its desk wishes; cancelled already, it stays so."""
        if self.status is Status.CANCELLED:
            return self, []
        return LIFE_CYCLE.become(self, Status.CANCELLED, ended_at=at)

    def publish(self) -> tuple[PlanRun, list[Event]]:
        """Begin the next wave."""
        if self.status is Status.PUBLISHED:
            return replace(self, waves=self.waves + 1), []
        return LIFE_CYCLE.become(self, Status.PUBLISHED, waves=self.waves + 1)

    def must_have_a_plan(self, wanted: str) -> None:
        """Check that there is a plan to look at.

        Raises:
            NotPossible: there is none, or not yet.
        """
        LIFE_CYCLE.must_be(self, *WITH_A_PLAN, wanted=wanted)
