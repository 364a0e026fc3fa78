"""The result of a scenario as a table (CSV) and as a drawing (SVG): the same rounded numbers."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matching.scenario.model.shown import Cell, Outcome, Range, Shown

COLUMNS: Final = (
    "plan", "value", "by", "code", "places", "matches", "expected", "hours", "schoolEuros", "companyEuros", "vatEuros",
    "vatUndecided", "pairs", "alone", "mean", "low", "high",
)  # fmt: skip
_MEASURES: Final = (
    ("filled", "filled"), ("median_days", "medianDays"), ("p90_days", "p90Days"), ("asked", "asked"),
    ("letters", "letters"), ("asked_in_vain", "askedInVain"),
)  # fmt: skip
_BAR, _GAP, _TOP, _HIGH, _LEFT = 48, 16, 40, 240, 16
_ROW, _WIDE = _TOP + _HIGH + 40, 400
_COLOURS: Final = ("#5b6770", "#154273")


def as_csv(outcome: Outcome) -> str:
    """Return a line per plan and group, per rule and per simulated number; what is too small to be shown is empty."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for name, value, plan in _plans(outcome):
        writer.writerow([name, value, "total", "", *_amounts(plan.total), *[""] * 5])
        for each in plan.groups:
            writer.writerow([name, value, each.by, each.code, *_amounts(each.amounts), *[""] * 5])
        for rule in plan.bindings:
            counts = _or_empty(rule.pairs), _or_empty(rule.alone)
            writer.writerow([name, value, "rule", rule.rule, *[""] * 8, *counts, *[""] * 3])
        for by, code, places, found in _simulated(plan):
            ends = (_or_empty(each) for each in (found.mean, found.low, found.high))
            writer.writerow([name, value, by, code, places, *[""] * 9, *ends])
    return text.getvalue()


def as_svg(outcome: Outcome) -> str:
    """Return bars of the matches of each plan, and of the days until half of the places were filled in its years.

    A number too small to be shown has no bar. Without simulated years there is one row of bars.
    """
    plans = [(value or name, plan) for name, value, plan in _plans(outcome)]
    rows = [("Matches now and under the change", [(label, plan.total.matches) for label, plan in plans])]
    if any(plan.simulated for _, plan in plans):
        title = "Simulated: days until half of the filled places were filled"
        rows.append((title, [(label, _median(plan)) for label, plan in plans]))
    width = max(2 * _LEFT + len(plans) * (_BAR + _GAP), _WIDE * (len(rows) > 1))
    drawn = "".join(_row(number * _ROW, title, bars) for number, (title, bars) in enumerate(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {len(rows) * _ROW}">'
        f"<title>{rows[0][0]}</title>"
        f'<g font-family="sans-serif" font-size="12" text-anchor="middle">{drawn}</g></svg>'
    )


def _plans(outcome: Outcome) -> Iterator[tuple[str, str, Shown]]:
    yield "now", "", outcome.now
    for number, point in enumerate(outcome.points, start=1):
        yield f"point {number}", "" if point.value is None else json.dumps(point.value), point.plan


def _simulated(plan: Shown) -> Iterator[tuple[str, str, int | str, Range]]:
    if (years := plan.simulated) is None:
        return
    for attribute, code in _MEASURES:
        yield "year", code, years.places, getattr(years.measured, attribute)
    for attribute, code in _MEASURES if years.change else ():
        yield "year_change", code, "", getattr(years.change, attribute)


def _median(plan: Shown) -> int | None:
    return None if plan.simulated is None else plan.simulated.measured.median_days.mean


def _amounts(cell: Cell) -> list[Any]:
    names = ("places", "matches", "expected", "hours", "school_euros", "company_euros", "vat_euros", "vat_undecided")
    return [_or_empty(getattr(cell, name)) for name in names]


def _or_empty(number: int | None) -> int | str:
    return "" if number is None else number


def _row(top: int, title: str, bars: Sequence[tuple[str, int | None]]) -> str:
    most = max((number or 0 for _, number in bars), default=0) or 1
    drawn = "".join(_bar(top, place, label, number, most) for place, (label, number) in enumerate(bars))
    return f'<text x="{_LEFT}" y="{top + 16}" text-anchor="start">{title}</text>{drawn}'


def _bar(row: int, place: int, label: str, number: int | None, most: int) -> str:
    high = _HIGH * (number or 0) // most
    left, top = _LEFT + place * (_BAR + _GAP), row + _TOP + _HIGH - high
    middle = left + _BAR // 2
    colour = _COLOURS[place > 0]
    return (
        f'<rect x="{left}" y="{top}" width="{_BAR}" height="{high}" fill="{colour}"/>'
        f'<text x="{middle}" y="{top - 6}">{"?" if number is None else number}</text>'
        f'<text x="{middle}" y="{row + _TOP + _HIGH + 18}">{escape(label[:10])}</text>'
    )
