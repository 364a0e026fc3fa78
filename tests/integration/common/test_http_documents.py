"""What the API says of itself: to machines, and to people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from fastapi import Header
from openapi_spec_validator import validate
from pydantic import Field

from common.caller import CallerRole
from common.web import (
    Api,
    ApiContext,
    Command,
    Moment,
    Router,
    View,
    creates_resource,
    max_body_size,
    public,
    roles,
    scope,
)
from common.web.openapi.nullable import without_null_unions
from tests.support.http_sample import Hooks, Sample, sample_service


async def test_the_document_is_at_its_place_for_everybody(notes: Sample) -> None:
    response = await notes.client.get("/openapi.json", headers={"Origin": "https://anywhere.example"})
    assert response.headers["access-control-allow-origin"] == "*"
    document = response.json()
    validate(document)
    assert document == notes.api.openapi()
    assert document["servers"] == [{"url": "http://localhost:8000/sample/v1"}]
    assert list(document["paths"]) == [
        "/notes/_import",
        "/notes/_figures",
        "/notes/{noteId}/text",
        "/notes",
        "/titles",
        "/notes/{noteId}",
        "/notes/{noteId}/title",
    ]


async def test_every_operation_names_its_scope_and_every_scope_is_explained(notes: Sample) -> None:
    document = notes.api.document
    assert document["paths"]["/notes"]["post"]["security"] == [{"oauth2": ["notes:write"]}]
    assert document["paths"]["/notes/_figures"]["get"]["security"] == []
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert flow["scopes"] == {"notes:read": "Read notes.", "notes:write": "Add and change notes."}


async def test_a_put_that_makes_or_replaces_takes_a_version_where_there_is_one(notes: Sample) -> None:
    router = Router(tags=["Pets"])

    @router.put("/pets/{number}", dependencies=[scope("pets:write"), roles(CallerRole.SCHOOL), creates_resource()])
    async def put(number: int, if_match: Annotated[str | None, Header()] = None) -> None:
        """Make or replace a pet."""
        del number, if_match

    operation = (await _document(notes, router))["paths"]["/pets/{number}"]["put"]
    (header,) = [each for each in operation["parameters"] if each["in"] == "header"]
    assert (header["name"], header["required"]) == ("If-Match", False)
    assert {"412", "428"} <= operation["responses"].keys()


async def test_a_nullable_property_says_so_in_its_type(notes: Sample) -> None:
    schemas = notes.api.document["components"]["schemas"]
    assert schemas["NoteView"]["properties"]["startsOn"] == {"type": ["string", "null"], "format": "date"}
    assert "anyOf" not in str(notes.api.document)


class _Cat(Command):
    kind: Literal["cat"]
    born_at: Moment | None = None


class _Dog(Command):
    kind: Literal["dog"]


class _Tree(View):
    """A tree."""

    name: str | None
    left: _Tree | None = None


async def _document(notes: Sample, router: Router) -> dict[str, Any]:
    context: ApiContext = notes.api.context
    document = Api(sample_service(Hooks(), [router]), context).document
    validate(document)
    return document


async def test_a_body_may_be_one_of_several_commands_or_a_list_of_them(notes: Sample) -> None:
    router = Router(tags=["Pets"])

    @router.put(
        "/pets/{number}",
        response_model=_Tree,
        dependencies=[scope("pets:write"), roles(CallerRole.SCHOOL), creates_resource()],
    )
    async def put(number: int, pet: Annotated[_Cat | _Dog, Field(discriminator="kind")]) -> _Tree:
        """Put a pet."""
        return _Tree(name=f"{number} {pet.kind}")

    @router.put(
        "/pets",
        response_model=int,
        dependencies=[scope("pets:write"), roles(CallerRole.SCHOOL), creates_resource(), max_body_size(10_000)],
    )
    async def put_all(pets: list[_Cat]) -> int:
        """Put many."""
        return len(pets)

    document = await _document(notes, router)
    assert set(document["components"]["schemas"]) >= {"_Cat", "_Dog", "_Tree", "Problem"}
    notes.api.router.routes.extend(router.routes)
    headers = notes.headers(notes.token(scope="pets:write"))
    one = await notes.client.put("/pets/1", json={"kind": "dog"}, headers=headers)
    assert one.json() == {"name": "1 dog", "left": None}
    many = await notes.client.put("/pets", json=[{"kind": "cat"}, {"kind": "cat"}], headers=headers)
    assert many.json() == 2
    for path, body, names in (
        ("/pets/1", {"kind": "cow"}, ["body"]),
        ("/pets/1", {"kind": "cat", "bornAt": 5}, ["cat.bornAt"]),
        ("/pets", [{"kind": "cat"}, {"kind": "dog", "more": 1}], ["1.kind", "1.more"]),
    ):
        response = await notes.client.put(path, json=body, headers=headers)
        assert response.status_code == 400
        assert [fault["name"] for fault in response.json()["invalidParams"]] == names


async def test_a_schema_that_has_itself_in_it_is_written_down_as_well(notes: Sample) -> None:
    router = Router(tags=["Trees"])

    @router.get("/trees/{number}", response_model=_Tree, dependencies=[public("Open data.")])
    async def show(number: int) -> _Tree:
        """Show a tree."""
        return _Tree(name=str(number))

    tree = (await _document(notes, router))["components"]["schemas"]["_Tree"]
    assert tree["properties"]["name"] == {"type": ["string", "null"]}
    assert tree["properties"]["left"]["type"] == ["object", "null"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": ["integer", "null"]}),
        (
            {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "x"}, {"type": "null"}], "default": None},
            {"type": ["number", "string", "null"], "pattern": "x", "default": None},
        ),
        (
            {"anyOf": [{"enum": ["a"], "type": "string"}, {"type": "null"}]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"anyOf": [{"const": "a", "type": "string"}, {"type": "null"}]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"anyOf": [{}, {"type": "null"}]}, {}),
        (
            {"anyOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "null"}]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {
                "anyOf": [
                    {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
                    {"type": "null"},
                ]
            },
            {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
        ),
        (
            {
                "anyOf": [
                    {"$ref": "#/components/schemas/Kind"},
                    {"$ref": "#/components/schemas/Other"},
                    {"type": "null"},
                ]
            },
            {
                "oneOf": [
                    {"$ref": "#/components/schemas/Kind"},
                    {"$ref": "#/components/schemas/Other"},
                    {"type": "null"},
                ]
            },
        ),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
    ],
)
def test_a_union_with_null_becomes_a_type_with_null(before: dict[str, Any], after: dict[str, Any]) -> None:
    schemas = {"Kind": {"type": "string", "enum": ["a"]}, "Other": {"type": "object"}, "Here": before}
    assert without_null_unions({"components": {"schemas": schemas}})["components"]["schemas"]["Here"] == after


async def test_the_page_for_people_needs_nothing_from_elsewhere(notes: Sample) -> None:
    response = await notes.client.get("/docs")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in response.text
    for text in ("Give a note another title.", "notes:write", "Idempotency-Key", "schoolId", "Open data."):
        assert text in response.text
    assert {link for link in response.text.split('"') if link.startswith("http")} == set()
