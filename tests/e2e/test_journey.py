"""The journey of `hto run` and `hto demo`, on both event logs: every step and every check of it holds."""

from __future__ import annotations

from demo.play import play
from demo.report import Reporter
from tests.e2e.system import System


async def test_one_case_from_vacancy_to_first_lesson(everything: System) -> None:
    notes = Reporter(None)
    held = await play(everything.client, everything.receiver, notes, number=9)
    assert held, [line for line in notes.lines if not line.held]
    assert len(notes.lines) > 40
