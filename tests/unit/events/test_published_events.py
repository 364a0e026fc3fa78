"""What was ever published can still be read: every sample of every version, as today's event."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

import events.catalogue  # noqa: F401 - what is not known would be passed over
from events import PREFIX, TypeName, modernise
from events.registry import ProfileState, VogShown

SAMPLES = sorted((Path(__file__).parents[3] / "docs/events/samples").glob("*.json"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_published_sample_is_read_as_todays_event(sample: Path) -> None:
    event = modernise(f"{PREFIX}{sample.stem}", sample.read_bytes())
    assert event is not None
    published, today = TypeName.parse(f"{PREFIX}{sample.stem}"), TypeName.parse(event.type)
    assert published
    assert today
    assert (published.name, published.version <= today.version) == (today.name, True)


def test_a_certificate_published_with_its_dates_is_read_without_them() -> None:
    (old,) = (sample for sample in SAMPLES if sample.stem == "vog.shown.v1")
    event = modernise(f"{PREFIX}vog.shown.v1", old.read_bytes())
    assert event == VogShown(trainer_id=UUID("b682dc52-b88f-5e8e-9a5c-444b1abb0514"))


def test_a_profile_published_without_roles_wants_any_and_its_company_has_no_place() -> None:
    (old,) = (sample for sample in SAMPLES if sample.stem == "profile.stated.v1")
    event = modernise(f"{PREFIX}profile.stated.v1", old.read_bytes())
    assert isinstance(event, ProfileState)
    assert event.roles == []
    assert (event.company_latitude, event.company_longitude, event.company_region) == (None, None, None)
    assert event.postcode_area == "5611"
