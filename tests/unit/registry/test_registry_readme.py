"""The README draws the life cycles that the code has, and lists the events that there are."""

from __future__ import annotations

import inspect
from pathlib import Path

from events import PREFIX, CompactedEvent, Event, TypeName
from events import registry as language
from registry import app

README = (Path(inspect.getfile(app)).parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_event_and_every_deadline_is_listed() -> None:
    told = {
        name.name
        for _, kind in inspect.getmembers(language, inspect.isclass)
        if issubclass(kind, Event) and not issubclass(kind, CompactedEvent) and (name := TypeName.parse(kind.type))
    }
    assert PREFIX not in README
    missing = [name for name in told if f"`{name}`" not in README and f"`.{name.partition('.')[2]}`" not in README]
    assert missing == []
    assert [what for what in app.service.deadlines.by_name if f"`{what}`" not in README] == []
