"""The reasons of a verdict in words that people read, from one catalogue per language."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from importlib.resources import files
from typing import Any, Final, Literal, Protocol

Language = Literal["nl", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")
_HUNDRED: Final = 100
_HOUR: Final = 60
_USED: Final = "minutes/limit"
"""As in ``working_time``: how much of a limit is used, in hours."""


def _read(language: Language) -> dict[str, Any]:
    return tomllib.loads(files("rules").joinpath(f"words.{language}.toml").read_text("utf-8"))


CATALOGUES: Final = {language: _read(language) for language in LANGUAGES}


def reason(
    language: Language,
    *,
    rule: str,
    outcome: str,
    measured: str | None = None,
    limit: str | None = None,
    unit: str = "",
) -> str:
    """Return one reason in words: what its rule says about this outcome, and the numbers and days behind it.

    A rule that this version does not know is shown by its code, a signal that it does not know by its rule. Measures
    that are codes are left out: they are for programs.
    """
    catalogue = CATALOGUES[language]
    said = _said(catalogue["rules"], rule, kept=outcome == "pass")
    if unit == _USED and measured is not None and limit is not None:
        of_them, used, whole = catalogue["of"], _hours(measured, language), _hours(limit, language)
        return f"{said} ({used} {of_them} {whole} {catalogue['units'][unit]})"
    shown = [
        f"{catalogue[name]} {text}"
        for name, measure in (("measured", measured), ("limit", limit))
        if measure is not None and (text := _measure(measure, unit, catalogue["units"]))
    ]
    return f"{said} ({', '.join(shown)})" if shown else said


class Reasoned(Protocol):
    """A reason as it is stored or shown."""

    @property
    def rule(self) -> str:
        """The code of the rule."""

    @property
    def outcome(self) -> str:
        """How it ended, such as ``pass``."""

    @property
    def measured(self) -> str | None:
        """The measured value."""

    @property
    def limit(self) -> str | None:
        """The limit that it was measured against."""

    @property
    def unit(self) -> str:
        """The unit of both."""


def of(shown: Reasoned, language: Language) -> str:
    """Return a reason in words from its own fields, so that the text never says more than the code beside it."""
    return reason(
        language,
        rule=shown.rule,
        outcome=shown.outcome,
        measured=shown.measured,
        limit=shown.limit,
        unit=shown.unit,
    )


def _said(rules: dict[str, str | list[str]], code: str, *, kept: bool) -> str:
    words = rules.get(code)
    if words is None:
        # A signal is found, whatever the outcome: that is of its rule.
        words, kept = rules.get(code.partition(".")[0], code), False
    return words if isinstance(words, str) else words[kept]


def _measure(measure: str, unit: str, units: dict[str, str]) -> str:
    """Return a number with its unit, or a day; nothing for a code."""
    try:
        number = Decimal(measure)
    except InvalidOperation:
        return measure if _is_day(measure) else ""
    if unit == "fraction":
        return f"{(number * _HUNDRED).normalize():f} %"
    return f"{measure} {units.get(unit, unit)}".rstrip()


def _hours(minutes: str, language: Language) -> str:
    """Return hours with a tenth at most; never rounded up, so that a limit that holds does not look reached."""
    hours = (Decimal(minutes) / _HOUR).quantize(Decimal("0.1"), ROUND_DOWN)
    text = f"{hours.to_integral_value() if hours == hours.to_integral_value() else hours:f}"
    return text.replace(".", ",") if language == "nl" else text


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
