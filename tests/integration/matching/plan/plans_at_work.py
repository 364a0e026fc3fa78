"""What the tests of plans share: plans that are solved in this process, and requests of desk and programme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from common.persistence.transaction import uuid7
from events.registry import ProfileState, VacancyPosted
from matching.plan.channels import Beside, Outcome
from matching.plan.model.market import Market
from matching.plan.model.plan import encode, solve
from matching.plan.model.search import Aim, Watch
from matching.plan.usecases.planning import PlanQueue
from matching.ranking.model.blindness import Viewer
from matching.ranking.store import blind
from tests.integration.matching.matching_at_work import Matching
from tests.support.asking import profile, vacancy

DESK: Final[dict[str, Any]] = {"role": "desk", "regions": ["AM13"]}
OTHER_DESK: Final[dict[str, Any]] = {"role": "desk", "regions": ["AM28"]}
PROGRAMME: Final[dict[str, Any]] = {"role": "programme"}
HERE: Final = "matching.plan.usecases.running.solve_apart"


async def solve_here(
    market: Callable[[], Market], aim: Aim, *, beside: Beside | None = None, **_options: Any
) -> Outcome:
    """What the process of its own does, in this one: to start it takes seconds."""
    made = market()
    plan = solve(made, aim)
    return Outcome(
        value=plan.value,
        bound=plan.bound,
        gap=plan.gap,
        optimal=plan.optimal,
        cut=plan.cut,
        document=encode(plan),
        beside=b"" if beside is None else beside(made, plan, Watch()),
    )


async def call(
    matching: Matching, method: str, path: str, body: Mapping[str, Any] | None = None, status: int = 200, **token: Any
) -> Any:
    headers = matching.headers(write=method == "POST", **(token or DESK))
    response = await matching.client.request(method, path, headers=headers, json=body)
    assert response.status_code == status, response.text
    return response.json()


async def get(matching: Matching, path: str, status: int = 200, **token: Any) -> Any:
    return await call(matching, "GET", path, None, status, **token)


async def post(
    matching: Matching, path: str, body: Mapping[str, Any] | None = None, status: int = 200, **token: Any
) -> Any:
    return await call(matching, "POST", path, body, status, **token)


async def requested(matching: Matching, body: Mapping[str, Any] | None = None, **token: Any) -> str:
    return str((await post(matching, "/plans", {"regions": ["AM13"], **(body or {})}, 201, **token))["id"])


async def planned(matching: Matching, body: Mapping[str, Any] | None = None, **token: Any) -> dict[str, Any]:
    """A plan that a worker computed."""
    id_ = await requested(matching, body, **token)
    await PlanQueue(matching.database).run_due()
    found: dict[str, Any] = await get(matching, f"/plans/{id_}", **token)
    return found


async def waiting(matching: Matching, *profiles: ProfileState, vacancies: int = 1, **terms: Any) -> list[VacancyPosted]:
    """Vacancies that waited before these trainers came, who are asked nothing yet."""
    asked = [vacancy(**({"board_id": uuid7(), "school_id": uuid7()} | terms)) for _ in range(vacancies)]
    await matching.hear(*asked)
    await matching.hear(*(profiles or [profile()]))
    return asked


async def candidate_id(matching: Matching, vacancy_id: UUID, trainer_id: UUID, viewer: Viewer | None = None) -> str:
    """The pseudonym of a trainer, for the desk of the region."""
    async with matching.database.begin(actor="test") as tx:
        names = await blind.pseudonyms(tx)
    round_ = (await matching.vacancy(vacancy_id)).round
    return str(names.of(vacancy_id, round_, viewer or ("desk", "AM13"), trainer_id))


async def assignments(matching: Matching, plan: Mapping[str, Any], **token: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await get(matching, f"/plans/{plan['id']}/assignments?limit=500", **token))["items"]
    return found
