"""From a trainer as registry publishes them to the profile that a ranking reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matching.profile.model.distance import Place
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.week import DAY, DAYS, WEEK, Slot, Week
from rules.qualification import Credential, Held

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, time

    from events import words
    from events.registry import ProfileState
    from events.words import HeldQualification


def profile_of(state: ProfileState, *, minutes_taken: int, day: date) -> Profile:
    """Return what a ranking of ``day`` knows of a trainer; ``minutes_taken`` is what matching itself has agreed.

    Raises:
        Invalid: numbers that fit into no week.
    """
    days = frozenset(state.company_days)
    at_work = state.company_id is not None and state.company_minutes_per_week and days
    return Profile(
        trainer_id=state.trainer_id,
        paused=state.status != "available",
        consented=consents_on(state, day),
        subjects=frozenset(state.trades),
        shortage_trade=state.shortage_trade,
        school_types=frozenset(state.school_types),
        forms=tuple(state.forms),
        availability=week_of(state.availability),
        minutes_taken=min(minutes_taken, WEEK),
        minutes_per_week=state.desired_minutes_per_week or None,
        months=state.desired_months,
        place=Place.at(state.latitude, state.longitude),
        postcode_area=state.postcode_area,
        travel_limit_km=state.travel_km,
        languages=frozenset(state.languages),
        held=tuple(_held(state)),
        experience_years=state.experience_years,
        vog_issued_on=state.vog_issued_on,
        company_id=state.company_id,
        # A company that has not agreed has not refused: it is asked with the proposal.
        company_agreed=True if state.company_id and state.employer_agreed else None,
        company_hours=CompanyHours(minutes_per_week=state.company_minutes_per_week, weekdays=days) if at_work else None,
    )


def consents_on(state: ProfileState, day: date) -> bool:
    """Whether the trainer agrees, on that day, to be in the talent pool."""
    return state.consent_until is not None and day <= state.consent_until


def week_of(slots: Iterable[words.Slot]) -> Week:
    """Return a weekly pattern; what crosses midnight becomes two stretches."""
    return Week(tuple(part for slot in slots for part in _within_days(slot)))


def _within_days(slot: words.Slot) -> Iterator[Slot]:
    start, end = _minutes(slot.starts), _minutes(slot.ends)
    if start < end:
        yield Slot(weekday=slot.day, start=start, end=end)
        return
    yield Slot(weekday=slot.day, start=start, end=DAY)
    if end:
        yield Slot(weekday=slot.day % DAYS + 1, start=0, end=end)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _held(state: ProfileState) -> Iterator[Held]:
    for qualification in state.qualifications:
        if qualification.verified and qualification.code in _CREDENTIALS:
            yield _credential(qualification)
    if state.in_training:
        yield Held(credential=Credential.IN_TRAINING)


def _credential(qualification: HeldQualification) -> Held:
    return Held(
        credential=Credential(qualification.code),
        subjects=frozenset({qualification.subject} if qualification.subject else ()),
        expires_on=qualification.valid_until,
    )


_CREDENTIALS: Final = frozenset(Credential)
"""A code that no rule asks for says nothing here."""
