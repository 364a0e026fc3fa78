"""From a vacancy as registry publishes it to the opening that a ranking reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.registry import VacancyFacts
from matching.profile.model.distance import Place
from matching.profile.model.published import week_of
from matching.vacancy.model.opening import Opening
from rules.dates import months_spanned

if TYPE_CHECKING:
    from datetime import date


def facts_of(event: VacancyFacts) -> VacancyFacts:
    """Return what a school asks, whichever event said it."""
    return VacancyFacts(**{name: getattr(event, name) for name in VacancyFacts.model_fields})


def opening_of(facts: VacancyFacts) -> Opening | None:
    """Return what a ranking knows of a vacancy; None where the place is not known, so that no distance can be measured.

    Raises:
        Invalid: numbers that make no vacancy.
    """
    if facts.latitude is None or facts.longitude is None:
        return None
    return Opening(
        vacancy_id=facts.vacancy_id,
        board_id=facts.board_id,
        school_id=facts.school_id,
        location_id=facts.location_id,
        school_type=facts.school_type,
        role=facts.role,
        subject=facts.subject,
        upper_years=facts.upper_years,
        minutes_per_week=facts.minutes_per_week,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        months=None if facts.ends_on is None else months_between(facts.starts_on, facts.ends_on),
        roster=week_of(facts.roster) if facts.roster else None,
        places=facts.places,
        supervised=facts.supervisor_id is not None,
        forms=tuple(facts.forms),
        place=Place.at(facts.latitude, facts.longitude),
        language=facts.language,
        structural=facts.structural,
        region=facts.region,
        municipality=facts.municipality,
        days_without_lessons=tuple(facts.days_without_lessons),
    )


def months_between(first: date, last: date) -> int:
    """Count the months that a period touches: at least one."""
    return months_spanned(first, last)
