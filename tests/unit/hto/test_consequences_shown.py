"""The page of what follows each event shows every event, and of each all that may follow."""

from __future__ import annotations

import pytest

import events.catalogue
from events import CompactedEvent, Event, name_of
from hto.documents.consequences import page
from notifications.message.model.letter_rules import RULES

EVENTS = {
    name_of(kind.type): kind for kind in events.catalogue.CATALOGUE.values() if kind.__module__.startswith("events.")
}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in page().splitlines() if line.startswith("| `")]
    assert len(lines) == len({line[0] for line in lines}), "an event has one row"
    return {line[0].strip("`"): line[1:] for line in lines}


def test_each_event_has_a_row_also_where_nothing_follows_it(rows: dict[str, list[str]]) -> None:
    assert rows.keys() == EVENTS.keys()
    assert rows["clock.moved"] == ["unchanged", "—", "—"]


def test_each_letter_is_shown_with_the_roles_of_its_recipients(rows: dict[str, list[str]]) -> None:
    shown = {name: row[1] for name, row in rows.items() if row[1] != "—"}
    assert shown.keys() == {name_of(kind.type) for kind in RULES}
    assert shown["hours.reversed"] == "`hours-reversed` to trainer, school"
    assert shown["proposal.declined"] == "`proposal-declined` to trainer, school, company, of these"


def test_all_steps_that_may_follow_are_shown_with_all_their_owners(rows: dict[str, list[str]]) -> None:
    assert rows["vacancy.waiting"][0] == "`help_waiting_vacancy` (desk); `find_candidate` (programme)"
    assert rows["contract.signature.given"][0] == "`sign_contract` (trainer, school, company); unchanged"
    assert rows["flow.redriven"][0] == "`redrive_event` (operator); done"
    assert rows["vacancy.filled"][0] == "done"


def test_an_event_that_is_on_the_feed_shows_its_readers_and_a_state_has_none(rows: dict[str, list[str]]) -> None:
    assert rows["vacancy.posted"][2] == "board, school, location"
    states = [name for name, kind in EVENTS.items() if _is_state(kind)]
    assert {rows[name][2] for name in states} == {"—"}


def _is_state(kind: type[Event]) -> bool:
    return issubclass(kind, CompactedEvent)
