"""Plans over HTTP: request one, look at it, compare two, and publish one in waves."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query, Request, Response

from common.caller import Caller as Who
from common.caller import CallerRole
from common.errors import Invalid, InvalidParam, Message
from common.persistence.paging import Paged
from common.persistence.processing_log import record_processing
from common.web import Caller, InTx, Page, Paging, Router, roles, scope
from matching.plan import queries
from matching.plan.model.run import PlanRun, Status, Wish
from matching.plan.store import plans
from matching.plan.usecases import planning, publishing
from matching.plan.views import (
    AssignmentView,
    ChangeView,
    DifferenceView,
    OpeningView,
    PairView,
    PlanBody,
    PlanView,
    WaveBody,
    WaveView,
    WishBody,
    assignment_view,
    opening_view,
    plan_view,
)
from matching.profile.store.pool import pool_for
from matching.ranking.store import blind
from matching.ranking.views import ACTIVITY, viewpoint_of_support
from matching.vacancy.store import vacancies

router = Router(tags=["Plans"])
_STAFF: Final = (CallerRole.DESK, CallerRole.PROGRAMME)
_READ = [scope("plans:read"), roles(*_STAFF)]
_WRITE = [scope("plans:write"), roles(*_STAFF)]
_CHANGES: Final = 500
Pair = tuple[UUID, UUID]
"""A vacancy and a trainer."""


@router.post("/plans", status_code=201, response_model=PlanView, dependencies=_WRITE)
async def request(command: PlanBody, caller: Caller, tx: InTx, http: Request, response: Response) -> PlanView:
    """Request a plan: who could best teach where, over all people and vacancies at once. It is computed by a worker."""
    regions = frozenset(command.regions)
    by = planning.requested_by(caller, regions)
    pins = await _wishes(tx, caller, "pins", command.pins, regions)
    exclusions = await _wishes(tx, caller, "exclusions", command.exclusions, regions)
    plan = await planning.request(tx, by=by, regions=regions, seconds=command.seconds, pins=pins, exclusions=exclusions)
    response.headers["Location"] = f"{http.scope.get('root_path', '')}/plans/{plan.id}"
    return plan_view(plan)


@router.get("/plans", response_model=Page[PlanView], dependencies=_READ)
async def find(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    status: Annotated[Status | None, Query(description="Only those that stand there.")] = None,
) -> Paged[PlanView]:
    """Find the plans of your region, or all as the programme, the newest first."""
    page = await queries.own_plans(tx, caller, paging, status=status)
    return Paged([plan_view(each) for each in page.items], page.next_cursor)


@router.get("/plans/{plan_id}", response_model=PlanView, dependencies=_READ)
async def show(plan_id: UUID, caller: Caller, tx: InTx) -> PlanView:
    """Show a plan: how far it is, what it is worth, and how much better any other could be."""
    plan = await queries.own_plan(tx, caller, plan_id)
    return plan_view(plan, await plans.runs.progress(tx, plan_id))


@router.get("/plans/{plan_id}/assignments", response_model=Page[AssignmentView], dependencies=_READ)
async def assignments(
    plan_id: UUID,
    caller: Caller,
    tx: InTx,
    paging: Paging,
    vacancy_id: Annotated[UUID | None, Query(description="Only those of this vacancy.")] = None,
) -> Paged[AssignmentView]:
    """Show who is planned at which vacancy and who is in reserve there, each under a pseudonym for that vacancy."""
    await queries.own_plan(tx, caller, plan_id)
    page = await queries.page_of_assignments(tx, paging, plan_id, vacancy_id)
    names = await _names(tx, caller, [(row.vacancy_id, row.trainer_id) for row in page.items])
    await record_processing(tx, caller, ACTIVITY, *(row.trainer_id for row in page.items))
    found = (dict(row._mapping) for row in page.items)  # noqa: SLF001 - Row's public name
    shown = [assignment_view(row, names[row["vacancy_id"], row["trainer_id"]]) for row in found]
    return Paged(shown, page.next_cursor)


@router.get("/plans/{plan_id}/openings", response_model=Page[OpeningView], dependencies=_READ)
async def openings(plan_id: UUID, caller: Caller, tx: InTx, paging: Paging) -> Paged[OpeningView]:
    """Show the vacancies of a plan and what binds: those first where one place more would bring most."""
    await queries.own_plan(tx, caller, plan_id)
    page = await queries.page_of_openings(tx, paging, plan_id)
    shown = [opening_view(dict(row._mapping)) for row in page.items]  # noqa: SLF001 - Row's public name
    return Paged(shown, page.next_cursor)


@router.get("/plans/{plan_id}/difference", response_model=DifferenceView, dependencies=_READ, responses={409: {}})
async def difference(
    plan_id: UUID,
    caller: Caller,
    tx: InTx,
    with_id: Annotated[UUID | None, Query(alias="with", description="The other plan.")] = None,
) -> DifferenceView:
    """Compare a plan with another one: what comes, what goes, and the price of it."""
    one = await queries.own_plan(tx, caller, plan_id)
    if with_id is None:  # only who may see the plan is answered at all
        raise Invalid(InvalidParam("with", Message("Name the plan to compare it with"), "missing"))
    other = await queries.own_plan(tx, caller, with_id)
    for each in (one, other):
        each.must_have_a_plan("compared")
    before, after = await plans.chosen(tx, one.id), await plans.chosen(tx, other.id)
    changes = sorted(before.keys() ^ after.keys())[:_CHANGES]
    names = await _names(tx, caller, changes)
    await record_processing(tx, caller, ACTIVITY, *(trainer_id for _, trainer_id in changes))
    # By vacancy and pseudonym: the order of trainers would tell who they are.
    shown = [
        ChangeView(vacancy_id=pair[0], candidate_id=names[pair], change="added" if pair in after else "dropped")
        for pair in sorted(changes, key=lambda pair: (pair[0], names[pair]))
    ]
    return DifferenceView(
        plan_id=one.id,
        with_id=other.id,
        same_snapshot=(one.day, one.policy_version) == (other.day, other.policy_version),
        added=len(after.keys() - before.keys()),
        dropped=len(before.keys() - after.keys()),
        kept=len(before.keys() & after.keys()),
        price=_value(one) - _value(other),
        changes=shown,
    )


@router.post("/plans/{plan_id}/_cancel", response_model=PlanView, dependencies=_WRITE)
async def cancel(plan_id: UUID, caller: Caller, tx: InTx) -> PlanView:
    """Cancel a plan that is not computed yet; its worker stops and nothing of it is stored."""
    await queries.own_plan(tx, caller, plan_id)
    return plan_view(await planning.cancel(tx, plan_id))


@router.post("/plans/{plan_id}/_publish", response_model=WaveView, dependencies=_WRITE)
async def publish(plan_id: UUID, command: WaveBody, caller: Caller, tx: InTx) -> WaveView:
    """Publish the next wave: its pairs are looked at anew and proposed, all of the wave or nothing."""
    await queries.own_plan(tx, caller, plan_id)
    plan, wave = await publishing.publish(tx, plan_id, command.size)
    pairs = [*wave.proposed, *wave.skipped]
    names = await _names(tx, caller, pairs)
    await record_processing(tx, caller, ACTIVITY, *(trainer_id for _, trainer_id in pairs))
    shown = [
        PairView(
            vacancy_id=pair[0],
            candidate_id=names[pair],
            proposal_id=wave.proposed.get(pair),
            skipped=wave.skipped.get(pair),
        )
        for pair in sorted(pairs, key=lambda pair: (pair[0], names[pair]))
    ]
    return WaveView(
        plan_id=plan.id,
        wave=wave.number,
        proposed=len(wave.proposed),
        skipped=len(wave.skipped),
        left=wave.left,
        pairs=shown,
    )


def _value(plan: PlanRun) -> int:
    return 0 if plan.result is None else plan.result.value


async def _names(tx: InTx, caller: Who, pairs: Iterable[Pair]) -> Mapping[Pair, UUID]:
    """Return the pseudonym of each trainer at each vacancy, for this caller."""
    pseudonyms, wanted = await blind.pseudonyms(tx), list(pairs)
    found = await vacancies.some(tx, {vacancy_id for vacancy_id, _ in wanted})
    names = {}
    for vacancy_id, trainer_id in wanted:
        vacancy = found[vacancy_id]
        viewpoint = viewpoint_of_support(caller, vacancy.facts.region, pseudonyms)
        names[vacancy_id, trainer_id] = pseudonyms.of(vacancy_id, vacancy.round, viewpoint.viewer, trainer_id)
    return names


async def _wishes(
    tx: InTx, caller: Who, name: str, wanted: Sequence[WishBody], regions: Collection[str]
) -> tuple[Wish, ...]:
    """Return whom the wishes are about.

    Raises:
        Invalid: a vacancy that the plan has not, or a candidate that it has not.
    """
    found = await vacancies.some(tx, {each.vacancy_id for each in wanted})
    planned = {id_: each for id_, each in found.items() if not regions or each.facts.region in regions}
    people = {id_: await _people(tx, caller, id_) for id_ in sorted(planned)}
    wishes, faults = list[Wish](), list[InvalidParam]()
    for number, each in enumerate(wanted):
        trainer_id = people.get(each.vacancy_id, {}).get(each.candidate_id)
        if each.vacancy_id not in planned:
            reason = Message("There is no vacancy with this id in these regions")
            faults.append(InvalidParam(f"{name}.{number}.vacancyId", reason, "unknown"))
        elif trainer_id is None:
            reason = Message("This vacancy has no candidate with this id")
            faults.append(InvalidParam(f"{name}.{number}.candidateId", reason, "unknown"))
        else:
            wishes.append(Wish(trainer_id=trainer_id, vacancy_id=each.vacancy_id))
    if faults:
        raise Invalid(*faults)
    return tuple(wishes)


async def _people(tx: InTx, caller: Who, vacancy_id: UUID) -> Mapping[UUID, UUID]:
    """Return everybody in the pool by their pseudonym at a vacancy."""
    async with pool_for(tx) as candidates:
        trainers = [profile.trainer_id for profile in candidates.pool]
    await asyncio.sleep(0)  # a hash for each; others get a turn
    names = await _names(tx, caller, ((vacancy_id, trainer_id) for trainer_id in trainers))
    return {candidate_id: trainer_id for (_, trainer_id), candidate_id in names.items()}
