"""The published documents: whatever may come in has bounds, in every body, query and path of every service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

API: Final = Path(__file__).parents[3] / "docs/api"
FREE: Final = {
    # The shape of a rule's value is compared with the rows of its code, name by name.
    ("registry", "PUT /policies/{code}/{validFrom}", "value"),
    ("matching", "POST /scenarios", "value"),
}


def operations() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    for file in sorted(API.glob("*.json")):
        document = json.loads(file.read_text("utf-8"))
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if method in {"get", "post", "put", "patch", "delete"}:
                    shared = item.get("parameters", [])
                    yield file.stem, f"{method.upper()} {path}", {**operation, "shared": shared}, document


EVERY = list(operations())


def number_lacks(schema: dict[str, Any]) -> Iterator[str]:
    for word, ways in (("a least", ("minimum", "exclusiveMinimum")), ("a most", ("maximum", "exclusiveMaximum"))):
        if schema.keys().isdisjoint(ways):
            yield word


LACKS: Final[dict[str, Callable[[dict[str, Any]], Iterable[str]]]] = {
    "integer": number_lacks,
    "number": number_lacks,
    "string": lambda schema: () if {"maxLength", "pattern", "format"} & schema.keys() else ("a length",),
    "array": lambda schema: () if "maxItems" in schema else ("a number of items",),
    "object": lambda schema: () if schema.get("additionalProperties") is False else ("known properties",),
}


def resolved(node: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def without_bounds(schema: dict[str, Any], document: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Yield the fields below a schema that anything may stand in, with what they lack."""
    schema = resolved(schema, document)
    for union in ("anyOf", "oneOf", "allOf"):
        for member in schema.get(union, ()):
            yield from without_bounds(member, document, name)
    if "enum" in schema or "const" in schema:
        return
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        yield from ((name, lacks) for lacks in (LACKS[kind](schema) if kind in LACKS else ()))
        if kind == "array":
            yield from without_bounds(schema["items"], document, f"{name}.0")
        for key, part in schema.get("properties", {}).items() if kind == "object" else ():
            yield from without_bounds(part, document, key)


@pytest.mark.parametrize(("service", "name", "operation", "document"), EVERY, ids=lambda value: str(value)[:60])
def test_everything_that_comes_in_has_bounds(
    service: str, name: str, operation: dict[str, Any], document: dict[str, Any]
) -> None:
    found: list[tuple[str, str]] = []
    for parameter in (*operation["shared"], *operation.get("parameters", ())):
        described = resolved(parameter, document)
        if described["in"] in {"query", "path"}:
            found += without_bounds(described["schema"], document, described["name"])
    body = resolved(operation.get("requestBody", {}), document).get("content", {})
    for media_type, described in body.items():
        if "json" in media_type:
            found += without_bounds(described["schema"], document, "body")
    assert [(field, lacks) for field, lacks in found if (service, name, field) not in FREE] == []
