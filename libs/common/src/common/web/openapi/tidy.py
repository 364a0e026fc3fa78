"""Corrections of the document that FastAPI and pydantic write: titles, names of generic models, unused components."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic.alias_generators import to_pascal

_GENERIC: Final = re.compile(r"^([A-Z]\w*?)_(\w+)_$")
_OF_A_MODULE: Final = re.compile(r"^((?:[a-z]\w*?__)+)([A-Z]\w*)$")
_FILES: Final = frozenset({"model", "views", "routes"})
"""Files that every slice has: they name nothing, the folder does."""
_GENERIC_REF: Final = re.compile(r"^(#/components/schemas/)([A-Z]\w*?)_(\w+)_$")


def without_titles(node: Any) -> Any:
    """Leave out the titles that pydantic makes of names; a property that is called so has no text for a value."""
    if isinstance(node, list):
        return [without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: value if name == "info" else without_titles(value)
        for name, value in node.items()
        if not (name == "title" and isinstance(value, str))
    }


def without_unused(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out the components that nothing refers to, until all are referred to."""
    while True:
        used = set(_references(document))
        unused = [
            (kind, name)
            for kind in ("headers", "responses", "schemas")
            for name in document["components"][kind]
            if f"#/components/{kind}/{name}" not in used
        ]
        if not unused:
            return document
        for kind, name in unused:
            del document["components"][kind][name]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)


def with_plain_names(node: Any) -> Any:
    """Call schemas as a person would: ``Page_NoteView_`` is ``NoteViewPage``, ``a__note__Status`` is ``NoteStatus``.

    Where two classes have the same name, pydantic puts their modules before it, which would change when code moves.

    Raises:
        TypeError: two schemas would have one name; one of them would be shown for both.
    """
    if isinstance(node, list):
        return [with_plain_names(item) for item in node]
    if isinstance(node, str):
        head, slash, name = _GENERIC_REF.sub(r"\1\3\2", node).rpartition("/")
        return f"{head}{slash}{_plain(name)}" if node.startswith("#/") else node
    if not isinstance(node, dict):
        return node
    plain = {_plain(_GENERIC.sub(r"\2\1", name)): with_plain_names(value) for name, value in node.items()}
    if len(plain) < len(node):
        raise TypeError(f"two schemas have one name among {sorted(node)}: call one of the classes otherwise")
    return plain


def _plain(name: str) -> str:
    found = _OF_A_MODULE.match(name)
    if found is None:
        return name
    modules = found[1].removesuffix("__").split("__")
    return to_pascal(next(each for each in reversed(modules) if each not in _FILES)) + found[2]
