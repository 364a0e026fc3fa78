"""The result of a scenario as a table (CSV) and as a drawing (SVG): the same rounded numbers."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matching.scenario.model.shown import Cell, Outcome, Shown

COLUMNS: Final = (
    "plan", "value", "by", "code", "places", "matches", "expected", "hours", "schoolEuros", "companyEuros", "vatEuros",
    "vatUndecided", "pairs", "alone",
)  # fmt: skip
_BAR, _GAP, _TOP, _HIGH, _LEFT = 48, 16, 40, 240, 16
_COLOURS: Final = ("#5b6770", "#154273")


def as_csv(outcome: Outcome) -> str:
    """Return a line per plan and group, and one per rule; what is too small to be shown is empty."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for name, value, plan in _plans(outcome):
        writer.writerow([name, value, "total", "", *_amounts(plan.total), "", ""])
        for each in plan.groups:
            writer.writerow([name, value, each.by, each.code, *_amounts(each.amounts), "", ""])
        for rule in plan.bindings:
            writer.writerow([name, value, "rule", rule.rule, *[""] * 8, _or_empty(rule.pairs), _or_empty(rule.alone)])
    return text.getvalue()


def as_svg(outcome: Outcome) -> str:
    """Return bars of the matches of each plan; a number too small to be shown has no bar."""
    bars = [(value or name, plan.total.matches) for name, value, plan in _plans(outcome)]
    most = max((matches or 0 for _, matches in bars), default=0)
    width = 2 * _LEFT + len(bars) * (_BAR + _GAP)
    title = "Matches now and under the change"
    drawn = "".join(_bar(number, label, matches, most or 1) for number, (label, matches) in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {_TOP + _HIGH + 40}">'
        f"<title>{title}</title>"
        f'<g font-family="sans-serif" font-size="12" text-anchor="middle">'
        f'<text x="{_LEFT}" y="16" text-anchor="start">{title}</text>{drawn}</g></svg>'
    )


def _plans(outcome: Outcome) -> Iterator[tuple[str, str, Shown]]:
    yield "now", "", outcome.now
    for number, point in enumerate(outcome.points, start=1):
        yield f"point {number}", "" if point.value is None else json.dumps(point.value), point.plan


def _amounts(cell: Cell) -> list[Any]:
    names = ("places", "matches", "expected", "hours", "school_euros", "company_euros", "vat_euros", "vat_undecided")
    return [_or_empty(getattr(cell, name)) for name in names]


def _or_empty(number: int | None) -> int | str:
    return "" if number is None else number


def _bar(number: int, label: str, matches: int | None, most: int) -> str:
    high = _HIGH * (matches or 0) // most
    left, top = _LEFT + number * (_BAR + _GAP), _TOP + _HIGH - high
    middle = left + _BAR // 2
    colour = _COLOURS[number > 0]
    return (
        f'<rect x="{left}" y="{top}" width="{_BAR}" height="{high}" fill="{colour}"/>'
        f'<text x="{middle}" y="{top - 6}">{"?" if matches is None else matches}</text>'
        f'<text x="{middle}" y="{_TOP + _HIGH + 18}">{escape(label[:10])}</text>'
    )
