"""A case in words: its steps and its kind, as the capabilities call them."""

from __future__ import annotations

from operations import words
from operations.case.model.next_steps import CATALOGUE


def step(code: str, language: words.Language) -> str:
    """Return a step in words; a newer version may write steps that this one does not know."""
    known = CATALOGUE.steps.get(code)
    return words.text("unknown_step", language) if known is None else str(getattr(known, language))


def kind(code: str, language: words.Language) -> str:
    """Return a kind of case in words; of an unknown one, that it is unknown."""
    known = CATALOGUE.kinds.get(code)
    return words.word(code, language) if known is None else str(getattr(known, language))
