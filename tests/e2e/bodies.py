"""A body that a route's own document calls right: what a test needs that asks every route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from common.persistence.transaction import uuid7

_BY_NAME = {
    "email": "somebody@example.org",
    "kvk": "00123456",
    "brin": "99ZZ",
    "locationCode": "99ZZ00",
    "postcode": "5611AB",
    "language": "nl",
    "subject": "electrical",
    "url": "https://example.org/hooks",
    "startsOn": "2027-02-01",
    "endsOn": "2027-06-30",
    "starts": "09:00",
    "ends": "13:00",
    "boardNumber": "99999",
    "minutesPerWeek": 240,
    "contactMinutes": 60,
    "places": 1,
    "cents": 1000,
    "groupSize": 20,
    "documentHash": "0" * 64,
}
_BY_FORMAT = {"date": "2026-11-02", "date-time": "2026-11-02T09:00:00Z", "time-local": "09:00", "time": "09:00"}


def example(schema: Mapping[str, Any], document: Mapping[str, Any], name: str = "") -> Any:
    """Something that fits the schema; only what is required is filled in."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "object")
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    match kind:
        case "object":
            required = schema.get("required", ())
            return {
                key: example(part, document, key)
                for key, part in schema.get("properties", {}).items()
                if key in required
            }
        case "array":
            return [example(schema["items"], document, name)] * schema.get("minItems", 1)
        case "string":
            return _text(schema, name)
        case _:
            least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            # A document writes the limits of a whole number with a point.
            return False if kind == "boolean" else int(least) if kind == "integer" else least


def _text(schema: Mapping[str, Any], name: str) -> str:
    if "examples" in schema:
        return str(schema["examples"][0])
    if schema.get("format") == "uuid":
        return str(uuid7() if name == "id" else uuid4())
    return _BY_FORMAT.get(str(schema.get("format")), "example")
