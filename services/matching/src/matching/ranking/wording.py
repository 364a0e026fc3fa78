"""How a candidate fits, and what would help, in words that people read: one catalogue per language."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from common.decision import Outcome
from common.errors import Worded
from matching.ranking.model.criteria import SCALE, Bonus
from rules.words import LANGUAGES, Language, duration, label, reason

if TYPE_CHECKING:
    from common.decision import Measure, Verdict
    from matching.ranking.model.assessment import Earned, ExpectationGap, Hint, Weighed

_SLOT: Final = re.compile(r"(\d) (\d\d:\d\d)-(\d\d:\d\d)")
CATALOGUES: Final[dict[Language, dict[str, Any]]] = {
    language: tomllib.loads(files("matching.ranking").joinpath(f"words.{language}.toml").read_text("utf-8"))
    for language in LANGUAGES
}


def in_the_way(verdict: Verdict) -> Worded:
    """Return the rules that keep a pair apart: their codes, in Dutch their words."""
    rules = [reason.rule for reason in verdict.reasons if reason.outcome is Outcome.BLOCK]
    said = (reason("nl", rule=rule, outcome=Outcome.BLOCK) for rule in rules)
    return Worded(", ".join(rules), nl=", ".join(said))


def factor(weighed: Weighed, language: Language) -> str:
    """Return how much one factor is worth, with its maximum."""
    texts = CATALOGUES[language]["factors"]
    full, part, none = texts[weighed.factor]
    said = full if weighed.score == SCALE else part if weighed.score else none
    return f"{said} ({_points(weighed.contribution, weighed.weight, language)})"


def bonus(earned: Earned, language: Language) -> str:
    """Return what a bonus is for, with its points."""
    said = CATALOGUES[language]["factors"][Bonus(earned.bonus)]
    return f"{said} ({_points(earned.points * SCALE, earned.points, language)})"


def gap(found: ExpectationGap, language: Language) -> str:
    """Return by how much both sides differ in hours and duration; nothing where they agree."""
    texts, said = CATALOGUES[language]["gap"], []
    if found.minutes_per_week:
        text = texts["more" if found.minutes_per_week > 0 else "fewer"]
        said.append(text.format(difference=duration(abs(found.minutes_per_week), language)))
    if found.months:
        text = texts["longer" if found.months > 0 else "shorter"]
        said.append(text.format(difference=_months(abs(found.months), language)))
    return " ".join(said)


def change(hint: Hint, language: Language) -> str:
    """Return one change as a sentence about the side that could make it."""
    catalogue = CATALOGUES[language]
    needed, current = (_measure(measure, hint.unit, language) for measure in (hint.needed, hint.current))
    return str(catalogue["changes"][hint.change]).format(by=catalogue["sides"][hint.by], needed=needed, current=current)


def outlook(candidates: int | None, least: int, language: Language, *, allowed: bool) -> str:
    """Return what a school may expect; ``candidates`` is None where there are fewer than ``least``."""
    texts = CATALOGUES[language]["outlook"]
    if not allowed:
        return str(texts["none_allowed"])
    return str(texts["few" if candidates is None else "some"]).format(candidates=candidates, least=least)


def odds(
    others: int | None, least: int, at_once: int, percent: tuple[int, int] | None, turn: str, language: Language
) -> str:
    """Return the odds of a trainer, said as an estimate with its basis; ``others`` is None below ``least``."""
    texts = CATALOGUES[language]["odds"]
    said = [str(texts["few" if others is None else "some"]).format(others=others, least=least)]
    if percent is None:
        return " ".join([*said, str(texts["turn"][turn])])
    low, high = percent
    said.append(str(texts["first" if at_once == 1 else "firsts"]).format(at_once=at_once))
    said.append(str(texts["chance" if low == high else "between"]).format(low=low, high=high))
    return " ".join([*said, str(texts["basis"])])


def _months(months: int, language: Language) -> str:
    return str(CATALOGUES[language]["time"]["month" if months == 1 else "months"]).format(months=months)


def _points(ten_thousandths: int, maximum: int, language: Language) -> str:
    points = f"{ten_thousandths / SCALE:.1f}".removesuffix(".0")
    shown = points.replace(".", ",") if language == "nl" else points
    return str(CATALOGUES[language]["factors"]["points"]).format(points=shown, maximum=maximum)


def _measure(measure: Measure, unit: str, language: Language) -> str:
    if measure is None:
        return ""
    match unit:
        case "min/week":
            return duration(int(str(measure)), language)
        case "months":
            return _months(int(str(measure)), language)
        case "slot":
            days = CATALOGUES[language]["days"]
            return _SLOT.sub(lambda slot: f"{days[slot[1]]} {slot[2]}-{slot[3]}", str(measure))
        case "day":
            day = date.fromisoformat(str(measure))
            return f"{day.day}-{day.month}-{day.year}" if language == "nl" else day.isoformat()
        case _:
            return label(str(measure), language)
