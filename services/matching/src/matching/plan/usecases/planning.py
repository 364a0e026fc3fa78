"""Request a plan, compute it by a worker, cancel it, and one of the whole country each day."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal
from uuid import UUID

import structlog

from common.caller import Caller, CallerRole
from common.decision import MissingDependency
from common.errors import Conflict, Forbidden, Invalid, InvalidParam, Message
from common.persistence.database import Database
from common.persistence.terms import Purge, by_age
from common.persistence.transaction import Tx, uuid7
from common.runtime.event_loop import is_stopping
from common.runtime.failures import AWAY
from common.runtime.telemetry import error_location
from matching.plan.channels import Outcome
from matching.plan.model.details import details, read_details
from matching.plan.model.run import FailReason, PlannedBy, PlanRun, Result, Wish
from matching.plan.model.snapshot import Rules, Snapshot, Vacant
from matching.plan.store import plans
from matching.plan.store.runs import RunRows, RunStore
from matching.plan.usecases.running import Job, RunQueue, Solve
from matching.profile.store.pool import pool_for
from matching.proposal.model.asking import Asking, Outcomes
from matching.proposal.store import proposals
from matching.proposal.usecases import learning
from matching.vacancy.model.published import opening_of
from matching.vacancy.model.vacancy import Vacancy
from matching.vacancy.store import vacancies

log = structlog.get_logger()

EACH: Final = 60.0
"""Seconds after which it is looked whether today's plan is there."""


class OneRegion(Forbidden):
    """A desk names one of its regions at a time."""


class AlreadyPlanned(Conflict):
    """Plan {id} for the same regions is {status}: wait for it or cancel it."""


class TooManyOpen(Conflict):
    """{most} of your requests wait or are computed, and no more may: wait until one ended, or cancel one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A plan, and the one without any wish, where there are wishes."""

    available: int
    planned: Outcome
    free: Outcome | None


def requested_by(caller: Caller, regions: Collection[str]) -> Literal["desk", "programme"]:
    """Return who requests a run over these regions; none is the whole country, which only the programme asks for.

    Raises:
        OneRegion: a desk names several, or none.
        ForeignOwner: the region is not the desk's.
    """
    if CallerRole.PROGRAMME in caller.roles:
        return "programme"
    if len(set(regions)) != 1:
        raise OneRegion
    caller.must_act_for(regions=next(iter(regions)))
    return "desk"


async def must_have_room(
    tx: Tx, queue: RunRows, runs: RunStore[Any], which: str, *, by: PlannedBy, region: str | None
) -> None:
    """Check that a caller has fewer open runs than policy ``matching.runs`` allows; matching itself has no limit.

    Raises:
        TooManyOpen: it has as many.
        MissingDependency: the policy row is not known here yet.
    """
    if by != "matching":
        most = int((await tx.policies()).on("matching.runs", tx.today).value[which])
        if await queue.count(tx, runs.table, by=by, region=region if by == "desk" else None) >= most:
            raise TooManyOpen(most=most)


async def request(
    tx: Tx,
    *,
    by: PlannedBy,
    regions: Collection[str] = (),
    seconds: int | None = None,
    pins: Collection[Wish] = (),
    exclusions: Collection[Wish] = (),
) -> PlanRun:
    """Request a plan.

    Raises:
        AlreadyPlanned: one for the same regions is requested or under way.
        TooManyOpen: the caller has as many open plans as policy allows.
        Invalid: the same pair is wished and excluded.
        MissingDependency: a policy row is not known here yet.
    """
    if set(pins) & set(exclusions):
        raise Invalid(InvalidParam("pins", Message("is excluded as well"), "contradiction"))
    rules = Rules.of(await tx.policies(), tx.today)
    plan = PlanRun.request(
        uuid7(),
        by=by,
        regions=frozenset(regions),
        at=tx.now,
        seconds=None if seconds is None else min(seconds, rules.seconds_at_most),
        pins=tuple(pins),
        exclusions=tuple(exclusions),
    )
    if there := await plans.store.open_for(tx, plan.regions):
        raise AlreadyPlanned(id=there.id, status=there.status)
    await must_have_room(tx, plans.runs, plans.store, "plansPerCaller", by=by, region=plan.region)
    plan = await plans.store.add(tx, plan, [])
    await plans.runs.enqueue(tx, plan.id)
    return plan


async def cancel(tx: Tx, plan_id: UUID) -> PlanRun:
    """Cancel a plan that is not computed yet: its worker stops.

    Raises:
        NotPossible: there is a plan already, or the run failed.
        NotFound: there is no such plan.
    """
    # The queue first, as the worker that stores a result does.
    await plans.runs.cancel(tx, plan_id)
    plan = await plans.store.get(tx, plan_id, lock=True)
    after = plan.cancel(tx.now)
    return plan if after[0] == plan else await plans.store.keep(tx, after)


async def snapshot_of(
    tx: Tx,
    *,
    regions: Collection[str] = (),
    pins: Collection[Wish] = (),
    exclusions: Collection[Wish] = (),
) -> Snapshot:
    """Take a snapshot of the pool, the open vacancies and all that a plan depends on, as of this moment.

    Raises:
        MissingDependency: a policy row is not known here yet.
    """
    policies, day = await tx.policies(), tx.today
    Asking.of(policies, day)  # here, so that the process that solves needs nothing that is not there
    Rules.of(policies, day)
    searching = await vacancies.searching_in(tx, regions)
    rounds = {each.id: each.round for each in searching}
    turns = [
        (trainer_id, vacancy_id)
        for vacancy_id, trainer_id, round_ in await proposals.turns(tx)
        if vacancy_id in rounds and round_ in {None, rounds[vacancy_id]}
    ]
    async with pool_for(tx) as candidates:
        profiles = tuple(candidates.pool)
    return Snapshot(
        profiles=tuple(sorted(profiles, key=lambda each: each.trainer_id)),
        vacancies=tuple(_vacant(searching)),
        policies=policies,
        day=day,
        outcomes=await _outcomes(tx, searching),
        had_a_turn=frozenset(turns),
        pinned=frozenset((each.trainer_id, each.vacancy_id) for each in pins),
        excluded=frozenset((each.trainer_id, each.vacancy_id) for each in exclusions),
    )


def _vacant(searching: Collection[Vacancy]) -> list[Vacant]:
    found = ((each, opening_of(each.facts)) for each in searching if each.free)
    return [Vacant(opening, vacancy.free) for vacancy, opening in found if opening is not None]


async def _outcomes(tx: Tx, searching: Collection[Vacancy]) -> Mapping[str, Outcomes]:
    regions = sorted({each.facts.region or "" for each in searching})
    found = {region: await learning.outcomes(tx, region) for region in regions}
    return {region: outcomes for region, outcomes in found.items() if outcomes}


class PlanQueue(RunQueue[Computed]):
    """Computes the plans that were requested."""

    def __init__(self, database: Database) -> None:
        """Work on one database."""
        super().__init__(database, plans.runs)

    async def prepare(self, tx: Tx, run_id: UUID) -> Job[Computed]:
        """Take the snapshot."""
        plan = await plans.store.get(tx, run_id, lock=True)
        snapshot = await snapshot_of(tx, regions=plan.regions, pins=plan.pins, exclusions=plan.exclusions)
        rules = Rules.of(snapshot.policies, snapshot.day)
        await plans.store.keep(tx, plan.start(tx.now, snapshot.day, snapshot.policies.version))
        return partial(_compute, snapshot, rules, seconds=plan.seconds or rules.seconds)

    async def record(self, tx: Tx, run_id: UUID, result: Computed) -> None:
        """Store the plan and publish that it is there."""
        plan, found = await plans.store.get(tx, run_id, lock=True), read_details(result.planned.beside)
        await plans.store.keep(tx, plan.complete(_result(result), tx.now))
        await plans.add_result(tx, run_id, result.planned.document, found)

    async def give_up(self, tx: Tx, run_id: UUID, reason: FailReason) -> None:
        """Note why there is no plan."""
        plan = await plans.store.get(tx, run_id, lock=True)
        await plans.store.keep(tx, plan.fail(reason, tx.now))


async def _compute(snapshot: Snapshot, rules: Rules, solve: Solve, *, seconds: int) -> Computed:
    planned = await solve(snapshot, rules.aim, seconds=seconds, beside=details)
    free = None
    if snapshot.pinned or snapshot.excluded:
        without = replace(snapshot, pinned=frozenset(), excluded=frozenset())
        free = await solve(without, rules.aim, seconds=seconds)
    return Computed(available=len(snapshot.profiles), planned=planned, free=free)


def _result(computed: Computed) -> Result:
    planned, free, found = computed.planned, computed.free, read_details(computed.planned.beside)
    return Result(
        value=planned.value,
        bound=planned.bound,
        gap=planned.gap,
        optimal=planned.optimal,
        cut=planned.cut,
        available=computed.available,
        people=found.people,
        openings=found.openings,
        pairs=found.pairs,
        chosen=sum(each.place == 0 for each in found.assigned),
        groups=found.groups,
        blocking=found.blocking,
        exchanges=found.exchanges,
        exchange_gain=found.exchange_gain,
        price_of_wishes=None if free is None else free.value - planned.value,
        price_cut=free is not None and (free.cut or planned.cut),
    )


async def plan_the_day(database: Database) -> PlanRun | None:
    """Request today's plan of the whole country, where policy wants one and it is not there."""
    async with database.begin(actor=plans.QUEUE) as tx:
        if not Rules.of(await tx.policies(), tx.today).daily or await plans.store.has_of_day(tx, tx.today):
            return None
        with suppress(AlreadyPlanned):
            return await request(tx, by="matching")
        return None


async def plan_each_day(database: Database) -> None:
    """Request a plan each day, for ever."""
    while not is_stopping():
        try:
            with suppress(MissingDependency):  # at a first start policies are on their way: readiness says so
                await plan_the_day(database)
        except AWAY as error:
            log.warning("plan.not-requested", reason=error_location(error))
        await asyncio.sleep(EACH)


PURGE: Final[Purge] = by_age("plans", "retention.plans", moment="requested_at")
