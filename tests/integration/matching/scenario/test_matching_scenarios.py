"""The programme tries a change of a rule and reads what it would bring: on a real database."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest
from sqlalchemy import text

from common.persistence.transaction import uuid7
from events.matching import ProposalMade
from events.words import TeachingRole
from matching.plan.channels import SolverEnded
from matching.plan.usecases.running import FailReason
from matching.scenario.model.trial import Trial
from matching.scenario.usecases import ScenarioQueue
from tests.integration.matching.matching_at_work import Matching
from tests.integration.matching.plan.plans_at_work import DESK, HERE, OTHER_DESK, PROGRAMME, get, post, solve_here
from tests.support.asking import profile, vacancy

CAP: Final = {"code": "qualification.ground.guest", "value": {"maxMinutesPerSchoolYear": 19_200}}
SWEEP: Final = {"code": "qualification.ground.guest", "name": "maxMinutesPerSchoolYear", "values": [60, 14_400]}
MANY: Final = 12


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HERE, solve_here)


async def requested(matching: Matching, body: dict[str, Any] | None = None, **token: Any) -> str:
    return str((await post(matching, "/scenarios", body or {}, 201, **(token or PROGRAMME)))["id"])


async def tried(matching: Matching, body: dict[str, Any] | None = None, **token: Any) -> dict[str, Any]:
    """A scenario that a worker computed."""
    id_ = await requested(matching, body, **token)
    await ScenarioQueue(matching.database).run_due()
    found: dict[str, Any] = await get(matching, f"/scenarios/{id_}", **(token or PROGRAMME))
    return found


async def a_market(matching: Matching) -> None:
    """Vacancies that wait, and as many trainers who could teach there."""
    asked = [
        vacancy(board_id=uuid7(), school_id=uuid7(), role=TeachingRole.GUEST_LECTURER, minutes_per_week=180)
        for _ in range(MANY)
    ]
    await matching.hear(*asked)
    await matching.hear(*(profile() for _ in range(MANY)))


async def everything_else(matching: Matching) -> dict[str, list[Any]]:
    """All rows of all tables, but those of scenarios and of requests."""
    found = {}
    async with matching.database.begin(actor="test") as tx:
        for name in sorted(matching.database.metadata.tables):
            if not name.startswith("scenario") and name not in {"idempotency_keys", "audit", "processing_log"}:
                rows = await tx.execute(text(f'SELECT * FROM "{name}"'))
                found[name] = sorted(str(row) for row in rows)
    return found


async def test_a_scenario_is_computed_apart_and_shows_both_plans(matching: Matching) -> None:
    await a_market(matching)
    found = await tried(matching, {"overrides": [{"code": SWEEP["code"], "value": {"maxMinutesPerSchoolYear": 60}}]})
    assert (found["status"], found["snapshotOn"], found["by"]) == ("computed", "2026-11-02", "programme")
    now, [point] = found["result"]["now"], found["result"]["points"]
    assert now["total"]["places"] == MANY
    assert now["total"]["matches"] >= 10
    assert point["plan"]["total"]["matches"] is None
    assert point["plan"]["bindings"][0]["rule"] == "ELIGIBILITY"
    assert (now["moved"], point["plan"]["moved"]["dropped"] >= 10) == (None, True)
    assert found["result"]["absent"] == ["pupils"]


async def test_a_scenario_touches_no_proposal_and_nothing_else(matching: Matching, here: None) -> None:
    await a_market(matching)
    before = await everything_else(matching)
    assert len(before["profiles"]) == MANY
    assert (await tried(matching, {"overrides": [CAP], "sweep": SWEEP | {"name": "maxMinutesPerWeek"}}))[
        "status"
    ] == "computed"
    assert await everything_else(matching) == before
    assert await matching.told(ProposalMade) == []


async def test_a_sweep_has_a_plan_for_each_value(matching: Matching, here: None) -> None:
    await a_market(matching)
    report = str(uuid7())
    found = await tried(matching, {"sweep": SWEEP, "bottleneckReportId": report, "policyItem": "K2.2"})
    assert [each["value"] for each in found["result"]["points"]] == [60, 14_400]
    few, many = (each["plan"]["total"]["matches"] for each in found["result"]["points"])
    assert few is None
    assert many == found["result"]["now"]["total"]["matches"]
    assert (found["bottleneckReportId"], found["policyItem"]) == (report, "K2.2")


async def test_years_of_arrivals_and_answers_are_simulated_under_both_rules(matching: Matching, here: None) -> None:
    await a_market(matching)
    term = {"code": "matching.terms", "value": {"proposalDays": 7}}
    found = await tried(matching, {"overrides": [term], "simulate": True})
    now, then = found["result"]["now"]["simulated"], found["result"]["points"][0]["plan"]["simulated"]
    assert (found["simulate"], now["runs"], now["places"], now["change"]) == (True, 10, MANY, None)
    assert now["measured"]["filled"]["mean"] >= 5
    assert now["measured"]["medianDays"] == {"mean": None, "low": None, "high": None, "isCertain": False}
    assert then["change"]["filled"]["isCertain"] is False
    table = await matching.client.get(f"/scenarios/{found['id']}/table", headers=matching.headers(**PROGRAMME))
    assert "point 1,,year_change,filled" in table.text
    without = await tried(matching, {})
    assert (without["simulate"], without["result"]["now"]["simulated"]) == (False, None)


async def test_the_result_is_a_table_and_a_drawing_as_well(matching: Matching, here: None) -> None:
    await a_market(matching)
    found = await tried(matching, {"sweep": SWEEP})
    headers = matching.headers(**PROGRAMME)
    table = await matching.client.get(f"/scenarios/{found['id']}/table", headers=headers)
    assert (table.status_code, table.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert table.text.startswith("plan,value,by,code,places")
    drawing = await matching.client.get(f"/scenarios/{found['id']}/chart", headers=headers)
    assert (drawing.status_code, drawing.headers["content-type"]) == (200, "image/svg+xml")
    assert drawing.text.startswith("<svg")


async def test_vacancies_beyond_the_horizon_are_left_out(matching: Matching, here: None) -> None:
    await a_market(matching)
    found = await tried(matching, {"horizonMonths": 1})
    assert found["result"]["now"]["total"]["places"] == 0


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"overrides": [{"code": "retention.plans", "value": {"days": 1}}]}, "overrides.0.code"),
        ({"overrides": [{"code": CAP["code"], "value": {"maxHours": 1}}]}, "overrides.0.value.maxHours"),
        ({"sweep": {**SWEEP, "values": [1, -1]}}, "sweep.values.1"),
        ({"horizonMonths": 0}, "horizonMonths"),
        ({"overrides": [{"code": "matching.terms", "value": {"proposalDays": 7}}]}, "overrides.0.code"),
    ],
)
async def test_a_wrong_change_is_refused_with_its_field(matching: Matching, body: dict[str, Any], name: str) -> None:
    refused = await post(matching, "/scenarios", body, 400, **PROGRAMME)
    assert [each["name"] for each in refused["invalidParams"]] == [name]
    assert await matching.count("scenarios") == 0


async def test_a_desk_tries_and_sees_its_own_region_and_the_programme_all(matching: Matching, here: None) -> None:
    mine = await requested(matching, {"regions": ["AM13"]}, **DESK)
    await post(matching, "/scenarios", {"regions": ["AM13"]}, 403, **OTHER_DESK)
    await post(matching, "/scenarios", {}, 403, **DESK)
    assert [each["id"] for each in (await get(matching, "/scenarios?status=requested"))["items"]] == [mine]
    assert (await get(matching, "/scenarios", **OTHER_DESK))["items"] == []
    for path in ("", "/table", "/chart"):
        await get(matching, f"/scenarios/{mine}{path}", 404, **OTHER_DESK)
    await post(matching, f"/scenarios/{mine}/_cancel", None, 404, **OTHER_DESK)
    assert [each["id"] for each in (await get(matching, "/scenarios", **PROGRAMME))["items"]] == [mine]
    for role in ("school", "company", "trainer"):
        await get(matching, "/scenarios", 403, role=role)


async def test_a_scenario_that_is_cancelled_is_not_computed(matching: Matching, here: None) -> None:
    id_ = await requested(matching)
    for _ in range(2):
        assert (await post(matching, f"/scenarios/{id_}/_cancel", **PROGRAMME))["status"] == "cancelled"
    assert await ScenarioQueue(matching.database).run_due() == 0
    await get(matching, f"/scenarios/{id_}/table", 409, **PROGRAMME)


async def test_a_scenario_that_is_computed_cannot_be_cancelled(matching: Matching, here: None) -> None:
    found = await tried(matching)
    await post(matching, f"/scenarios/{found['id']}/_cancel", None, 409, **PROGRAMME)


async def test_a_scenario_whose_workers_died_says_so(matching: Matching) -> None:
    id_ = await requested(matching)
    queue = ScenarioQueue(matching.database)
    for _ in range(queue.DEATHS):
        assert await queue.claim(1, alone=False) or await queue.claim(1, alone=True)
        async with matching.database.begin(actor="test") as tx:
            await tx.execute(text("UPDATE scenario_runs SET leased_until = now() - interval '1 second'"))
    await queue.run_due()
    reason: FailReason = "worker_died"
    found = await get(matching, f"/scenarios/{id_}", **PROGRAMME)
    assert (found["status"], found["reason"], found["result"]) == ("failed", reason, None)


async def test_no_more_scenarios_of_one_caller_wait_than_policy_allows(matching: Matching) -> None:
    most = 5
    headers = [matching.headers(write=True, **PROGRAMME) for _ in range(most + 2)]
    asked = await asyncio.gather(*(matching.client.post("/scenarios", headers=each, json={}) for each in headers))
    assert sorted(each.status_code for each in asked) == [201] * most + [409] * 2
    refused = await post(matching, "/scenarios", {}, 409, **PROGRAMME)
    assert refused["detail"].startswith("5 of your requests wait or are computed")
    assert "cancel one" in refused["detail"]
    # Another caller has room of its own, and whoever cancels one has room again.
    await requested(matching, {"regions": ["AM13"]}, **DESK)
    [mine] = [each.json()["id"] for each in asked if each.status_code == 201][:1]
    await post(matching, f"/scenarios/{mine}/_cancel", **PROGRAMME)
    await requested(matching)
    await post(matching, "/scenarios", {}, 409, **PROGRAMME)


async def test_a_scenario_that_cannot_be_computed_stops_no_other(
    matching: Matching, here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_market(matching)
    bad, good = await requested(matching, {"horizonMonths": 1}), await requested(matching)
    read = Trial.__call__

    def broken(trial: Trial) -> Any:
        if not trial.snapshot.vacancies:
            raise SolverEnded(reason="exit status -9")
        return read(trial)

    monkeypatch.setattr(Trial, "__call__", broken)
    queue = ScenarioQueue(matching.database)
    await queue.run_due()
    assert (await get(matching, f"/scenarios/{good}", **PROGRAMME))["status"] == "computed"
    for _ in range(queue.TRIES):
        async with matching.database.begin(actor="test") as tx:
            await tx.execute(text("UPDATE scenario_runs SET due_at = now() - interval '1 second'"))
        await queue.run_due()
    found = await get(matching, f"/scenarios/{bad}", **PROGRAMME)
    assert (found["status"], found["reason"]) == ("failed", "solver_ended")
