"""A place of a vacancy is taken until its contract falls away."""

from __future__ import annotations

from datetime import date

from registry.engagement.model import all_over, places_taken
from tests.unit.registry.registry_examples import engagement

RUNNING = engagement()
OVER = engagement(ended_on=date(2026, 7, 1))
DISSOLVED = engagement(ended_on=date(2026, 7, 20), fell_away=True)


def test_a_place_is_taken_until_its_contract_falls_away() -> None:
    assert places_taken([RUNNING, OVER, DISSOLVED]) == 2
    assert not all_over([RUNNING, OVER])
    assert all_over([OVER, DISSOLVED])
