"""The README draws the life cycles that the code has, and lists the events and deadlines that there are."""

from __future__ import annotations

import inspect
from pathlib import Path

from contracts import app
from events import Event, TypeName
from events import contracts as language

README = (Path(inspect.getfile(app)).parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_event_and_every_deadline_is_listed() -> None:
    told = {
        name.name
        for _, kind in inspect.getmembers(language, inspect.isclass)
        if issubclass(kind, Event) and (name := TypeName.parse(kind.type))
    }
    assert [name for name in told if f"`{name}`" not in README] == []
    assert [what for what in app.service.deadlines.by_name if f"`{what}`" not in README] == []
    heard = {TypeName.parse(type_) for type_ in (*app.service.handlers.single, *app.service.handlers.bulk_by_type)}
    events = {name.name for name in heard if name} - {"profile.stated", "contact.stated"}
    assert [name for name in events if f"`{name}`" not in README] == []
