"""From a trainer as registry publishes them to the profile that a ranking reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from events.registry import ProfileState
from matching.profile.model.absence import Absence
from matching.profile.model.distance import Place
from matching.profile.model.profile import CompanyHours, Profile
from matching.profile.model.quiet import is_quiet
from matching.profile.model.week import DAY, DAYS, Slot, Week
from rules.qualification import Credential, Held

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date, time

    from events import words
    from events.words import HeldQualification
    from matching.profile.model.engagement import Engagement


def profile_of(
    state: ProfileState, *, engagements: Collection[Engagement], day: date, asked_on: date | None = None
) -> Profile:
    """Return what a ranking of ``day`` knows of a trainer; ``engagements`` and ``asked_on`` are of matching itself.

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
        school_types=frozenset(state.school_types),
        roles=frozenset(state.roles),
        forms=tuple(state.forms),
        availability=week_of(state.availability),
        engagements=tuple(sorted(engagements, key=lambda each: each.proposal_id)),
        asked_on=asked_on,
        minutes_per_week=state.desired_minutes_per_week or None,
        months=state.desired_months,
        place=Place.at(state.latitude, state.longitude),
        postcode_area=state.postcode_area,
        travel_limit_km=state.travel_km,
        languages=frozenset(state.languages),
        held=tuple(_held(state)),
        experience_years=state.experience_years,
        quiet_weeks=frozenset(state.quiet_weeks),
        quiet=is_quiet(day, state.quiet_weeks),
        vog_issued_on=state.vog_issued_on,
        company_id=state.company_id,
        # A company that has not agreed has not refused: it is asked with the proposal.
        company_agreed=True if state.company_id and state.employer_agreed else None,
        company_hours=CompanyHours(minutes_per_week=state.company_minutes_per_week, weekdays=days) if at_work else None,
        employer_minutes=None if state.company_id is None else state.employer_minutes_per_week,
        company_place=_company_place(state),
        region=state.region,
        company_region=state.company_region,
        absences=tuple(sorted(Absence(first_day=each.from_, last_day=each.until) for each in state.absences)),
        company_size=state.company_size,
    )


def state_of(row: Mapping[str, Any]) -> ProfileState:
    """Read a stored state, also one that was stored before the newest fields were there."""
    return ProfileState.model_validate({**_NEWEST, **row}, strict=False)


def row_of(state: ProfileState) -> dict[str, Any]:
    """Return a state as it is stored: without the newest fields where they hold nothing.

    A process of the version before can then read it, and a state that comes again is the same row as before.
    """
    row = state.model_dump(mode="json", by_alias=True)
    return {name: value for name, value in row.items() if name not in _NEWEST or value != _NEWEST[name]}


def _company_place(state: ProfileState) -> Place | None:
    if state.company_id is None or state.company_latitude is None or state.company_longitude is None:
        return None
    return Place.at(state.company_latitude, state.company_longitude)


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


_NEWEST: Final[Mapping[str, Any]] = {
    "roles": [],
    "companyLatitude": None,
    "companyLongitude": None,
    "companyRegion": None,
    "companySize": None,
    "employerMinutesPerWeek": None,
    "quietWeeks": [],
    "absences": [],
}
"""What a state of the version before lacks, and what it means there."""
_CREDENTIALS: Final = frozenset(Credential)
"""A code that no rule asks for says nothing here."""
