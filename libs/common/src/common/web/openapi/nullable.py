"""``null`` in JSON Schema as a type among others: linters of the API Design Rules refuse pydantic's unions."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

_REF = "#/components/schemas/"
_UNIONS = ("anyOf", "oneOf")


def without_null_unions(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document in which ``anyOf: [X, null]`` is ``X`` with ``null`` among its types.

    A reference is replaced by what it refers to, since it cannot say that it may be null.
    """
    schemas = document.get("components", {}).get("schemas", {})
    found: dict[str, Any] = _walk(document, schemas, ())
    return found


def _walk(node: Any, schemas: Mapping[str, Any], inside: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_walk(item, schemas, inside) for item in node]
    if not isinstance(node, dict):
        return node
    for union in _UNIONS:
        members = node.get(union)
        if isinstance(members, list) and {"type": "null"} in members:
            rest = {name: value for name, value in node.items() if name != union}
            others = [member for member in members if member != {"type": "null"}]
            return _nullable(others, rest, schemas, inside)
    return {name: _walk(value, schemas, inside) for name, value in node.items()}


def _nullable(
    others: list[dict[str, Any]], rest: dict[str, Any], schemas: Mapping[str, Any], inside: tuple[str, ...]
) -> dict[str, Any]:
    names = tuple(member["$ref"].removeprefix(_REF) for member in others if "$ref" in member)
    if set(names) & set(inside):  # a schema that has itself in it cannot be written out
        return {**rest, "oneOf": [*others, {"type": "null"}]}
    written_out = [
        deepcopy(schemas[member["$ref"].removeprefix(_REF)]) if "$ref" in member else member for member in others
    ]
    merged: dict[str, Any] = {}
    types: list[str] = []
    for member in written_out:
        kind = member.get("type")
        if kind is None or (names and len(others) > 1):  # several objects, or a union of its own
            return {**rest, "oneOf": [*_walk(others, schemas, inside), {"type": "null"}]} if kind or member else rest
        types += [kind] if isinstance(kind, str) else kind
        merged |= {name: value for name, value in member.items() if name not in {"type", "title"}}
    if "const" in merged:
        merged["enum"] = [merged.pop("const")]
    if "enum" in merged:
        merged["enum"] = [*merged["enum"], None]
    found: dict[str, Any] = _walk({**merged, **rest}, schemas, (*inside, *names))
    return {"type": [*dict.fromkeys(types), "null"], **found}
