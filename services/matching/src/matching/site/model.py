"""A site: a location, or a school that has none of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from events.registry import OrganisationFacts
from events.words import OrganisationKind

_SITES: Final = {OrganisationKind.SCHOOL, OrganisationKind.LOCATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a vacancy can be, and whose it is."""

    id: UUID
    board_id: UUID
    """Where no board is known, the institution stands for it."""
    school_id: UUID
    region: str | None
    municipality: str | None = None
    latitude: float | None
    longitude: float | None

    @classmethod
    def of(cls, published: OrganisationFacts) -> Site | None:
        """Copy it from an event; None where work is nowhere, such as at a board or a desk."""
        if published.kind not in _SITES:
            return None
        school_id = published.school_id or published.organisation_id
        return cls(
            id=published.organisation_id,
            board_id=published.board_id or school_id,
            school_id=school_id,
            region=published.region,
            municipality=published.municipality,
            latitude=published.latitude,
            longitude=published.longitude,
        )
