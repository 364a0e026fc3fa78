"""One JSON Schema and one golden sample per event type. A published schema never changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from common.envelope import dataschema
from events import PREFIX, CompactedEvent, Event
from events.catalogue import CATALOGUE
from events.words import with_published_names
from hto.documents.folder import put

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXTS: Final = {
    "email": "trainer@example.org",
    "region": "AM28",
    "topic": "hto.registry.events",
    "language": "nl",
    "brin": "99ZZ",
    "kvk": "99999999",
    "postcodeArea": "5611",
    "source": "Wet voortgezet onderwijs 2020",
}

_BY_FORMAT: Final = {"date": "2026-09-01", "date-time": "2026-09-01T09:00:00Z", "time": "09:00:00"}
_SIMPLE: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "integer": lambda schema: max(1, int(schema.get("minimum", 1))),
    "number": lambda _: 51.44,
    "boolean": lambda _: True,
}


def file_name(type_: str) -> str:
    """``…proposal.accepted.v1`` is in ``proposal.accepted.v1.json``."""
    return f"{type_.removeprefix(PREFIX)}.json"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Return the JSON Schema of an event's data, as it stands on the wire."""
    return {
        "$schema": DIALECT,
        "$id": dataschema(event.type),
        **with_published_names(event.model_json_schema(mode="serialization")),
        "title": event.__name__,
        "description": event.description(),
        "x-description-nl": event.dutch,
        "x-type": event.type,
        "x-compacted": issubclass(event, CompactedEvent),
    }


def sample_of(event: type[Event]) -> dict[str, Any]:
    """Return data that fits the schema: every field filled, the same on every machine."""
    schema = schema_of(event)
    data = _example(schema, schema.get("$defs", {}), event.type)
    return event.model_validate_json(json.dumps(data)).model_dump(mode="json")


def write(folder: Path) -> list[str]:
    """Write what is missing; return what would change something published, which is never done.

    A new shape is a new class with the next version, and an upcaster from the old one beside it.
    """
    problems = []
    for path, text, frozen in _files(folder):
        if not path.exists():
            put(path, text)
        elif frozen and path.read_text() != text:
            problems.append(f"{path.name}: the published schema differs from the class; make a new version instead")
    return problems


def check(folder: Path) -> list[str]:
    """Return what is missing or differs from what was published."""
    problems = []
    for path, text, frozen in _files(folder):
        if not path.exists():
            problems.append(f"{path.name}: not written yet; run `make docs`")
        elif frozen and path.read_text() != text:
            problems.append(f"{path.name}: the published schema differs from the class; make a new version instead")
    return problems


def _files(folder: Path) -> Iterator[tuple[Path, str, bool]]:
    for type_, event in sorted(CATALOGUE.items()):
        yield folder / "schemas" / file_name(type_), _text(schema_of(event)), True
        yield folder / "samples" / file_name(type_), _text(sample_of(event)), False


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _example(schema: Mapping[str, Any], definitions: Mapping[str, Any], path: str) -> Any:
    schema = _resolved(schema, definitions)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            parts = schema.get("properties", {})
            return {name: _example(part, definitions, f"{path}/{name}") for name, part in parts.items()}
        case "array":
            return [_example(schema["items"], definitions, f"{path}/0")]
        case "string" if "format" in schema:
            return str(uuid5(NAMESPACE_URL, path)) if schema["format"] == "uuid" else _BY_FORMAT[schema["format"]]
        case "string":
            return _TEXTS.get(path.rpartition("/")[2], "example")
        case simple:
            return _SIMPLE[str(simple)](schema)


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references, and of a nullable thing take the thing."""
    if "$ref" in schema:
        return _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return _resolved(next(option for option in schema["anyOf"] if option.get("type") != "null"), definitions)
    return schema
