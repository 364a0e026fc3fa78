"""The programme tries a change of a rule, and a worker of the running system computes what it would bring."""

from __future__ import annotations

from typing import Any, Final

from common.caller import CallerRole
from demo.stage import Stage
from tests.e2e.own_routes import OwnRoutes
from tests.e2e.system import TRAINER, System, at_the_beginning, through

CAP: Final = {"code": "qualification.ground.guest", "value": {"maxMinutesPerSchoolYear": 19_200}}


async def scenario(on: Stage) -> str:
    """The desk tries a higher cap for guests in its region; the scenario's id."""
    body = {"regions": [on.cast.region], "overrides": [CAP], "simulate": True}
    return str((await on.desk.post("/matching/v1/scenarios", body))["id"])


ROUTES: Final = OwnRoutes(
    service="matching",
    under="/scenarios",
    for_everybody=frozenset({CallerRole.PROGRAMME}),
    not_of_a_school={"scenario_id": scenario},
)


async def test_a_change_of_a_rule_is_tried_by_a_worker(everything: System) -> None:
    on = everything.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER)
    path = f"/matching/v1/scenarios/{await scenario(on)}"

    async def is_computed() -> bool:
        shown: dict[str, Any] = await on.desk.get(path)
        return bool(shown["status"] == "computed")

    await on.until("the scenario is computed", is_computed)
    result = (await on.desk.get(path))["result"]
    assert [each["value"] for each in result["points"]] == [None]
    assert result["now"]["total"]["places"] == result["points"][0]["plan"]["total"]["places"]
    # Of a handful of people no number is shown.
    assert result["now"]["people"] is None
    assert result["now"]["simulated"]["measured"]["filled"]["mean"] is None
