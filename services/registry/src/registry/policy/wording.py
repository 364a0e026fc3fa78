"""The subjects of rules in two languages, each with the ministry or body that answers for it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from rules.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject of rules: what stands before the first point of their codes."""

    nl: str
    en: str
    owner_nl: str
    owner_en: str

    def name(self, language: Language) -> str:
        """Return its name."""
        return self.nl if language == "nl" else self.en

    def owner(self, language: Language) -> str:
        """Return its owner."""
        return self.owner_nl if language == "nl" else self.owner_en


SUBJECTS: Final = {
    code: Subject(**words)
    for code, words in tomllib.loads(files(__package__).joinpath("subjects.toml").read_text("utf-8")).items()
}
_UNKNOWN: Final = Subject(nl="Overig", en="Other", owner_nl="het programma", owner_en="the programme")


def subject(code: str) -> Subject:
    """Return the subject of a rule; one that this version does not know is the programme's."""
    return SUBJECTS.get(code.partition(".")[0], _UNKNOWN)
