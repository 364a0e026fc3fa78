"""What was ever published can still be read: every golden sample, of every version, becomes today's event."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from events import PREFIX, modernise
from events.catalogue import CATALOGUE
from events.registry import VogShown

SAMPLES: Final = sorted((Path(__file__).parents[3] / "docs/events/samples").glob("*.json"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_every_sample_that_was_published_is_read_as_todays_event(sample: Path) -> None:
    event = modernise(f"{PREFIX}{sample.stem}", sample.read_bytes())
    assert event is not None
    assert type(event) in CATALOGUE.values()


def test_a_certificate_that_was_told_with_its_dates_is_read_without_them() -> None:
    old = next(sample for sample in SAMPLES if sample.stem == "vog.shown.v1")
    event = modernise(f"{PREFIX}vog.shown.v1", old.read_bytes())
    assert event == VogShown(trainer_id=UUID("b682dc52-b88f-5e8e-9a5c-444b1abb0514"))
