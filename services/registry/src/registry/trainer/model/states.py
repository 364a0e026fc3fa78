"""The states of a trainer on the restricted topics: the contact, and the pseudonymous profile."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, Final, Literal

from events.registry import ContactState, ProfileState
from events.words import HeldQualification, Party
from registry.organisation.model import Organisation
from registry.trainer.model.profile import Profile
from registry.trainer.model.trainer import AVAILABLE, INTAKE, PAUSED, Status, Trainer


def contact_state(trainer: Trainer) -> ContactState | None:
    """Return how the person is addressed; None once forgotten."""
    if trainer.person is None:
        return None
    return ContactState(
        party_id=trainer.id,
        party=Party.TRAINER,
        name=trainer.person.name,
        contact_name=trainer.person.name,
        email=trainer.person.email,
        language=trainer.person.language,
        company_id=trainer.company_id,
    )


def profile_state(
    trainer: Trainer,
    company: Organisation | None,
    qualifications: Collection[HeldQualification],
    shortage_trades: Collection[str],
) -> ProfileState | None:
    """Return the offer; None while there is none for others to see. ``company`` is the trainer's own, if any."""
    place = trainer.place
    if trainer.status not in _SHOWN or trainer.profile is None or place is None:
        return None
    return ProfileState(
        trainer_id=trainer.id,
        status=_SHOWN[trainer.status],
        company_id=trainer.company_id,
        employer_agreed=trainer.employer_agreed,
        postcode_area=place.postcode_area,
        region=place.region,
        latitude=place.latitude,
        longitude=place.longitude,
        company_latitude=company.latitude if company else None,
        company_longitude=company.longitude if company else None,
        company_region=company.region if company else None,
        company_size=company.size if company else None,
        employer_minutes_per_week=trainer.employer_minutes,
        qualifications=list(qualifications),
        vog_issued_on=trainer.vog.issued_on if trainer.vog else None,
        vog_shown_on=trainer.vog.shown_on if trainer.vog else None,
        shortage_trade=not set(shortage_trades).isdisjoint(trainer.profile.trades),
        consent_until=trainer.consent_until,
        **{name: _listed(getattr(trainer.profile, name)) for name in _OFFERED},
    )


_SHOWN: Final[Mapping[Status, Literal["intake", "available", "paused"]]] = {
    INTAKE: "intake",
    AVAILABLE: "available",
    PAUSED: "paused",
}
_OFFERED: Final = tuple(field.name for field in fields(Profile))


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
