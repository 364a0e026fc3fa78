"""Ways to end, what stands in their way and what follows, in words that people read."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

from rules.words import LANGUAGES, Language

CATALOGUES: Final[dict[Language, dict[str, dict[str, str]]]] = {
    language: tomllib.loads(files("contracts.ending").joinpath(f"words.{language}.toml").read_text("utf-8"))
    for language in LANGUAGES
}


def text(language: Language, kind: str, code: str) -> str:
    """Return a way, an obstacle or a consequence in words."""
    return CATALOGUES[language][kind][code]
