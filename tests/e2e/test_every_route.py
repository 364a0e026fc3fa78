"""Every route of every service refuses whoever may not: generated from the routes themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from pydantic.alias_generators import to_camel

from common.http.routing import Route
from common.transaction import uuid7
from hto.services import NAMES, service
from tests.e2e.bodies import example
from tests.e2e.system import ACCEPTED, OFFERED, PROPOSED, SIGNED, TAUGHT, TRAINER, System, at_the_beginning, through

PUBLIC = {"/regions", "/trades"}
"""Reference data, open to everybody: declared so, and here once more so that a new one is noticed."""


def routes() -> Iterator[tuple[str, Route]]:
    for name in NAMES:
        for router in service(name).routers:
            for route in router.routes:
                assert isinstance(route, Route)
                yield name, route


EVERY = list(routes())
GUARDED = [(name, route) for name, route in EVERY if route.scope]
OF_ONE_ROW = [(name, route) for name, route in GUARDED if "{" in route.path and not route.path.startswith("/policies")]


MORE: dict[str, dict[str, Any]] = {
    "/webhook-endpoints/{endpoint_id}/_redeliver": {"since": "2026-11-01T00:00:00Z"},
}
"""What a body needs although its document alone does not say so."""


def label(value: object) -> str:
    return f"{value.method} {value.path}" if isinstance(value, Route) else str(value)


def test_only_reference_data_is_public() -> None:
    assert {route.path for _, route in EVERY if not route.scope} == PUBLIC


@pytest.fixture(scope="module")
async def rows(on_postgresql: System) -> dict[str, str]:
    """One real row of each kind, by the name that a path gives it."""
    on = on_postgresql.stage()
    await at_the_beginning(on)
    await through(on, *TRAINER, *PROPOSED, *ACCEPTED, *OFFERED, *SIGNED, *TAUGHT)
    endpoint = await on.school.post(
        "/notifications/v1/webhook-endpoints", on.cast.subscription(on_postgresql.receiver.url)
    )
    proposal = await on.school.get(f"/matching/v1/proposals/{on.found.proposal}")
    return {
        "organisation_id": str(on.cast.company),
        "school_id": str(on.cast.school),
        "region": on.cast.region,
        "trainer_id": str(on.cast.trainer),
        "qualification_id": str(on.cast.qualification),
        "vacancy_id": str(on.cast.vacancy),
        "proposal_id": on.found.proposal,
        "ranking_id": proposal["rankingId"],
        "contract_id": on.found.contract["id"],
        "assignment_id": on.found.assignment,
        "line_id": on.found.hour_lines[0],
        "endpoint_id": endpoint["id"],
        "case_id": str(on.cast.vacancy),
        "parked_id": str(uuid7()),
        "party": "school",
        "code": "vat.rates",
        "valid_from": "2026-01-01",
    }


async def ask(
    on_postgresql: System, name: str, route: Route, rows: dict[str, str], token: str | None
) -> httpx2.Response:
    document = await _document(on_postgresql, name)
    path = route.path_format.format(**rows)
    headers = {"Idempotency-Key": str(uuid7()), "If-Match": "*"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    content: bytes | None = None
    if route.body_field is not None:
        operation = document["paths"][_shown(route.path_format)][route.method.lower()]
        media_type, described = next(iter(operation["requestBody"]["content"].items()))
        headers["Content-Type"] = media_type
        content = b"a,b\n1,2\n"
        if "json" in media_type:
            content = json.dumps({**example(described["schema"], document), **MORE.get(route.path, {})}).encode()
    async with httpx2.AsyncClient(base_url=on_postgresql.settings.public_url, trust_env=False) as client:
        return await client.request(route.method, f"/{name}/v1{path}", headers=headers, content=content)


def _shown(path: str) -> str:
    """The path as the document has it: parameters in lowerCamelCase."""
    return re.sub(r"\{(\w+)\}", lambda found: f"{{{to_camel(found[1])}}}", path)


async def _document(on_postgresql: System, name: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(base_url=on_postgresql.settings.public_url, trust_env=False) as client:
        found: dict[str, Any] = (await client.get(f"/{name}/v1/openapi.json")).json()
        return found


@pytest.mark.parametrize(("name", "route"), GUARDED, ids=label)
async def test_without_a_token_nothing_is_answered(
    on_postgresql: System, rows: dict[str, str], name: str, route: Route
) -> None:
    response = await ask(on_postgresql, name, route, rows, None)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("name", "route"), GUARDED, ids=label)
async def test_another_scope_is_not_enough(
    on_postgresql: System, rows: dict[str, str], name: str, route: Route
) -> None:
    token = on_postgresql.issuer.issue("programme", scope="nothing:read", claims={"roles": ["programme", "operator"]})
    response = await ask(on_postgresql, name, route, rows, token)
    assert response.status_code == 403


@pytest.mark.parametrize(("name", "route"), OF_ONE_ROW, ids=label)
async def test_a_row_of_somebody_else_is_not_there(
    on_postgresql: System, rows: dict[str, str], name: str, route: Route
) -> None:
    """A stranger with the right scope: another school, another company, another trainer in one."""
    claims = {
        "roles": ["school", "company", "trainer", "portal"],
        "org": [str(uuid7())],
        "trainer": str(uuid7()),
    }
    token = on_postgresql.issuer.issue("portal", scope=str(route.scope), claims=claims)
    response = await ask(on_postgresql, name, route, rows, token)
    assert response.status_code in {403, 404}, response.text
    if route.method == "GET":
        assert response.status_code == 404
