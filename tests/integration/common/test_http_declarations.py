"""A route that is declared by half does not load, and every one refuses whoever may not call it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, Response

from common.caller import CallerRole
from common.persistence.transaction import uuid7
from common.web import (
    Api,
    ClockTime,
    Command,
    Moment,
    Router,
    View,
    creates_resource,
    public,
    roles,
    scope,
)
from tests.support.http_sample import SCHOOL, Hooks, Sample, WriteNote, router_of, sample_service


async def _fine() -> None:
    """Do something."""


async def _wordless() -> None:
    pass


def _sync() -> None:
    """Do something."""


async def _takes_a_dict(body: dict[str, int]) -> None:
    """Do something."""


async def _takes_two(first: WriteNote, second: WriteNote) -> None:
    """Do something."""


def _write_by_scope_alone(method: str) -> Callable[[Router], Any]:
    return lambda router: getattr(router, method)("/a", dependencies=[scope("notes:write"), creates_resource()])(_fine)


READ = [scope("notes:read")]
WRITE = [scope("notes:write"), roles(CallerRole.SCHOOL)]


@pytest.mark.parametrize(
    ("fault", "declare"),
    [
        ("scope", lambda r: r.get("/a")(_fine)),
        ("scope", lambda r: r.get("/a", dependencies=[*READ, public("all")])(_fine)),
        ("docstring", lambda r: r.get("/a", dependencies=READ)(_wordless)),
        ("async", lambda r: r.get("/a", dependencies=READ)(_sync)),
        ("one method", lambda r: r.api_route("/a", methods=["GET", "POST"], dependencies=READ)(_fine)),
        ("one Command", lambda r: r.post("/a", dependencies=WRITE)(_takes_a_dict)),
        ("one Command", lambda r: r.post("/a", dependencies=WRITE)(_takes_two)),
        ("media type", lambda r: r.get("/a", response_class=Response, dependencies=READ)(_fine)),
        ("IfMatch", lambda r: r.put("/a", dependencies=WRITE)(_fine)),
        ("IfMatch", lambda r: r.delete("/a", dependencies=WRITE)(_fine)),
        *(("roles", _write_by_scope_alone(method)) for method in ("post", "put", "patch", "delete")),
        ("no roles", lambda r: r.get("/a", dependencies=[public("all"), roles(CallerRole.SCHOOL)])(_fine)),
    ],
)
def test_a_route_that_is_declared_by_half_does_not_load(fault: str, declare: Callable[[Router], Any]) -> None:
    with pytest.raises(TypeError, match=fault):
        declare(Router(tags=["A"]))


def test_a_router_without_a_tag_has_no_place_in_the_document() -> None:
    with pytest.raises(TypeError, match="tag"):
        Router().get("/a", dependencies=READ)(_fine)


def test_a_file_may_be_taken_in_its_own_form() -> None:
    async def take(file: Annotated[bytes, Body(media_type="text/csv")]) -> None:
        """Take a file."""

    Router(tags=["A"]).post("/a", dependencies=WRITE)(take)


async def test_routes_of_another_kind_are_not_served(notes: Sample) -> None:
    router = APIRouter(tags=["A"])
    router.get("/a")(_fine)
    with pytest.raises(TypeError, match=r"common\.web\.Router"):
        Api(sample_service(Hooks(), [router]), notes.api.context)  # type: ignore[list-item]


async def test_two_operations_do_not_have_one_name(notes: Sample) -> None:
    router = Router(tags=["A"])
    router.get("/notes/one", name="write", dependencies=READ)(_fine)
    with pytest.raises(TypeError, match="notesWrite"):
        Api(sample_service(Hooks(), [router]), notes.api.context)


@pytest.mark.parametrize("kind", [Command, View])
@pytest.mark.parametrize("annotation", [datetime, datetime | None, list[datetime], time, tuple[time, ...] | None])
def test_a_bare_time_is_not_taken_into_a_model(kind: type[Any], annotation: Any) -> None:
    with pytest.raises(TypeError, match="say Moment"):
        type("Bad", (kind,), {"__annotations__": {"at": annotation}, "__module__": __name__, "at": None})
    type("Good", (kind,), {"__annotations__": {"at": Moment | None, "a_time": list[ClockTime]}, "__module__": __name__})


OPERATIONS = [(route.method, route.path_format, route.scope) for route in router_of(Hooks()).routes]  # type: ignore[attr-defined]
PROTECTED = [(method, path, name) for method, path, name in OPERATIONS if name]


def _address(path: str) -> str:
    return path.replace("{note_id}", str(uuid7()))


def _needed(method: str) -> dict[str, str]:
    return {"Idempotency_Key": str(uuid7())} if method == "POST" else {"If_Match": '"1"'}


@pytest.mark.parametrize(("method", "path", "name"), PROTECTED)
async def test_no_operation_answers_without_a_token(notes: Sample, method: str, path: str, name: str) -> None:
    response = await notes.client.request(method, _address(path))
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="hto"')


@pytest.mark.parametrize(("method", "path", "name"), PROTECTED)
async def test_no_operation_answers_without_its_scope(notes: Sample, method: str, path: str, name: str) -> None:
    other = "notes:read" if name == "notes:write" else "notes:write"
    headers = notes.headers(notes.token(scope=other), **_needed(method))
    response = await notes.client.request(method, _address(path), headers=headers)
    assert response.status_code == 403
    assert response.headers["www-authenticate"] == f'Bearer realm="hto", error="insufficient_scope", scope="{name}"'
    assert response.json()["detail"] == f"This takes the scope {name}."


@pytest.mark.parametrize(("method", "path"), [(m, p) for m, p, name in PROTECTED if name == "notes:write"])
@pytest.mark.parametrize("others", [[], ["company"], ["operator", "trainer"]], ids=str)
async def test_no_write_is_done_for_a_token_without_its_role(
    notes: Sample, method: str, path: str, others: list[str]
) -> None:
    token = notes.token(claims={"org": [str(SCHOOL)], "roles": others})
    headers = notes.headers(token, **_needed(method))
    response = await notes.client.request(method, _address(path), headers=headers)
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (403, "wrong-role")
    assert response.json()["detail"] == "This takes one of the roles school."


@pytest.mark.parametrize(("method", "part"), [("GET", ""), ("PUT", "/title"), ("DELETE", "")])
async def test_a_row_of_somebody_else_is_not_there(notes: Sample, method: str, part: str) -> None:
    address = f"/notes/{(await notes.write()).json()['id']}{part}"
    stranger = notes.token(claims={"org": [str(uuid7())], "roles": ["school"]})
    body = {"json": {"title": "Mine"}} if method == "PUT" else {}
    response = await notes.client.request(
        method,
        address,
        headers=notes.headers(stranger, If_Match='"1"'),
        **body,  # type: ignore[arg-type]
    )
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (404, "not-found")
    found = await notes.client.get("/notes", headers=notes.headers(stranger))
    assert found.json()["items"] == []


async def test_a_new_row_for_somebody_else_is_refused(notes: Sample) -> None:
    response = await notes.write(schoolId=str(uuid7()))
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (403, "foreign-owner")
    assert await notes.rows() == 0


async def test_a_public_operation_needs_nobody(notes: Sample) -> None:
    await notes.write()
    response = await notes.client.get("/notes/_figures")
    assert (response.status_code, response.json()) == (200, {"notes": 1})
