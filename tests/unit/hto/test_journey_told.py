"""How the journey reads: for people on a terminal, and as a document for machines."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.console import Console

from demo.report import Line, Reporter


def line(number: int, *, held: bool = True, case: str | None = None, what: str | None = None) -> Line:
    return Line(
        number=number,
        step=f"Step {number}",
        case=case,
        event="vacancy.posted" if case else None,
        held=held,
        what=what,
        at="2026-10-05T07:00:00+00:00",
        seconds=0.25,
    )


def written(*lines: Line, held: bool) -> str:
    paper = io.StringIO()
    reporter = Reporter(Console(file=paper, width=200, highlight=False))
    reporter.scene("A scene")
    for one in lines:
        reporter.step(one)
    reporter.time_is(datetime(2026, 10, 5, 7, tzinfo=UTC))
    reporter.over(held=held, seconds=12.34)
    return paper.getvalue()


def test_each_step_has_its_case_its_event_and_how_long_it_took() -> None:
    text = written(line(1, case="01a1-one"), line(2, case="01a1-one"), line(3, case="01a1-two"), held=True)
    assert text.count("case 01a1-one") == 1, "a case is named where it begins"
    assert text.count("case 01a1-two") == 1
    assert text.count("vacancy.posted") == 3
    assert text.count("0.25 s") == 3
    assert "it is Monday 05 October 2026, 09:00" in text
    assert "All 3 steps held, in 12.3 s." in text


def test_the_step_that_failed_is_named_with_its_reason() -> None:
    text = written(line(1), line(2, held=False, what="a [reason] with brackets"), held=False)
    assert "a [reason] with brackets" in text
    assert "Step 2 failed: Step 2" in text


def test_machines_get_the_same_steps() -> None:
    reporter = Reporter(None)
    reporter.step(line(1, case="01a1", what="checked"))
    reporter.over(held=True, seconds=1.0)
    assert reporter.document(held=True) == {
        "held": True,
        "seconds": 1.0,
        "steps": [
            {
                "number": 1,
                "step": "Step 1",
                "case": "01a1",
                "event": "vacancy.posted",
                "held": True,
                "what": "checked",
                "at": "2026-10-05T07:00:00+00:00",
                "seconds": 0.25,
            }
        ],
    }
