"""A desk requests a plan, a worker of the running system computes it, and the desk publishes it."""

from __future__ import annotations

from typing import Any, Final

from common.caller import CallerRole
from demo.stage import Stage
from tests.e2e.own_routes import OwnRoutes
from tests.e2e.system import TRAINER, System, at_the_beginning, through


async def plan(on: Stage) -> str:
    """The desk requests a plan of its region; its id."""
    return str((await on.desk.post("/matching/v1/plans", {"regions": [on.cast.region]}))["id"])


ROUTES: Final = OwnRoutes(
    service="matching",
    under="/plans",
    for_everybody=frozenset({CallerRole.PROGRAMME}),
    not_of_a_school={"plan_id": plan},
)


async def test_a_desk_requests_a_plan_and_a_worker_computes_it(everything: System) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER)
    path = f"/matching/v1/plans/{await plan(on)}"

    async def is_computed() -> bool:
        shown: dict[str, Any] = await on.desk.get(path)
        return bool(shown["status"] == "computed")

    await on.until("the plan is computed", is_computed)
    shown = await on.desk.get(path)
    assert shown["result"]["available"] >= 1
    assert shown["result"]["value"] <= shown["result"]["bound"]
    assert shown["result"]["empty"] in {None, "no_openings", "nobody_fits"}
