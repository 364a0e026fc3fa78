"""The README names the deadlines that there are; events are on the generated page of consequences."""

from __future__ import annotations

import inspect
from pathlib import Path

from registry import app

README = (Path(inspect.getfile(app)).parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_deadline_is_listed() -> None:
    assert [what for what in app.service.deadlines.by_name if f"`{what}`" not in README] == []
