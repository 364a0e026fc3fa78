"""The declared facts, and the sentences of the information sheet in two languages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from rules.words import LANGUAGES, Language

if TYPE_CHECKING:
    from datetime import date


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("matching.information").joinpath(name).read_text("utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact that the model reads, for which rules and factors, and where it comes from."""

    code: str
    fields: tuple[str, ...]
    purpose: tuple[str, ...]
    source: str
    words: dict[Language, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """A fact that may never count; ``names`` are the parts of a field's name by which a test finds it."""

    code: str
    names: tuple[str, ...]
    words: dict[Language, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A fact that counts and may stand for one that may not: how such people fare is watched."""

    code: str
    fields: tuple[str, ...]
    words: dict[Language, str]


_DECLARED: Final = _read("facts.toml")
CATALOGUES: Final[dict[Language, dict[str, Any]]] = {
    language: _read(f"words.{language}.toml") for language in LANGUAGES
}


def _words(declared: dict[str, Any]) -> dict[Language, str]:
    return {language: declared[language] for language in LANGUAGES}


FACTS: Final = tuple(
    Fact(
        code=code,
        fields=tuple(each["fields"]),
        purpose=tuple(each["purpose"]),
        source=each["source"],
        words=_words(each),
    )
    for code, each in _DECLARED["facts"].items()
)
NEVER: Final = tuple(
    Never(code=code, names=tuple(each["words"]), words=_words(each)) for code, each in _DECLARED["never"].items()
)
PROXIES: Final = tuple(
    Proxy(code=code, fields=tuple(each["fields"]), words=_words(each)) for code, each in _DECLARED["proxies"].items()
)


def text(language: Language, group: str, key: str, **values: object) -> str:
    """Return one sentence of a group."""
    return str(CATALOGUES[language][group][key]).format(**values)


def sentences(language: Language, group: str, key: str) -> list[str]:
    """Return the sentences of a group for one party; none where it has none."""
    return list(CATALOGUES[language][group].get(key, ()))


def of_party(language: Language, key: str, party: str) -> str:
    """Return what a party alone reads of who decides; nothing where there is nothing."""
    return str(CATALOGUES[language]["decides"][key].get(party, ""))


def day(language: Language, which: date) -> str:
    """Return a day as people read it."""
    return f"{which.day} {CATALOGUES[language]['months'][str(which.month)]} {which.year}"
