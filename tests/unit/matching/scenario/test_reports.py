"""The result of a scenario as a table and as a drawing."""

from __future__ import annotations

import csv
from dataclasses import replace
from xml.etree import ElementTree as ET

from matching.scenario.model.reports import COLUMNS, as_csv, as_svg
from matching.scenario.model.shown import Outcome, Point, Range
from tests.unit.matching.scenario.scenario_examples import CELL, NOW, OUTCOME, THEN, YEARS

SIMULATED = Point(value=480, plan=replace(THEN, simulated=YEARS))
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
    assert lines[0][4:] == ["40", "20", "", "2000", "100000", "-100000", *[""] * 7]
    assert lines[2][-5:] == ["30", "25", "", "", ""]


def test_simulated_years_have_a_line_per_number_and_per_difference() -> None:
    outcome = replace(OUTCOME, now=replace(NOW, simulated=replace(YEARS, change=None)), points=(SIMULATED,))
    heads, *lines = csv.reader(as_csv(outcome).splitlines())
    assert {len(line) for line in lines} == {len(heads)}
    found = {(line[0], line[2], line[3]): [line[4], *line[-3:]] for line in lines}
    assert found["now", "year", "filled"] == ["40", "30", "25", "35"]
    assert found["point 1", "year", "medianDays"] == ["40", "9", "8", "10"]
    assert found["point 1", "year_change", "filled"] == ["", "-5", "-10", ""]
    assert found["point 1", "year", "askedInVain"] == ["40", "", "", ""]
    assert [each for each in found if each[:2] == ("now", "year_change")] == []
    assert len([each for each in found if each[:2] == ("point 1", "year_change")]) == 6


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


def test_a_drawing_of_simulated_years_has_a_second_row_with_the_days_to_fill() -> None:
    slow = replace(YEARS, measured=replace(YEARS.measured, median_days=Range(mean=18)))
    drawn = ET.fromstring(
        as_svg(replace(OUTCOME, now=replace(NOW, simulated=slow), points=(SIMULATED, Point(plan=THEN))))
    )
    bars = [*drawn.iter(f"{SVG}rect")]
    assert [int(bar.attrib["height"]) for bar in bars] == [240, 240, 240, 240, 120, 0]
    assert {int(bar.attrib["y"]) + int(bar.attrib["height"]) for bar in bars} == {280, 600}
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    assert {"18", "9", "?"} <= {*texts}
    assert any(text is not None and text.startswith("Simulated") for text in texts)
