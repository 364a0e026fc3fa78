"""A diagram says what the table says, nothing more and always in the same words."""

from __future__ import annotations

from enum import StrEnum

from common.diagram import mermaid


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    ORANGE = "orange"
    BROKEN = "broken"


NEXT = {
    Light.RED: frozenset({Light.BROKEN, Light.GREEN}),
    Light.GREEN: frozenset({Light.ORANGE}),
    Light.ORANGE: frozenset({Light.RED}),
    Light.BROKEN: frozenset[Light](),
}


def test_a_table_becomes_a_diagram_with_its_beginning_and_its_ends() -> None:
    assert mermaid(NEXT).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> red",
        "    red --> green",
        "    red --> broken",
        "    green --> orange",
        "    orange --> red",
        "    broken --> [*]",
    ]


def test_the_order_is_the_table_s_however_its_sets_are_ordered() -> None:
    assert mermaid({state: sorted(after, reverse=True) for state, after in NEXT.items()}) == mermaid(NEXT)


def test_a_state_that_is_not_in_the_table_is_not_drawn() -> None:
    assert "gone" not in mermaid({"here": {"there", "gone"}, "there": set()})
