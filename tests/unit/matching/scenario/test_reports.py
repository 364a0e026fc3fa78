"""The result of a scenario as a table and as a drawing."""

from __future__ import annotations

import csv
from dataclasses import replace
from xml.etree import ElementTree as ET

from matching.scenario.model.reports import COLUMNS, as_csv, as_svg
from matching.scenario.model.shown import Outcome, Point
from tests.unit.matching.scenario.scenario_examples import CELL, NOW, OUTCOME, THEN

SVG = "{http://www.w3.org/2000/svg}"


def test_a_table_has_a_line_per_plan_group_and_rule() -> None:
    heads, *lines = csv.reader(as_csv(OUTCOME).splitlines())
    assert tuple(heads) == COLUMNS
    assert {len(line) for line in lines} == {len(COLUMNS)}
    assert [line[:4] for line in lines] == [
        ["now", "", "total", ""],
        ["now", "", "region", "AM13"],
        ["now", "", "rule", "ELIGIBILITY"],
        ["point 1", "480", "total", ""],
    ]
    assert lines[0][4:] == ["40", "20", "", "2000", "100000", "-100000", "", "", "", ""]
    assert lines[2][-2:] == ["30", "25"]


def test_a_text_that_was_swept_cannot_become_a_formula() -> None:
    outcome = replace(OUTCOME, points=(Point(value="=1+1", plan=THEN),))
    assert [line[1] for line in csv.reader(as_csv(outcome).splitlines())][-1] == '"=1+1"'


def test_a_drawing_has_a_bar_per_plan_as_high_as_its_matches() -> None:
    half = replace(NOW, total=replace(CELL, matches=10))
    hidden = replace(NOW, total=replace(CELL, matches=None))
    outcome = Outcome(now=NOW, points=(Point(value="<&>", plan=half), Point(plan=hidden)))
    drawn = ET.fromstring(as_svg(outcome))
    assert [int(bar.attrib["height"]) for bar in drawn.iter(f"{SVG}rect")] == [240, 120, 0]
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    assert {"20", "10", "?", "now", '"<&>"', "point 2"} <= {*texts}


def test_a_drawing_without_any_match_has_no_height() -> None:
    hidden = replace(NOW, total=replace(CELL, matches=None))
    drawn = ET.fromstring(as_svg(Outcome(now=hidden, points=())))
    assert [bar.attrib["height"] for bar in drawn.iter(f"{SVG}rect")] == ["0"]
