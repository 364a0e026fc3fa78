"""Which organisations are a site, and whose."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from events.registry import OrganisationRegistered
from events.words import OrganisationKind
from matching.site.model import Site

HERE, SCHOOL, BOARD = UUID(int=1), UUID(int=2), UUID(int=3)


def published(kind: OrganisationKind, **changes: Any) -> OrganisationRegistered:
    facts: dict[str, Any] = {
        "organisation_id": HERE,
        "kind": kind,
        "board_id": BOARD,
        "school_id": SCHOOL,
        "school_types": [],
        "postcode_area": None,
        "municipality": None,
        "region": "AM01",
        "latitude": 53.2,
        "longitude": 6.5,
        "lending_status": None,
        "education_recognised": False,
    }
    return OrganisationRegistered(**facts | changes)


def test_a_location_is_of_its_school_and_board() -> None:
    site = Site.of(published(OrganisationKind.LOCATION))
    assert site == Site(id=HERE, board_id=BOARD, school_id=SCHOOL, region="AM01", latitude=53.2, longitude=6.5)


def test_a_school_stands_for_its_location_and_for_a_board_that_is_unknown() -> None:
    site = Site.of(published(OrganisationKind.SCHOOL, school_id=None, board_id=None))
    assert site is not None
    assert (site.school_id, site.board_id) == (HERE, HERE)


@pytest.mark.parametrize("kind", sorted(set(OrganisationKind) - {OrganisationKind.SCHOOL, OrganisationKind.LOCATION}))
def test_no_other_organisation_is_a_site(kind: OrganisationKind) -> None:
    assert Site.of(published(kind)) is None
