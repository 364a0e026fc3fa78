"""Scenarios over HTTP: try a change of rules, look at the result, and read it as a table or a drawing."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query, Request, Response

from common.caller import CallerRole
from common.persistence.paging import Paged
from common.web import Caller, InTx, Page, Paging, Router, roles, scope
from matching.plan.usecases import planning
from matching.scenario import queries, store, usecases
from matching.scenario.model.reports import as_csv, as_svg
from matching.scenario.model.scenario import Status
from matching.scenario.views import ScenarioBody, ScenarioView, override_of, scenario_view, sweep_of

router = Router(tags=["Scenarios"])
_STAFF: Final = (CallerRole.DESK, CallerRole.PROGRAMME)
_READ = [scope("scenarios:read"), roles(*_STAFF)]
_WRITE = [scope("scenarios:write"), roles(*_STAFF)]
_NO_RESULT: Final[dict[int | str, dict[str, Any]]] = {409: {}}
"""It is not computed yet, or never will be."""


class Csv(Response):
    """A table."""

    media_type = "text/csv"


class Svg(Response):
    """A drawing."""

    media_type = "image/svg+xml"


@router.post("/scenarios", status_code=201, response_model=ScenarioView, dependencies=_WRITE)
async def request(command: ScenarioBody, caller: Caller, tx: InTx, http: Request, response: Response) -> ScenarioView:
    """Request a scenario: the plan of now against the plan under other rules. It is computed by a worker."""
    regions = frozenset(command.regions)
    by = planning.requested_by(caller, regions)
    scenario = await usecases.request(
        tx,
        by=by,
        regions=regions,
        overrides=[override_of(each) for each in command.overrides],
        sweep=sweep_of(command.sweep),
        horizon_months=command.horizon_months,
        simulate=command.simulate,
        bottleneck_report_id=command.bottleneck_report_id,
        policy_item=command.policy_item,
    )
    response.headers["Location"] = f"{http.scope.get('root_path', '')}/scenarios/{scenario.id}"
    return scenario_view(scenario)


@router.get("/scenarios", response_model=Page[ScenarioView], dependencies=_READ)
async def find(
    caller: Caller,
    tx: InTx,
    paging: Paging,
    status: Annotated[Status | None, Query(description="Only those that stand there.")] = None,
) -> Paged[ScenarioView]:
    """Find the scenarios of your region, or all as the programme, the newest first."""
    page = await queries.own_scenarios(tx, caller, paging, status=status)
    return Paged([scenario_view(each) for each in page.items], page.next_cursor)


@router.get("/scenarios/{scenario_id}", response_model=ScenarioView, dependencies=_READ)
async def show(scenario_id: UUID, caller: Caller, tx: InTx) -> ScenarioView:
    """Show a scenario: how far it is, and what the change would bring."""
    scenario = await queries.own_scenario(tx, caller, scenario_id)
    return scenario_view(scenario, await store.runs.progress(tx, scenario_id))


@router.get("/scenarios/{scenario_id}/table", response_class=Csv, dependencies=_READ, responses=_NO_RESULT)
async def table(scenario_id: UUID, caller: Caller, tx: InTx) -> Csv:
    """Show the result as a table: a line per plan and group, and one per rule that binds."""
    result = (await queries.own_scenario(tx, caller, scenario_id)).must_have_a_result()
    return Csv(as_csv(result))


@router.get("/scenarios/{scenario_id}/chart", response_class=Svg, dependencies=_READ, responses=_NO_RESULT)
async def chart(scenario_id: UUID, caller: Caller, tx: InTx) -> Svg:
    """Show the matches of each plan as a drawing."""
    result = (await queries.own_scenario(tx, caller, scenario_id)).must_have_a_result()
    return Svg(as_svg(result))


@router.post("/scenarios/{scenario_id}/_cancel", response_model=ScenarioView, dependencies=_WRITE)
async def cancel(scenario_id: UUID, caller: Caller, tx: InTx) -> ScenarioView:
    """Cancel a scenario that is not computed yet; its worker stops and nothing of it is stored."""
    await queries.own_scenario(tx, caller, scenario_id)
    return scenario_view(await usecases.cancel(tx, scenario_id))
