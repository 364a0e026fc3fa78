"""Request a scenario, compute it by a worker, and cancel it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from uuid import UUID

from common.persistence.database import Database
from common.persistence.terms import Purge, by_age
from common.persistence.transaction import Tx, uuid7
from matching.plan.model.run import FailReason
from matching.plan.model.snapshot import Rules
from matching.plan.usecases.planning import must_have_room, snapshot_of
from matching.plan.usecases.running import Job, RunQueue, Solve
from matching.ranking.store import blind
from matching.scenario import store
from matching.scenario.model.figures import Figures
from matching.scenario.model.overrides import Override, Sweep, points
from matching.scenario.model.scenario import Scenario, TriedBy
from matching.scenario.model.shown import Outcome, Point, Shutter
from matching.scenario.model.trial import Trial, read_figures
from matching.scenario.model.year import Assumptions
from rules.dates import last_day_of

__all__ = ["PURGE", "ScenarioQueue", "cancel", "request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The figures of a scenario, not rounded yet, and how to round them."""

    figures: Sequence[Figures]
    shutter: Shutter


async def request(
    tx: Tx,
    *,
    by: TriedBy,
    regions: Collection[str],
    overrides: Sequence[Override],
    sweep: Sweep | None,
    horizon_months: int,
    simulate: bool,
    bottleneck_report_id: UUID | None,
    policy_item: str | None,
) -> Scenario:
    """Request a scenario.

    Raises:
        Invalid: an override that no reader could use, each with its field.
        TooManyOpen: the caller has as many open scenarios as policy allows.
        MissingDependency: a policy row is not known here yet.
    """
    policies = await tx.policies()
    points(policies, overrides, sweep, tx.today, simulate=simulate)
    if simulate:
        Assumptions.of(policies, tx.today)  # here, so that the process that solves needs nothing that is not there
    in_order = tuple(sorted(regions))
    scenario = Scenario(
        id=uuid7(),
        by=by,
        region=in_order[0] if len(in_order) == 1 else None,
        regions=in_order,
        overrides=tuple(overrides),
        sweep=sweep,
        horizon_months=horizon_months,
        simulate=simulate,
        bottleneck_report_id=bottleneck_report_id,
        policy_item=policy_item,
        requested_at=tx.now,
    )
    await must_have_room(tx, store.runs, store.store, "scenariosPerCaller", by=by, region=scenario.region)
    scenario = await store.store.add(tx, scenario, [])
    await store.runs.enqueue(tx, scenario.id)
    return scenario


async def cancel(tx: Tx, scenario_id: UUID) -> Scenario:
    """Cancel a scenario that is not computed yet: its worker stops.

    Raises:
        NotPossible: there is a result already, or the run failed.
        NotFound: there is no such scenario.
    """
    # The queue first, as the worker that stores a result does.
    await store.runs.cancel(tx, scenario_id)
    scenario = await store.store.get(tx, scenario_id, lock=True)
    after = scenario.cancel(tx.now)
    return scenario if after[0] == scenario else await store.store.keep(tx, after)


class ScenarioQueue(RunQueue[Tried]):
    """Computes the scenarios that were requested."""

    def __init__(self, database: Database) -> None:
        """Work on one database."""
        super().__init__(database, store.runs)

    async def prepare(self, tx: Tx, run_id: UUID) -> Job[Tried]:
        """Take the snapshot, of the vacancies that begin before the horizon."""
        scenario = await store.store.get(tx, run_id, lock=True)
        snapshot = await snapshot_of(tx, regions=scenario.regions)
        until = last_day_of(snapshot.day, scenario.horizon_months)
        within = tuple(each for each in snapshot.vacancies if each.opening.starts_on <= until)
        snapshot = replace(snapshot, vacancies=within)
        trial = Trial(
            snapshot=snapshot,
            points=points(
                snapshot.policies, scenario.overrides, scenario.sweep, snapshot.day, simulate=scenario.simulate
            ),
            until=until,
            simulate=scenario.simulate,
            aim=Rules.of(snapshot.policies, snapshot.day).aim,
        )
        secret = (await blind.pseudonyms(tx)).key
        await store.store.keep(tx, scenario.start(tx.now, snapshot.day, snapshot.policies.version))
        seconds = int(snapshot.policies.on("matching.scenario", snapshot.day).value["seconds"])
        shutter = Shutter.of(snapshot.policies, snapshot.day, secret, simulate=scenario.simulate)
        return partial(_try, trial, shutter, seconds=seconds)

    async def record(self, tx: Tx, run_id: UUID, result: Tried) -> None:
        """Store what may be shown; the exact figures are dropped."""
        scenario = await store.store.get(tx, run_id, lock=True)
        now, *others = result.figures
        values: Sequence[Any] = (None,) if scenario.sweep is None else scenario.sweep.values
        outcome = Outcome(
            now=result.shutter.shown(now, now=True),
            points=tuple(
                Point(value=value, plan=result.shutter.shown(each, now=False))
                for value, each in zip(values, others, strict=True)
            ),
        )
        await store.store.keep(tx, scenario.complete(outcome, tx.now))

    async def give_up(self, tx: Tx, run_id: UUID, reason: FailReason) -> None:
        """Note why there is no result."""
        scenario = await store.store.get(tx, run_id, lock=True)
        await store.store.keep(tx, scenario.fail(reason, tx.now))


async def _try(trial: Trial, shutter: Shutter, solve: Solve, *, seconds: int) -> Tried:
    found = await solve(trial, trial.aim, seconds=seconds, beside=trial.beside)
    return Tried(figures=read_figures(found.beside), shutter=shutter)


PURGE: Final[Purge] = by_age("scenarios", "retention.scenarios", moment="requested_at")
"""Purges scenarios past their term."""
