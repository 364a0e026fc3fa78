"""Plain JSON as it is shown outside: lowerCamelCase keys, also deep inside."""

from __future__ import annotations

from typing import Any

from pydantic.alias_generators import to_camel


def camel_keys(value: Any) -> Any:
    """Return the same JSON with every key in lowerCamelCase."""
    if isinstance(value, dict):
        return {to_camel(key): camel_keys(inner) for key, inner in value.items()}
    return [camel_keys(inner) for inner in value] if isinstance(value, list) else value
