"""The reasons of a verdict in words that people read, from one catalogue per language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
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


def _read(name: str, language: Language) -> dict[str, Any]:
    return tomllib.loads(files("rules").joinpath(f"{name}.{language}.toml").read_text("utf-8"))


CATALOGUES: Final = {language: _read("words", language) for language in LANGUAGES}
LABELS: Final[dict[Language, dict[str, str]]] = {language: _read("labels", language) for language in LANGUAGES}
"""Forms, roles, types of school, proofs, trades and subjects, as they stand in a sentence."""
HELPS: Final[dict[Language, dict[str, dict[str, str]]]] = {language: _read("helps", language) for language in LANGUAGES}
"""What helps where a rule is in the way, by the rule's code and by the party that can do it."""


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
        if measure is not None and (text := _measure(measure, unit, language))
    ]
    return f"{said} ({', '.join(shown)})" if shown else said


def helps(language: Language, rules: Iterable[str]) -> dict[str, list[str]]:
    """Return what would help where these rules are in the way, by party; nothing twice."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        for party, text in HELPS[language].get(rule, {}).items():
            if text not in found.setdefault(party, []):
                found[party].append(text)
    return found


def proof(language: Language, code: str) -> str:
    """Return a proof in words, and for which subject it must be where its code says so."""
    credential, _, subject = code.partition(":")
    named = label(credential, language)
    return str(CATALOGUES[language]["subjects"][subject]).format(proof=named) if subject else named


def obligation(language: Language, code: str) -> str:
    """Return an obligation in words."""
    return str(CATALOGUES[language]["obligations"][code])


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


def label(code: str, language: Language) -> str:
    """Return a code as people write it; one that this version does not know is shown as it is."""
    return LABELS[language].get(code, code)


def _said(rules: dict[str, str | list[str]], code: str, *, kept: bool) -> str:
    words = rules.get(code)
    if words is None:
        # A signal is found, whatever the outcome: that is of its rule.
        words, kept = rules.get(code.partition(".")[0], code), False
    return words if isinstance(words, str) else words[kept]


def _measure(measure: str, unit: str, language: Language) -> str:
    """Return a number with its unit, or a day; nothing for a code."""
    try:
        number = Decimal(measure)
    except InvalidOperation:
        return day(found, language) if (found := _day(measure)) else ""
    if unit == "fraction":
        return f"{decimal(number * _HUNDRED, language)} %"
    texts = CATALOGUES[language]["units"]
    return str(texts[unit]).format(amount=_amount(number, unit, language)) if unit in texts else f"{measure} {unit}"


def _hours(minutes: str, language: Language) -> str:
    """Return hours with a tenth at most; never rounded up, so that a limit that holds does not look reached."""
    return decimal((Decimal(minutes) / _HOUR).quantize(Decimal("0.1"), ROUND_DOWN), language)


def _amount(number: Decimal, unit: str, language: Language) -> str:
    if unit.startswith("min"):
        return duration(int(number), language)
    return euros(int(number), language) if unit.startswith("cents") else decimal(number, language)


def duration(minutes: int, language: Language) -> str:
    """Return minutes as people write them: ``3 uur en 30 minuten``."""
    hours, rest = divmod(abs(minutes), _HOUR)
    parts = [
        _counted("hour", hours, language) if hours else "",
        _counted("minute", rest, language) if rest or not hours else "",
    ]
    sign = "-" if minutes < 0 else ""
    return sign + str(CATALOGUES[language]["and"]).join(part for part in parts if part)


def _counted(unit: str, number: int, language: Language) -> str:
    """Return so many of a unit; one of them has a word of its own in English."""
    one, several = CATALOGUES[language]["time"][unit]
    return f"{number} {one if number == 1 else several}"


def day(date_: date, language: Language) -> str:
    """Return a day as people write it: ``1 augustus 2026``."""
    return f"{date_.day} {CATALOGUES[language]['months'][date_.month - 1]} {date_.year}"


def euros(cents: int, language: Language) -> str:
    """Return an amount of money as people write it: ``€ 1.250,00``."""
    text = f"{Decimal(cents) / _HUNDRED:,.2f}"
    return f"€ {text.translate(_DUTCH)}" if language == "nl" else f"€{text}"


def decimal(number: Decimal, language: Language) -> str:
    """Return a number as people write it, without zeros at its end: ``20,5``."""
    text = f"{number.normalize():f}"
    return text.translate(_DUTCH) if language == "nl" else text


_DUTCH: Final = str.maketrans(",.", ".,")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
