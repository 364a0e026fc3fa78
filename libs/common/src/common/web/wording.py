"""Refusals and faults of input in Dutch, from the ``problems.nl.toml`` beside the code that makes them.

English is in the code: the docstring of a refusal's class, and the template of a ``Message``. A file is found by
being there, in a folder of any package that has refusals. Its tables:

- ``refusals.<module>``: the text of each class, the module below the file's folder
- ``reasons``: the text of each other ``Message``, by its English template
- ``pydantic``: the text of a fault that pydantic finds, by its type; ``other`` is that of all others
- ``names``: what a thing is called of which there is none; for all packages
- ``words``: what stands in a text for a fact that is a code
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from common.errors import PACKAGES, Message, Summary, Worded
from common.web.language import Language

FILE: Final = "problems.nl.toml"
GENERAL: Final = "Dit kan niet."
_BETWEEN: Final = re.compile(r"(, | or )")
_CODE: Final = re.compile(r"[a-z][A-Za-z]*(?:[-_.][A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Text:
    """A Dutch template, and the package whose words it uses."""

    template: str
    package: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The Dutch texts of one package and all below it."""

    refusals: Mapping[str, Text]
    """By a class' module and name."""
    reasons: Mapping[str, Text]
    """By the English template."""
    names: Mapping[str, str]
    """By the English name."""
    words: Mapping[str, Mapping[str, str]]
    """By package, then by code."""


def text(message: Message, language: Language) -> str:
    """Return a message; what has no Dutch text, which only a test's own refusal has not, is said in general."""
    if language == "en":
        return str(message)
    found = _text_of(message)
    if found is None:
        return GENERAL
    return found.template.format(**{name: _fact(value, found.package) for name, value in message.facts.items()})


@cache
def catalogue(root: str) -> Catalogue:
    """Read the files of one package and all below it."""
    refusals: dict[str, Text] = {}
    reasons: dict[str, Text] = {}
    names: dict[str, str] = {}
    words: dict[str, Mapping[str, str]] = {}
    for folder in map(Path, getattr(import_module(root), "__path__", ())):
        for file in sorted(folder.rglob(FILE)):
            package = ".".join([root, *file.parent.relative_to(folder).parts])
            tables = tomllib.loads(file.read_text("utf-8"))
            refusals |= {name: Text(one, package) for name, one in _flat(tables.get("refusals", {}), package)}
            reasons |= {template: Text(one, package) for template, one in tables.get("reasons", {}).items()}
            reasons |= {of_pydantic(type_): Text(one, package) for type_, one in tables.get("pydantic", {}).items()}
            names |= tables.get("names", {})
            words[package] = tables.get("words", {})
    return Catalogue(refusals, reasons, names, words)


def of_pydantic(type_: str) -> str:
    """Return the key of the text of a fault that pydantic finds."""
    return f"pydantic.{type_}"


def word(code: str, package: str) -> str | None:
    """Return the word for a code, of the package or the nearest around it; or the name of a thing."""
    words, around = catalogue(package.partition(".")[0]).words, package.split(".")
    places = (".".join(around[:length]) for length in range(len(around), 0, -1))
    found = (words.get(place, {}).get(code) for place in places)
    return next((word for word in found if word), None) or _name(code)


def _name(code: str) -> str | None:
    return next((found for root in sorted(PACKAGES) if (found := catalogue(root).names.get(code))), None)


def _text_of(message: Message) -> Text | None:
    if message.kind is not None:
        module = message.kind.__module__
        return catalogue(module.partition(".")[0]).refusals.get(f"{module}.{message.kind.__qualname__}")
    keys = (message.template, of_pydantic("other")) if message.template.startswith("pydantic.") else (message.template,)
    found = (catalogue(root).reasons.get(key) for key in keys for root in sorted(PACKAGES))
    return next((one for one in found if one), None)


def _fact(value: object, package: str) -> object:
    """Return a fact as it stands in Dutch text; a code without a word is in quotes."""
    if isinstance(value, Message):
        return text(value, "nl")
    if isinstance(value, Summary):
        return "; ".join(f"{one.name}: {text(one.reason, 'nl')}" for one in value.params)
    if isinstance(value, Worded):
        return value.nl
    if not isinstance(value, str):
        return value
    return word(value, package) or "".join(_word(part, package) for part in _BETWEEN.split(value))


def _word(part: str, package: str) -> str:
    if _BETWEEN.fullmatch(part):
        return " of " if part == " or " else part
    return word(part, package) or (f'"{part}"' if _CODE.fullmatch(part) else part)


def _flat(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of nested tables, each with its dotted path."""
    for name, found in table.items():
        if isinstance(found, str):
            yield f"{path}.{name}", found
        else:
            yield from _flat(found, f"{path}.{name}")
