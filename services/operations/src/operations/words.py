"""The words that all of operations shares, from one catalogue per language."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any, Final, Literal

Language = Literal["nl", "en"]
LANGUAGES: Final = ("nl", "en")


def _read(language: str) -> dict[str, Any]:
    return tomllib.loads(files("operations").joinpath(f"words.{language}.toml").read_text(encoding="utf-8"))


CATALOGUES: Final = {language: _read(language) for language in LANGUAGES}


def text(name: str, language: Language) -> str:
    """Return a text that stands in no section."""
    return str(CATALOGUES[language][name])


def word(name: str, language: Language) -> str:
    """Return the word for an owner, a kind of case or a label of the console; of an unknown one, that it is unknown."""
    catalogue = CATALOGUES[language]
    found = (catalogue[section].get(name) for section in ("owners", "kinds", "console"))
    return str(next((text for text in found if text is not None), catalogue["unknown"]))
