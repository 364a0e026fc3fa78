"""A life cycle is its table: what follows, what is refused and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

import pytest

from common.errors import Conflict
from common.lifecycle import LifeCycle
from events.registry import TrainerPaused


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    ORANGE = "orange"
    BROKEN = "broken"


class NotPossible(Conflict):
    """A light that is {status} cannot become {wanted}."""


CYCLE = LifeCycle(
    NotPossible,
    {Light.RED: {Light.BROKEN, Light.GREEN}, Light.ORANGE: {Light.RED}, Light.GREEN: {Light.ORANGE}},
)


@dataclass(frozen=True, slots=True)
class Lamp:
    status: Light
    blinks: bool = False


def test_a_step_of_the_table_changes_state_and_fields_and_hands_on_its_events() -> None:
    event = TrainerPaused(trainer_id=uuid4())
    assert CYCLE.become(Lamp(Light.RED), Light.GREEN, event, blinks=True) == (Lamp(Light.GREEN, blinks=True), [event])


@pytest.mark.parametrize("wanted", [Light.RED, Light.ORANGE])
def test_another_step_is_refused_in_the_words_of_the_aggregate(wanted: Light) -> None:
    with pytest.raises(NotPossible, match=rf"A light that is red cannot become {wanted}\.") as refused:
        CYCLE.become(Lamp(Light.RED), wanted)
    assert refused.value.facts == {"status": "red", "wanted": wanted.value}


def test_a_step_may_ask_for_the_states_that_it_begins_in() -> None:
    CYCLE.must_be(Lamp(Light.RED), Light.RED, Light.GREEN, wanted="repaired")
    with pytest.raises(NotPossible, match=r"A light that is broken cannot become repaired\."):
        CYCLE.must_be(Lamp(Light.BROKEN), Light.RED, Light.GREEN, wanted="repaired")


def test_the_diagram_has_its_beginning_its_ends_and_the_order_of_the_enum() -> None:
    assert CYCLE.diagram().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> red",
        "    red --> green",
        "    red --> broken",
        "    green --> orange",
        "    orange --> red",
        "    broken --> [*]",
    ]
