"""The page of slices shows those of every service in their order, and what begins each."""

from __future__ import annotations

from hto.documents.slices import page
from hto.services import all_services


def test_every_slice_is_shown_in_its_order_with_what_it_is() -> None:
    rows = [line.strip("| ").split(" | ") for line in page(all_services()).splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows] == [f"`{each.name}`" for found in all_services() for each in found.slices]
    assert all(row[1] for row in rows)


def test_a_slice_shows_what_begins_it() -> None:
    shown = page(all_services())
    assert "| `trainer` | A trainer with what they offer and hold, from the application" in shown
    assert "every personal trace | HTTP, events, time |" in shown
    assert "| `engagement` | Signed contracts, as contracts published them: they take places" in shown
